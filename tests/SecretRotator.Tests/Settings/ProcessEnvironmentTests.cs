using SecretRotator.Providers;
using SecretRotator.Settings;

namespace SecretRotator.Tests.Settings;

public sealed class ProcessEnvironmentTests : IDisposable
{
    private static readonly string[] Secrets =
    [
        "SECRET_ROTATOR__SIGNING__KEY", "secret_rotator__azure__clientSecret", "AZURE_CLIENT_SECRET", "BITBUCKET_ACCESS_TOKEN",
        "BITBUCKET_API_TOKEN",
        "BITBUCKET_OAUTH_CLIENT_SECRET", "BITBUCKET_STEP_OIDC_TOKEN",
    ];

    [Fact]
    public void A_program_that_a_library_starts_inherits_no_secret_of_this_one()
    {
        foreach (var name in Secrets)
            Environment.SetEnvironmentVariable(name, "worthless-38ae");
        Environment.SetEnvironmentVariable("SECRET_ROTATOR__PARALLELISM", "3");

        var taken = ProcessEnvironment.Take(VaultProviders.All);

        taken.Should().Contain(Secrets.Select(name => KeyValuePair.Create(name, "worthless-38ae"))).And
            .Contain("SECRET_ROTATOR__PARALLELISM", "3");
        // What a process started here would get (ProcessStartInfo copies it).
        new System.Diagnostics.ProcessStartInfo("none").Environment
            .Should().NotContainKeys(Secrets).And
            .ContainKey("SECRET_ROTATOR__PARALLELISM");
    }

    [Fact]
    public void The_environment_can_not_choose_a_credential_of_Azure_that_the_settings_leave_out()
    {
        Environment.SetEnvironmentVariable("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential");

        ProcessEnvironment.Take(VaultProviders.All);

        new System.Diagnostics.ProcessStartInfo("none").Environment.Should().NotContainKey("AZURE_TOKEN_CREDENTIALS");
    }

    public void Dispose()
    {
        foreach (var name in Secrets.Append("SECRET_ROTATOR__PARALLELISM").Append("AZURE_TOKEN_CREDENTIALS"))
            Environment.SetEnvironmentVariable(name, null);
    }
}
