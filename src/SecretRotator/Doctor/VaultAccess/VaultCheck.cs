using SecretRotator.Providers.Doctor;
using SecretRotator.Rotation;

namespace SecretRotator.Doctor.VaultAccess;

/// <summary>Whether the secrets of one vault can be described, read and taken apart as a rotation does before its first write.</summary>
/// <remarks>
/// It reads values, because nothing else proves that the role may and that the fields which the inventory names are
/// there; a rotation reads the same version first. A value is wiped at once, and nothing of it is reported.
/// docs/decisions/0036-doctor-reads-values-and-writes-nothing.md says more.
/// </remarks>
/// <param name="vault">The vault's name in the inventory.</param>
/// <param name="secrets">Its secrets, at least one.</param>
/// <param name="open">Connects.</param>
/// <param name="reads">Whether values may be read.</param>
/// <param name="parallelism">How many secrets at once.</param>
internal sealed class VaultCheck(
    string vault, ImmutableArray<ManagedSecret> secrets, Func<ISecretInspector> open, bool reads, int parallelism) : ICheck
{
    private const int MostNamed = 8;
    private const string Writable = "secret-writable";

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Vaults;

    /// <inheritdoc />
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        ISecretInspector look;
        try
        {
            look = open();
        }
        catch (UsageException exception)
        {
            return [Closed(FailureMessages.Of(exception))];
        }

        // One secret first: where there is no identity or no way to the vault, the others would only say it again.
        var first = await LookAsync(look, secrets[0], cancellation);
        if (first.Failure is { } failure && (failure.Failure.ConcernsAll || look.IsOfIdentity(failure)))
            return [Closed(failure.Failure with { Hint = look.Fix(failure, reads: false) })];
        var others = await CheckRunner.EachAsync(
            secrets[1..], parallelism, (secret, token) => LookAsync(look, secret, token), cancellation);
        return [.. Told(look, [first, .. others])];
    }

    private async Task<Looked> LookAsync(ISecretInspector look, ManagedSecret secret, CancellationToken cancellation)
    {
        SecretSight sight;
        try
        {
            sight = await look.LookAsync(secret, cancellation);
        }
        catch (RemoteFailureException failure)
        {
            return new Looked(
                secret, [VaultFindings.Refused("secret-described", secret, failure.Failure, look.Fix(failure, reads: false))], null, false,
                failure);
        }

        if (!reads || sight.Current is not { } current)
            return new Looked(secret, sight.Findings, sight.Key, false, null);
        try
        {
            using var version = await look.ReadAsync(secret, current, cancellation);
            var content = ContentCheck.Of(secret, version.Value);
            return new Looked(secret, content is null ? sight.Findings : [.. sight.Findings, content], sight.Key, true, null);
        }
        catch (RemoteFailureException failure)
        {
            return new Looked(
                secret,
                [
                    .. sight.Findings,
                    VaultFindings.Refused("secret-readable", secret, failure.Failure, look.Fix(failure, reads: true)),
                ], sight.Key, false, null);
        }
    }

    private IEnumerable<CheckResult> Told(ISecretInspector look, IReadOnlyCollection<Looked> looks)
    {
        var described = looks.Where(each => each.Failure is null && !each.Has("secret-described")).ToImmutableArray();
        if (!described.IsEmpty)
            yield return Pass(
                "secret-described",
                $"{vault}: {HumanText.Count(described.Length, "secret")} can be described: {Named([.. described.Select(NameOf)])}.");
        var read = looks.Where(each => each.Read).Select(NameOf).ToImmutableArray();
        if (!read.IsEmpty)
            yield return Pass(
                "secret-readable",
                $"{vault}: {HumanText.Count(read.Length, "secret")} can be read, as a rotation does first: {Named(read)}.");
        else if (!reads)
            yield return CheckResult.Unknown(
                Area, "secret-readable", $"{vault}: no value was read, as --no-values asks.",
                "Whether values can be read and have the fields of the inventory is seen by a rotation only.");
        foreach (var finding in looks.SelectMany(each => each.Findings))
            yield return finding;
        foreach (var key in looks.Where(each => each.Key is not null).GroupBy(each => each.Key!, StringComparer.Ordinal))
            yield return Pass(
                "encryption-key",
                $"{vault}: {HumanText.Count(key.Count(), "secret")} encrypted with {key.Key}: "
                    + $"{Named([.. key.Select(NameOf)])}.");
        var writable = described.Where(each => !each.Has(Writable)).Select(NameOf).ToImmutableArray();
        if (look.Writing is not null)
            yield return CheckResult.Unknown(
                Area, Writable, $"{vault}: whether secrets can be changed can't be determined without changing one.",
                $"A rotation needs {look.Writing}. Where that is missing it stops at its first write, and nothing is changed.");
        else if (!writable.IsEmpty)
            yield return Pass(Writable, $"{vault}: {HumanText.Count(writable.Length, "secret")} can be changed: {Named(writable)}.");
    }

    private CheckResult Closed(Failure failure) => CheckResult.Fail(
        Area, "vault-reached", $"{vault}: {failure.Message}",
        $"{HumanText.Count(secrets.Length, "secret")} of this vault can't be rotated, and nothing further was asked there.",
        failure.Hint ?? "Run doctor again.") with
    { Failure = failure };

    private CheckResult Pass(string id, string observed) => CheckResult.Pass(Area, id, observed);

    private static string Named(ImmutableArray<string> names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Length > MostNamed ? $" and {names.Length - MostNamed} more" : "");

    private static string NameOf(Looked look) => look.Secret.Name;

    private sealed record Looked(
        ManagedSecret Secret, ImmutableArray<CheckResult> Findings, string? Key, bool Read, RemoteFailureException? Failure)
    {
        public bool Has(string id) => Findings.Any(finding => finding.Id == id);
    }
}
