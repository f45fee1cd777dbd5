using SecretRotator.Providers;
using SecretRotator.Providers.Google;
using SecretRotator.Settings;

namespace SecretRotator.Tests.Providers.Google;

public sealed class GoogleSettingsTests
{
    private const string Provider = "SECRET_ROTATOR__GOOGLE__WORKLOADIDENTITYPROVIDER";

    [Fact]
    public void Without_any_the_services_of_Google_are_called_and_the_machine_is_asked_last()
    {
        var settings = Read();

        settings.Should().BeEquivalentTo(new
        {
            WorkloadIdentityProvider = (string?)null,
            ServiceAccount = (string?)null,
            CredentialsPath = (string?)null,
            WellKnownPath = (string?)null,
            MetadataServer = new Uri("http://metadata.google.internal/"),
            StsEndpoint = new Uri("https://sts.googleapis.com/"),
            IamCredentialsEndpoint = new Uri("https://iamcredentials.googleapis.com/"),
            OAuthEndpoint = new Uri("https://oauth2.googleapis.com/token"),
        });
    }

    [Theory]
    [InlineData("HOME", "/home/ada", "/home/ada/.config/gcloud/application_default_credentials.json")]
    [InlineData("CLOUDSDK_CONFIG", "/etc/gcloud", "/etc/gcloud/application_default_credentials.json")]
    public void A_login_with_gcloud_is_where_gcloud_keeps_it(string variable, string value, string path) =>
        Read((variable, value)).WellKnownPath.Should().Be(Path.GetFullPath(path));

    [Fact]
    public void Google_s_own_variables_count() =>
        Read(("GOOGLE_APPLICATION_CREDENTIALS", "/run/adc.json"), ("GCE_METADATA_HOST", "169.254.169.254:8080")).Should()
            .Match<GoogleSettings>(s => s.CredentialsPath == "/run/adc.json"
                && s.MetadataServer == new Uri("http://169.254.169.254:8080/"));

    [Theory]
    [InlineData(Provider, "projects/acme-prod/locations/global/workloadIdentityPools/bitbucket/providers/bitbucket")]
    [InlineData(Provider, "projects/1/locations/global/workloadIdentityPools/bitbucket/providers/bitbucket/../x")]
    [InlineData("SECRET_ROTATOR__GOOGLE__SERVICEACCOUNT", "ada@acme.example")]
    [InlineData("SECRET_ROTATOR__GOOGLE__SERVICEACCOUNT", "x@acme.iam.gserviceaccount.com:generateAccessToken?y")]
    [InlineData("SECRET_ROTATOR__ENDPOINTS__GOOGLESTS", "http://sts.example/")]
    [InlineData("GCE_METADATA_HOST", "ada@metadata.example/x")]
    public void What_can_not_be_right_is_refused_by_its_name(string name, string value) =>
        FluentActions.Invoking(() => Read((name, value))).Should().Throw<UsageException>().Which.Problems.Should().ContainSingle()
            .Which.Message.Should().Contain(name);

    private static GoogleSettings Read(params (string Name, string Value)[] variables) =>
        SettingsReader.Read(
            directory: null, variables.ToDictionary(each => each.Name, each => each.Value, StringComparer.Ordinal),
            new Dictionary<string, string?>(), VaultProviders.All).Providers.SettingsOf<GoogleSettings>();
}
