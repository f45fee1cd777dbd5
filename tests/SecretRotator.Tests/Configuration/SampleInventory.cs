using SecretRotator.Configuration;
using SecretRotator.Providers;

namespace SecretRotator.Tests.Configuration;

/// <summary>A small right inventory that each test breaks in one place.</summary>
internal static class SampleInventory
{
    public const string Text = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator }
        vaults:
          prod: { kind: aws-secrets-manager, region: eu-west-1 }
          azure: { kind: azure-key-vault, uri: "https://acme-prod.vault.azure.net/" }
        limits: { minimum-interval: 10m }
        freezes: [ { from: 2026-12-20T00:00, to: 2027-01-04T00:00, zone: Europe/Berlin, reason: year end } ]
        defaults:
          owner: team@acme.example
          rotate-every: 30d
          window: { days: [mon], from: "01:00", to: "05:00", zone: Europe/Berlin }
        secrets:
          - name: payments-db
            vault: prod
            path: prod/payments/db
            value: { kind: password }
            targets:
              - { repository: payments-api, variable: DB_PASSWORD }
            consumer: reads-from-vault

        """;

    public static InventoryResult Read(string yaml) =>
        InventoryParser.Parse("rotation.yaml", Encoding.UTF8.GetBytes(yaml), InventoryKinds.All);

    /// <summary>The inventory of the sample with one change, which must be right.</summary>
    public static RotationInventory Accepted(string before, string after)
    {
        var result = Read(With(before, after));
        result.Problems.Select(problem => problem.ToString()).Should().BeEmpty();
        return result.Inventory!;
    }

    /// <summary>The only secret of the sample with one change, which must be right.</summary>
    public static ManagedSecret Secret(string before, string after) => Accepted(before, after).Secrets[0];

    /// <summary>The problems of the sample with one change.</summary>
    public static ImmutableArray<string> Problems(string before, string after) => Problems(With(before, after));

    /// <summary>The problems of a file.</summary>
    public static ImmutableArray<string> Problems(string yaml)
    {
        var result = Read(yaml);
        (result.Inventory is null).Should().Be(!result.Problems.IsEmpty, "an inventory is handed out exactly where there is no problem");
        return [.. result.Problems.Select(problem => problem.ToString())];
    }

    /// <summary>The sample with a text replaced that stands in it once.</summary>
    public static string With(string before, string after)
    {
        var at = Text.IndexOf(before, StringComparison.Ordinal);
        at.Should().BeGreaterThanOrEqualTo(0, "the sample has to hold what a test replaces");
        Text.IndexOf(before, at + 1, StringComparison.Ordinal).Should().Be(-1, "the sample has to hold it once");
        return Text.Replace(before, after, StringComparison.Ordinal);
    }
}
