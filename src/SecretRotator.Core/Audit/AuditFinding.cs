namespace SecretRotator.Audit;

/// <summary>Something that needs a look.</summary>
/// <param name="Rule">What kind of thing.</param>
/// <param name="Secret">The secret, where it is about one.</param>
/// <param name="Target">The target, where it is about one.</param>
/// <param name="What">What was seen.</param>
/// <param name="Hint">What to do.</param>
/// <param name="Line">The line of <see cref="File"/> that it is about, from 1; 1 where it is about none.</param>
public sealed record AuditFinding(FindingRule Rule, string? Secret, VariableTarget? Target, string What, string Hint, int Line)
{
    /// <summary>The file that it is about, where the inventory includes it; null for the inventory itself.</summary>
    public string? File { get; init; }

    /// <summary>What kept something from being done or determined, where that is what was found; else null.</summary>
    public Failure? Failure { get; init; }

    /// <summary>Something that needs a look about a whole secret.</summary>
    internal static AuditFinding Of(FindingRule rule, ManagedSecret secret, string what, string hint) =>
        new(rule, secret.Name, null, what, hint, secret.Line) { File = secret.File };

    /// <summary>The last run's failure.</summary>
    internal static AuditFinding OfTheLastRun(ManagedSecret secret, PastEvent failed) => Of(
        FindingRule.Failed, secret, $"{failed.Outcome.Replace('-', ' ')}: {failed.Why}",
        $"See what happened: secret-rotator evidence show, run {failed.Run}. Then rotate it: secret-rotator "
            + $"rotate --only {secret.Name}");

    /// <summary>That the Bitbucket credential ends soon or has ended; nothing where it doesn't, or no one says so.</summary>
    internal static IEnumerable<AuditFinding> OfTheCredential(CredentialEnd? end, Instant now)
    {
        if (end is not null && (end.IsNear(now) || end.HasPassed(now)))
            yield return new AuditFinding(FindingRule.CredentialEnding, null, null, end.Tell(now), CredentialEnd.Renewal, 1);
    }

    /// <summary>What to do about an old credential that is used after its grace.</summary>
    internal static string HowToEndUse(ManagedSecret secret) =>
        "Give the current value to whoever uses it; once it isn't used any more, the next run ends it. To end it regardless: "
            + $"secret-rotator rotate --force {secret.Name} --reason TEXT";
}

/// <summary>A kind of finding. The closed set; its ids are a promise to programs that read them.</summary>
public sealed class FindingRule
{
    private FindingRule(string id, Severity severity, string title)
    {
        Id = id;
        Severity = severity;
        Title = title;
    }

    /// <summary>A target doesn't exist.</summary>
    public static FindingRule Missing { get; } = new("missing", Severity.Error, "A target doesn't exist.");

    /// <summary>A target has another key.</summary>
    public static FindingRule Renamed { get; } = new(
        "renamed", Severity.Warning, "The variable that a target was delivered to has another key now.");

    /// <summary>A target can be read.</summary>
    public static FindingRule Unsecured { get; } = new("unsecured", Severity.Error, "A target isn't secured: its value can be read.");

    /// <summary>Several variables have a target's key.</summary>
    public static FindingRule Ambiguous { get; } = new(
        "ambiguous", Severity.Error, "Several variables have a target's key in different case.");

    /// <summary>Pipelines see another variable.</summary>
    public static FindingRule Shadowed { get; } = new("shadowed", Severity.Warning, "A variable of a narrower scope hides a target.");

    /// <summary>The vault was changed elsewhere.</summary>
    public static FindingRule VaultMoved { get; } = new(
        "vault-moved", Severity.Error, "The vault's current version isn't the one that was delivered.");

    /// <summary>Never delivered by this tool.</summary>
    public static FindingRule NeverDelivered { get; } = new(
        "never-delivered", Severity.Warning, "This tool has never delivered the secret, so what its targets hold isn't known.");

    /// <summary>The targets are other ones.</summary>
    public static FindingRule TargetsChanged { get; } = new(
        "targets-changed", Severity.Warning, "The targets aren't the ones that were delivered to.");

    /// <summary>A rotation is open.</summary>
    public static FindingRule Unfinished { get; } = new("unfinished", Severity.Error, "A rotation is open.");

    /// <summary>Too old.</summary>
    public static FindingRule Overdue { get; } = new("overdue", Severity.Error, "The secret is older than its policy allows.");

    /// <summary>Another party rotates or owns it, or should and doesn't.</summary>
    public static FindingRule Foreign { get; } = new(
        "foreign", Severity.Error, "Another party rotates or owns the secret, or should and doesn't.");

    /// <summary>Not known.</summary>
    public static FindingRule Unknown { get; } = new(
        "unknown", Severity.Warning, "It can't be determined: something could not be observed.");

    /// <summary>Can't be started.</summary>
    public static FindingRule Blocked { get; } = new("blocked", Severity.Error, "The secret can't be rotated.");

    /// <summary>The last attempt failed.</summary>
    public static FindingRule Failed { get; } = new("failed", Severity.Error, "The last attempt to rotate or deliver the secret failed.");

    /// <summary>Less than 128 bits.</summary>
    public static FindingRule LowEntropy { get; } = new(
        "low-entropy", Severity.Note, "Generated values have less than 128 bits of entropy; the inventory says why that is enough.");

    /// <summary>An old version is valid still.</summary>
    public static FindingRule InGrace { get; } = new(
        "in-grace", Severity.Note, "An old version of the secret is valid still, for pipelines that may hold it; a later run retires it.");

    /// <summary>No credential need be stored at all.</summary>
    public static FindingRule KeylessInstead { get; } = new(
        "keyless-instead", Severity.Note, "A long-lived credential is stored where the OIDC token of a pipeline's step would do.");

    /// <summary>In no entry of the inventory.</summary>
    public static FindingRule Unmanaged { get; } = new(
        "unmanaged", Severity.Note, "A secured variable is in no entry of the inventory, so no one knows how old its value is.");

    /// <summary>A credential that a person has to renew ends soon.</summary>
    public static FindingRule CredentialEnding { get; } = new(
        "credential-ending", Severity.Warning, "A credential ends soon, and no program can make a new one.");

    /// <summary>Evidence of a run was cut short.</summary>
    public static FindingRule EvidenceIncomplete { get; } = new(
        "evidence-incomplete", Severity.Warning, "Evidence of a run has no end: the run was cut short.");

    /// <summary>Evidence of a run doesn't hold.</summary>
    public static FindingRule EvidenceBroken { get; } = new(
        "evidence-broken", Severity.Error, "Evidence of a run was changed, or can't be read.");

    /// <summary>All rules, in the order of their ids.</summary>
    public static ImmutableArray<FindingRule> All { get; } =
    [
        Ambiguous, Blocked, CredentialEnding, EvidenceBroken, EvidenceIncomplete, Failed, Foreign, InGrace, KeylessInstead,
        LowEntropy, Missing, NeverDelivered, Overdue, Renamed, Shadowed, TargetsChanged, Unfinished, Unknown, Unmanaged, Unsecured,
        VaultMoved,
    ];

    /// <summary>Its id, in kebab case.</summary>
    public string Id { get; }

    /// <summary>How bad it is.</summary>
    public Severity Severity { get; }

    /// <summary>What it means, in one sentence.</summary>
    public string Title { get; }

    /// <inheritdoc />
    public override string ToString() => Id;
}

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>Something isn't as the inventory wants it, and someone has to act.</summary>
    Error,

    /// <summary>Something may not be as the inventory wants it.</summary>
    Warning,

    /// <summary>Worth knowing.</summary>
    Note,
}
