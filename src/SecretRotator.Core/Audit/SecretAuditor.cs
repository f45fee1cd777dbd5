using SecretRotator.Verification;

namespace SecretRotator.Audit;

/// <summary>Reports what is known of one secret.</summary>
internal sealed class SecretAuditor(
    PlanItem item, Snapshot seen, (ImmutableArray<PastEvent> Newest, int Older) history, IEnumerable<DriftFinding> drift)
{
    private readonly ManagedSecret _secret = item.Secret;
    private readonly ImmutableArray<ValueRule> _rules = [.. Rules(item.Secret.Value)];
    private readonly Instant _now = seen.Plan.PlannedAt;
    private readonly SecretStatus _status =
        SecretStatus.Of(item, history.Newest.FirstOrDefault(), seen.Inventory.Limits, seen.Plan.PlannedAt);

    private readonly SecretDescription? _description = seen.Observation.DescriptionOf(item.Secret);

    public SecretAudit Audit() => new()
    {
        Secret = _secret,
        State = _status.State,
        Decision = item.Decision,
        Freshness = _status.Freshness,
        Current = _description?.Current,
        Delivered = _description?.Delivered,
        Age = item.ValueSince is { } began ? Duration.Max(Duration.Zero, _now - began) : null,
        DueAt = _status.DueAt,
        Targets = [.. _secret.Targets.Select(target => new TargetAudit(target, StateOf(target)))],
        Values = _rules,
        Last = Last(),
        History = history.Newest,
        OlderEvents = history.Older,
        Exceptions = [.. Exceptions()],
        Findings = [.. Findings()],
    };

    private TargetState StateOf(VariableTarget target)
    {
        if (seen.Observation.Scopes.GetValueOrDefault(target.Scope) is not ScopeObservation.Listed listed)
            return TargetState.Unknown;
        return listed.FindAll(target.Variable) switch
        {
            [] => TargetState.Missing,
            [{ Secured: true }] => TargetState.Secured,
            [_] => TargetState.Unsecured,
            _ => TargetState.Ambiguous,
        };
    }

    private static IEnumerable<ValueRule> Rules(ValuePolicy policy) => policy switch
    {
        ValuePolicy.Plain plain => [Rule(null, plain.Generator)],
        ValuePolicy.Json json => json.Fields.Select(field => Rule(field.Field, field.Generator)),
        ValuePolicy.VaultManaged => [new ValueRule(null, "vault-managed", null, null)],
        ValuePolicy.Issued => [new ValueRule(null, "issued", null, null)],
        ValuePolicy.External => [new ValueRule(null, "external", null, null)],
        _ => throw new InvalidOperationException("A new value policy needs a line in the report."),
    };

    private static ValueRule Rule(string? field, ValueGenerator generator) =>
        new(field, KindOf(generator), (int)Math.Floor(Entropy.BitsOf(generator)), generator.WeakBecause);

    private static string KindOf(ValueGenerator generator) => generator switch
    {
        ValueGenerator.Password => "password",
        ValueGenerator.Hex => "hex",
        ValueGenerator.Base64 => "base64",
        ValueGenerator.Base64Url => "base64url",
        ValueGenerator.Uuid => "uuid",
        ValueGenerator.SshKey => "ssh-key",
        _ => throw new InvalidOperationException("A new kind of value needs its word in the report."),
    };

    // The vault's mark is the truth; evidence adds what the mark doesn't say.
    private Delivery? Last()
    {
        if (_description?.Delivered is not { } mark)
            return null;
        var recorded = history.Newest.FirstOrDefault(e => e.Succeeded && e.Rotation == mark.Rotation);
        return new Delivery(mark.DeliveredAt, mark.Version, recorded?.From, mark.Level, mark.Rotation, recorded?.Run);
    }

    private IEnumerable<AuditException> Exceptions()
    {
        if (item.Decision is Decision.Forced forced)
            yield return new AuditException(ExceptionKind.Forced, $"{forced.By}: {forced.Reason}", _now, null);
        foreach (var overridden in Overrides.OfRun(seen.Inventory, _secret, item.Decision, _now, item.InFlight, item.Hold))
            yield return new AuditException(ExceptionKind.Override, overridden, _now, null);
        if (item.Hold is { } hold)
            yield return new AuditException(
                ExceptionKind.Held,
                $"until {NodaTime.Text.InstantPattern.General.Format(hold.Until)} by "
                    + $"{(hold.ByRollback ? "a rollback" : "the inventory")}: {hold.Reason}", null, null);
        foreach (var happened in history.Newest)
        {
            if (happened.Decision == "forced")
                yield return new AuditException(ExceptionKind.Forced, happened.Why, happened.At, happened.Run);
            foreach (var overridden in happened.Overrides)
                yield return new AuditException(ExceptionKind.Override, overridden, happened.At, happened.Run);
        }

        foreach (var rule in _rules)
            if (rule.WeakBecause is { } reason)
                yield return new AuditException(ExceptionKind.LowEntropy, Low(rule, reason), null, null);
    }

    private List<AuditFinding> Findings()
    {
        List<AuditFinding> findings = [];
        findings.AddRange(drift.Select(finding =>
            new AuditFinding(
                finding.Kind == DriftKind.Overdue && _secret.Value is ValuePolicy.External { EndsAt: { } end } && _now < end
                    ? FindingRule.CredentialEnding
                    : FindingRule.All.Single(rule => rule.Id == WireNames.Of(finding.Kind)),
                _secret.Name, finding.Target, finding.What, finding.Hint, _secret.Line)
            { File = _secret.File, Failure = finding.Failure }));
        // Where a difference already says why it can't be started, that isn't reported twice.
        if (item.Decision is Decision.Blocked blocked && !findings.Any(Blocks))
            findings.Add(Found(FindingRule.Blocked, blocked.Why, blocked.Hint) with { Failure = blocked.Failure });
        if (_status.State == AuditState.Failed)
            findings.Add(AuditFinding.OfTheLastRun(_secret, history.Newest[0]));
        if (item.InFlight?.Grace is { } grace)
        {
            var over = grace.StillUsed?.Why ?? grace.OverBecause;
            findings.Add(Found(
                FindingRule.InGrace,
                $"The old version {grace.Version} is valid "
                    + (over is null ? $"until {NodaTime.Text.InstantPattern.General.Format(grace.Until)} at the latest" : $"still. {over}"),
                grace.StillUsed is null
                    ? $"The next run after that retires it. To do it by hand: secret-rotator rotate --only {_secret.Name}"
                    : AuditFinding.HowToEndUse(_secret)));
        }

        if (_secret.Backend is { KeylessWay: { } way, Product: var product })
            findings.Add(Found(FindingRule.KeylessInstead, $"It is a long-lived credential of {product}.", way));
        findings.AddRange(_rules.Where(rule => rule.WeakBecause is not null).Select(rule => Found(
            FindingRule.LowEntropy, Low(rule, rule.WeakBecause!), "Take it away when the reason doesn't hold any more.")));
        return findings;
    }

    private AuditFinding Found(FindingRule rule, string what, string hint) => AuditFinding.Of(rule, _secret, what, hint);

    private static bool Blocks(AuditFinding finding) =>
        finding.Rule == FindingRule.Missing || finding.Rule == FindingRule.Ambiguous || finding.Rule == FindingRule.Unsecured
        || finding.Rule == FindingRule.Foreign || finding.Rule == FindingRule.Unknown || finding.Rule == FindingRule.Unfinished;

    private static string Low(ValueRule rule, string reason) =>
        $"{(rule.Field is { } field ? $"{field}: " : "")}{rule.Kind} of {rule.Bits} bits: {reason}";
}
