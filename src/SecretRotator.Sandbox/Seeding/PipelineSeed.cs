using System.Text;
using SecretRotator.Attestations;
using SecretRotator.Inventory;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>Furnishes the repositories in which pipelines prove what they see with the pipeline file that the project ships for it.</summary>
internal sealed class PipelineSeed(SandboxState state, BitbucketSeed bitbucket)
{
    private const string Shipped = "attest-secrets";
    private const string StepName = "          name: Attest secrets\n";

    /// <summary>Every repository that the inventory's attestations need.</summary>
    public void Furnish(RotationInventory inventory)
    {
        if (inventory.Attestation is not { } policy)
            return;
        foreach (var places in inventory.Secrets.SelectMany(secret => AttestationPlace.Of(secret, policy)).Distinct().GroupBy(place => place.Repository))
        {
            var named = places.Select(place => (Place: place, Name: AttestationStep.PipelineOf(policy, place))).OrderBy(each => each.Name, StringComparer.Ordinal).ToList();
            bitbucket.VariablesOf(places.Key);
            if (state.Seeded.Add($"pipelines {places.Key.WorkspaceSlug}/{places.Key.Slug}: {string.Join(' ', named.Select(each => each.Name))}"))
                state.Bitbucket.Workspaces[places.Key.WorkspaceSlug].Repositories[places.Key.Slug].PipelineFile = FileOf(named);
        }
    }

    private static string FileOf(IEnumerable<(AttestationPlace Place, string Name)> named)
    {
        var shipped = Read();
        var begin = shipped.IndexOf($"    {Shipped}:\n", StringComparison.Ordinal);
        var file = new StringBuilder(shipped[..begin]);
        foreach (var (place, name) in named)
        {
            var pipeline = shipped[begin..].Replace($"    {Shipped}:\n", $"    {name}:\n", StringComparison.Ordinal);
            file.Append(place.Environment is { } environment
                ? pipeline.Replace(StepName, $"{StepName}          environment: '{environment.Replace("'", "''", StringComparison.Ordinal)}'\n", StringComparison.Ordinal)
                : pipeline);
        }

        return file.ToString();
    }

    private static string Read()
    {
        using var stream = typeof(PipelineSeed).Assembly.GetManifestResourceStream("attestation.yml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
