using System.Collections.Immutable;
using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Azure;

namespace SecretRotator.Reliability.World;

/// <summary>What a vault holds of one secret, in words that fit both kinds. Read from the services' state, not by the product's
/// code.</summary>
/// <param name="Current">The version that readers get.</param>
/// <param name="CurrentContent">Its content.</param>
/// <param name="Readable">The contents of all versions that can be read for certain.</param>
/// <param name="Staged">The staged contents by rotation, the first one of each.</param>
/// <param name="Holder">Who holds the claim, as marks write it, or null.</param>
/// <param name="Traces">Every mark of a rotation: none stands after an end.</param>
internal sealed record Shelf(
    string Current,
    string CurrentContent,
    ImmutableArray<string> Readable,
    ImmutableDictionary<string, string> Staged,
    string? Holder,
    ImmutableArray<string> Traces)
{
    private const string Own = "secret-rotator:";

    public static Shelf Of(AwsSecretState secret)
    {
        var current = secret.Versions.Single(v => v.Stages.Contains("AWSCURRENT"));
        var pending = secret.Versions.Find(v => v.Stages.Contains("AWSPENDING") || v.Stages.Contains("secret-rotator-lock"));
        var label = pending?.Stages.Where(IsOwn).Order(StringComparer.Ordinal).FirstOrDefault();
        return new Shelf(
            current.Id,
            current.SecretString!,
            // A version without labels may be gone at any moment.
            [.. secret.Versions.Where(v => v.Stages.Count > 0).Select(v => v.SecretString!)],
            secret.Versions.ToImmutableDictionary(v => v.Id, v => v.SecretString!),
            pending is null || (label is null && (pending == current || Vaults.RotationId.IsOwn(pending.Id)))
                ? null
                : label?.Split(':')[^1] ?? "someone unknown",
            [.. secret.Versions.SelectMany(
                v => v.Stages.Where(s => s == "AWSPENDING" || IsOwn(s) || (v != current && HoldLabel.Is(s))).Select(s => $"{v.Id} {s}"))]);
    }

    public static Shelf Of(AzureSecretState secret, AzureSecretState? companion, string? claim)
    {
        var staged = companion?.Versions ?? [];
        return new Shelf(
            secret.Versions[^1].Id,
            secret.Versions[^1].Value,
            [.. secret.Versions.Concat(staged).Where(v => v.Enabled).Select(v => v.Value)],
            staged.GroupBy(v => v.Tags["secret-rotator-rotation"]).ToImmutableDictionary(g => g.Key, g => g.First().Value),
            claim?.Split(' ')[3],
            [.. staged.Where(v => v.Enabled).Select(v => $"{v.Id} staged"), .. claim is null ? Array.Empty<string>() : [claim]]);
    }

    private static bool IsOwn(string stage) => stage.StartsWith(Own, StringComparison.Ordinal);
}
