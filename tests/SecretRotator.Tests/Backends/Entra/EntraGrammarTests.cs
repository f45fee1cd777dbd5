using SecretRotator.Providers.Backends.Entra;
using SecretRotator.Tests.Configuration;

namespace SecretRotator.Tests.Backends.Entra;

public sealed class EntraGrammarTests
{
    private const string Application = "5f0c2e1a-8b7d-4c3e-9a61-2d4f6b8c0e13";

    [Fact]
    public void The_application_is_enough() => Read($"application: {Application}").Should()
        .Be(new EntraDefinition(null, Application, "secretId", "clientSecret", null) { DeleteAfter = Duration.Zero });

    [Fact]
    public void It_may_say_more() =>
        Read($"application: {Application.ToUpperInvariant()}, tenant: acme.onmicrosoft.com, id-field: id, secret-field: key, lifetime: 90d")
            .Should().Be(
                new EntraDefinition("acme.onmicrosoft.com", Application, "id", "key", Duration.FromDays(90))
                {
                    DeleteAfter =
                    Duration.Zero
                });

    [Theory]
    [InlineData("application: my-app", "is not the id of an application")]
    [InlineData($"application: {Application}, tenant: \"a/b\"", "is not a tenant")]
    [InlineData($"application: {Application}, lifetime: 12h", "must lie between one day and 10 years")]
    [InlineData($"application: {Application}, lifetime: soon", "is not a period")]
    [InlineData($"application: {Application}, delete-after: 1d", "Unknown key \"delete-after\"")]
    [InlineData($"application: {Application}, id-field: clientSecret", "both name the field \"clientSecret\"")]
    public void What_is_wrong_is_told(string keys, string problem) =>
        SampleInventory.Problems(Text(keys)).Should().ContainSingle().Which.Should().Contain(problem);

    // 30 days between rotations, 6 hours of grace.
    [Theory]
    [InlineData("30d", false)]
    [InlineData("P30DT6H", false)]
    [InlineData("P30DT7H", true)]
    public void A_secret_outlives_its_period_and_its_grace(string lifetime, bool isRight)
    {
        var problems = SampleInventory.Problems(Text($"application: {Application}, lifetime: {lifetime}"));

        if (isRight)
            problems.Should().BeEmpty();
        else
            problems.Should().ContainSingle().Which.Should().Contain("would end before the next one has taken its place");
    }

    private static EntraDefinition Read(string keys)
    {
        var result = SampleInventory.Read(Text(keys));
        result.Problems.Select(problem => problem.ToString()).Should().BeEmpty();
        return (EntraDefinition)result.Inventory!.Secrets[0].Backend!;
    }

    private static string Text(string keys) => SampleInventory.With(
        "{ kind: password }\n    targets:\n      - { repository: payments-api, variable: DB_PASSWORD }\n    consumer: reads-from-vault",
        $"{{ kind: issued }}\n    backend: {{ kind: entra-application-secret, {keys} }}\n    targets:\n"
            + "      - { repository: payments-api, variable: DB_PASSWORD, field: clientSecret }");
}
