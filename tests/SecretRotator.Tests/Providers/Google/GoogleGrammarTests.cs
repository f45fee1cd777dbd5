using SecretRotator.Configuration;
using SecretRotator.Providers.Google;
using SecretRotator.Tests.Configuration;

namespace SecretRotator.Tests.Providers.Google;

public sealed class GoogleGrammarTests
{
    [Fact]
    public void A_vault_has_a_project_and_maybe_a_location()
    {
        Read("project: acme-prod").Should().Be(new GoogleVaultDefinition("google", "acme-prod", null));
        Read("project: acme-prod, location: europe-west1").Should().Be(new GoogleVaultDefinition("google", "acme-prod", "europe-west1"));
    }

    [Theory]
    [InlineData("project: Acme", "is not the id of a Google Cloud project")]
    [InlineData("project: \"123456789\"", "is not the id of a Google Cloud project")]
    [InlineData("project: acme-prod, location: europe", "is not a region of Google Cloud")]
    [InlineData("project: acme-prod, location: evil.example/x-1", "is not a region of Google Cloud")]
    [InlineData("location: europe-west1", "The key \"project\" is missing in a Google vault")]
    [InlineData("project: acme-prod, path: bad/name", "can't be the name of a secret in Google Secret Manager")]
    public void What_is_wrong_is_told(string keys, string problem) =>
        ProblemsOf(keys).Should().Contain(found => found.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void Regional_secrets_have_an_address_and_names_of_their_own()
    {
        var regional = new GoogleVaultDefinition("google", "acme-prod", "europe-west1");

        regional.Address.Should().Be(new Uri("https://secretmanager.europe-west1.rep.googleapis.com/"));
        regional.PlaceOf("db").Should().Be("projects/acme-prod/locations/europe-west1/secrets/db");
        (regional with { Location = null }).PlaceOf("db").Should().Be("projects/acme-prod/secrets/db");
    }

    private static GoogleVaultDefinition Read(string keys) => (GoogleVaultDefinition)Parsed(keys).Inventory!.Vaults["google"];

    private static IEnumerable<string> ProblemsOf(string keys) => Parsed(keys).Problems.Select(problem => problem.ToString());

    private static InventoryResult Parsed(string keys)
    {
        var (vault, path) = keys.Split(", path: ") is [var own, var other] ? (own, other) : (keys, "db");
        return SampleInventory.Read(SampleInventory.Text
            .Replace("  azure:", $"  google: {{ kind: google-secret-manager, {vault} }}\n  azure:", StringComparison.Ordinal)
            .Replace("vault: prod\n    path: prod/payments/db", $"vault: google\n    path: {path}", StringComparison.Ordinal));
    }
}
