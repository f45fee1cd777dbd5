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
                secret, [VaultFindings.Refused("secret-described", secret, failure.Failure, look.Fix(failure, reads: false))], Key: null)
            {
                Failure = failure,
            };
        }

        var looked = new Looked(secret, sight.Findings, sight.Key);
        if (!reads || sight.Current is not { } current)
            return looked;
        try
        {
            using var version = await look.ReadAsync(secret, current, cancellation);
            return looked with { Read = true, Findings = [.. sight.Findings, .. InContent(secret, version.Value)] };
        }
        catch (RemoteFailureException failure)
        {
            var refused = VaultFindings.Refused("secret-readable", secret, failure.Failure, look.Fix(failure, reads: true));
            return looked with { Findings = sight.Findings.Add(refused) };
        }
    }

    // Whether the value has the form that the inventory names. Tells names of fields, never a part of the value.
    private static ImmutableArray<CheckResult> InContent(ManagedSecret secret, SecretValue content)
    {
        try
        {
            foreach (var target in secret.Targets)
            {
                using var value = TargetValue.Of(target, content);
                SizeLimits.CheckVariable(target, value);
            }

            if (secret.Value is ValuePolicy.Json json)
                Replace(content, json);
            return [];
        }
        catch (SecretContentException exception)
        {
            return [VaultFindings.Refused("secret-fields", secret, FailureMessages.Of(exception), exception.Hint)];
        }
    }

    // The way in which a rotation will put new values in, with values that are none.
    private static void Replace(SecretValue content, ValuePolicy.Json json)
    {
        using var nothing = SecretValue.FromText("");
        JsonSecret.Replace(content, json.Fields.ToDictionary(field => field.Field, _ => nothing, StringComparer.Ordinal)).Dispose();
    }

    private IEnumerable<CheckResult> Told(ISecretInspector look, IReadOnlyCollection<Looked> looks)
    {
        var described = looks.Where(each => each.Failure is null && !each.Has("secret-described")).ToImmutableArray();
        if (!described.IsEmpty)
            yield return Pass(
                "secret-described",
                $"{vault}: {HumanText.Count(described.Length, "secret")} can be described: {Named(described)}.");
        var read = looks.Where(each => each.Read).ToImmutableArray();
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
                    + $"{Named(key)}.");
        var writable = described.Where(each => !each.Has(Writable)).ToImmutableArray();
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

    private static string Named(IEnumerable<Looked> looks) => CheckResult.Named([.. looks.Select(look => look.Secret.Name)]);

    private sealed record Looked(ManagedSecret Secret, ImmutableArray<CheckResult> Findings, string? Key)
    {
        public bool Read { get; init; }

        public RemoteFailureException? Failure { get; init; }

        public bool Has(string id) => Findings.Any(finding => finding.Id == id);
    }
}
