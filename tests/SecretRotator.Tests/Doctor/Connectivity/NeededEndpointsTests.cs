using SecretRotator.Configuration;
using SecretRotator.Doctor.Connectivity;
using SecretRotator.Notifications;
using SecretRotator.Providers;
using SecretRotator.Settings;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Doctor.Connectivity;

public sealed class NeededEndpointsTests
{
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    [Fact]
    public void The_vendors_addresses_are_those_of_the_inventory_s_regions_and_vaults() => Addresses().Should().BeEquivalentTo(
        "https://api.bitbucket.org",
        "https://secretsmanager.eu-west-1.amazonaws.com",
        "https://sts.eu-west-1.amazonaws.com",
        "https://secretsmanager.eu-central-1.amazonaws.com",
        "https://sts.eu-central-1.amazonaws.com",
        "https://acme-prod.vault.azure.net",
        "https://login.microsoftonline.com");

    [Fact]
    public void Settings_go_before_the_vendors()
    {
        _environment["SECRET_ROTATOR__ENDPOINTS__BITBUCKET"] = "https://bitbucket.acme.example/2.0";
        _environment["SECRET_ROTATOR__ENDPOINTS__AZURE__AZURE"] = "https://vault.acme.example/";

        Addresses()
            .Should().Contain("https://bitbucket.acme.example").And
            .Contain("https://vault.acme.example").And
            .NotContain("https://api.bitbucket.org");
    }

    [Fact]
    public void An_OAuth_consumer_needs_its_token_endpoint()
    {
        _environment["BITBUCKET_OAUTH_CLIENT_ID"] = "id";
        _environment["BITBUCKET_OAUTH_CLIENT_SECRET"] = "worthless";

        Addresses().Should().Contain("https://bitbucket.org");
    }

    [Fact]
    public void Evidence_in_a_bucket_and_telemetry_need_theirs()
    {
        _environment["SECRET_ROTATOR__EVIDENCE"] = "s3://acme-evidence/x";
        _environment["AWS_REGION"] = "eu-north-1";
        _environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "https://telemetry.acme.example";

        Addresses().Should().Contain("https://s3.eu-north-1.amazonaws.com").And.Contain("https://telemetry.acme.example");
    }

    [Fact]
    public void Slack_and_mail_servers_are_known_and_the_hosts_in_vaults_are_not()
    {
        var inventory = InventoryFile.Read(RepositoryFiles.Sample, InventoryKinds.All).Inventory!;
        _environment["SECRET_ROTATOR__CONNECTTO"] = "smtp.acme.example:465=127.0.0.1:4650";
        VaultReference url = new("prod", "n", null);

        Addresses(inventory with
        {
            Receivers =
            [
                new NotificationReceiver.Slack("a", [], url),
                new NotificationReceiver.Teams("b", [], url),
                new NotificationReceiver.Email("c", [], "smtp.acme.example", 465, true, "a@b", ["c@d"]),
            ],
        }).Except(Addresses(inventory)).Should().Equal("https://hooks.slack.com", "tcp://127.0.0.1:4650");
    }

    [Fact]
    public void Without_an_inventory_Bitbucket_is_left() => Addresses(null).Should().Equal("https://api.bitbucket.org");

    private List<string> Addresses() => Addresses(InventoryFile.Read(RepositoryFiles.Sample, InventoryKinds.All).Inventory);

    private List<string> Addresses(RotationInventory? inventory)
    {
        var settings = SettingsReader.Read(
            directory: null, _environment, new Dictionary<string, string?>(StringComparer.Ordinal), VaultProviders.All);
        return [.. NeededEndpoints.Of(settings, inventory).Select(endpoint => endpoint.Address.GetLeftPart(UriPartial.Authority))];
    }
}
