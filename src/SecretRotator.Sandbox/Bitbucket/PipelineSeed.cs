using System.Text.RegularExpressions;
using SecretRotator.Attestations;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>Gives repositories with attesting pipelines the pipeline file that the project ships for it.</summary>
internal static partial class PipelineSeed
{
    private const string Shipped = "attest-secrets";
    private const string StepName = "          name: Attest secrets\n";

    /// <summary>Every repository that the inventory's attestations need.</summary>
    public static void Apply(SandboxSeed seed)
    {
        if (seed.Inventory.Attestation is not { } policy)
            return;
        var keys = seed.Inventory.Secrets.SelectMany(secret => secret.Targets)
            .Where(target => target.Verify == VerificationLevel.Attested)
            .ToLookup(target => AttestationPlace.Of(target, policy), target => target.Variable);
        foreach (var places in keys.GroupBy(place => place.Key.Repository))
        {
            var named = places
                .Select(place => (
                    Place: place.Key,
                    Name: AttestationStep.PipelineOf(policy, place.Key),
                    Keys: string.Join(' ', place.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))))
                .OrderBy(each => each.Name, StringComparer.Ordinal)
                .ToList();
            var (workspace, slug) = (places.Key.WorkspaceSlug, places.Key.Slug);
            var repository = seed.State.Bitbucket.Workspace(workspace, seed.Random).Repository(slug, seed.Random);
            if (seed.Once($"pipelines {workspace}/{slug}: {string.Join(' ', named.Select(each => $"{each.Name} ({each.Keys})"))}"))
                repository.PipelineFile = FileOf(named);
        }
    }

    private static string FileOf(IEnumerable<(AttestationPlace Place, string Name, string Keys)> named)
    {
        using var stream = typeof(PipelineSeed).Assembly.GetManifestResourceStream("attestation.yml")!;
        using var reader = new StreamReader(stream);
        var shipped = reader.ReadToEnd();
        var begin = shipped.IndexOf($"    {Shipped}:\n", StringComparison.Ordinal);
        var file = new StringBuilder(shipped[..begin]);
        foreach (var (place, name, keys) in named)
        {
            var renamed = shipped[begin..].Replace($"    {Shipped}:\n", $"    {name}:\n", StringComparison.Ordinal);
            var pipeline = Allowed().Replace(renamed, $"sr_allowed='{keys}'");
            var environment = place.Environment?.Replace("'", "''", StringComparison.Ordinal);
            file.Append(environment is null
                ? pipeline
                : pipeline.Replace(StepName, $"{StepName}          environment: '{environment}'\n", StringComparison.Ordinal));
        }

        return file.ToString();
    }

    [GeneratedRegex("sr_allowed='[^']*'", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Allowed();
}
