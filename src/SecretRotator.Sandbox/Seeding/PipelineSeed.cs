using System.Text;
using System.Text.RegularExpressions;
using SecretRotator.Attestations;
using SecretRotator.Inventory;
using SecretRotator.Vaults;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>Furnishes the repositories in which pipelines prove what they see with the pipeline file that the project ships for it.</summary>
internal sealed partial class PipelineSeed(SandboxState state, BitbucketSeed bitbucket)
{
    private const string Shipped = "attest-secrets";
    private const string StepName = "          name: Attest secrets\n";

    /// <summary>Every repository that the inventory's attestations need.</summary>
    public void Furnish(RotationInventory inventory)
    {
        if (inventory.Attestation is not { } policy)
            return;
        var keys = inventory.Secrets.SelectMany(secret => secret.Targets)
            .Where(target => target.Verify == VerificationLevel.Attested)
            .ToLookup(target => AttestationPlace.Of(target, policy), target => target.Variable);
        foreach (var places in keys.GroupBy(place => place.Key.Repository))
        {
            var named = places
                .Select(place => (Place: place.Key, Name: AttestationStep.PipelineOf(policy, place.Key), Keys: string.Join(' ', place.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))))
                .OrderBy(each => each.Name, StringComparer.Ordinal)
                .ToList();
            bitbucket.VariablesOf(places.Key);
            if (state.Seeded.Add($"pipelines {places.Key.WorkspaceSlug}/{places.Key.Slug}: {string.Join(' ', named.Select(each => $"{each.Name} ({each.Keys})"))}"))
                state.Bitbucket.Workspaces[places.Key.WorkspaceSlug].Repositories[places.Key.Slug].PipelineFile = FileOf(named);
        }
    }

    private static string FileOf(IEnumerable<(AttestationPlace Place, string Name, string Keys)> named)
    {
        var shipped = Read();
        var begin = shipped.IndexOf($"    {Shipped}:\n", StringComparison.Ordinal);
        var file = new StringBuilder(shipped[..begin]);
        foreach (var (place, name, keys) in named)
        {
            var pipeline = Allowed().Replace(shipped[begin..].Replace($"    {Shipped}:\n", $"    {name}:\n", StringComparison.Ordinal), $"sr_allowed='{keys}'");
            file.Append(place.Environment is { } environment
                ? pipeline.Replace(StepName, $"{StepName}          environment: '{environment.Replace("'", "''", StringComparison.Ordinal)}'\n", StringComparison.Ordinal)
                : pipeline);
        }

        return file.ToString();
    }

    [GeneratedRegex("sr_allowed='[^']*'", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Allowed();

    private static string Read()
    {
        using var stream = typeof(PipelineSeed).Assembly.GetManifestResourceStream("attestation.yml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
