using SecretRotator.Verification;

namespace SecretRotator.Audit;

/// <summary>
/// What an auditor asks of the whole inventory, and what is known of it: every secret with its policy, its age, what was
/// done, when, by which run and how surely. Every format of the report is a view of this, and of nothing else.
/// </summary>
/// <remarks>It is made of facts: a share that could not be known counts as unknown, never as fine. It holds no value.</remarks>
public sealed record AuditReport
{
    /// <summary>When, where and by what it was made.</summary>
    public required ReportOrigin Origin { get; init; }

    /// <summary>Every secret that was asked for, in the order of the inventory.</summary>
    public required ImmutableArray<SecretAudit> Secrets { get; init; }

    /// <summary>How many secrets are as fresh as their policy wants.</summary>
    public required Compliance Compliance { get; init; }

    /// <summary>How much of what is in Bitbucket the inventory covers.</summary>
    public required Coverage Coverage { get; init; }

    /// <summary>What it cost to look, and what acting on what was seen would cost.</summary>
    public required CallBudget Calls { get; init; }

    /// <summary>What could not be observed, and why. Nothing in the report rests on it.</summary>
    public required ImmutableArray<Blindness> Unobserved { get; init; }

    /// <summary>What becomes due on which day, from the day of the report for <see cref="DueCalendar.Length"/> days.</summary>
    public required ImmutableArray<DueDay> Calendar { get; init; }

    /// <summary>Everything that needs a look: of secrets in the order of the inventory, then of the rest.</summary>
    public required ImmutableArray<AuditFinding> Findings { get; init; }

    /// <summary>Which evidence of earlier runs it rests on.</summary>
    public required EvidenceFacts Evidence { get; init; }

    /// <summary>Which facts speak to which controls. A mapping, no claim of compliance.</summary>
    public required ImmutableArray<ControlFacts> Controls { get; init; }

    /// <summary>How many secrets are in each state; states that none is in are left out.</summary>
    public ImmutableArray<(AuditState State, int Count)> States =>
        [.. Secrets.GroupBy(secret => secret.State).OrderBy(group => group.Key).Select(group => (group.Key, group.Count()))];

    /// <summary>How fresh the secrets of each owner are, the one with the most that aren't first.</summary>
    public ImmutableArray<SecretGroup> ByOwner => GroupedBy(secret => secret.Secret.Owner);

    /// <summary>How fresh the secrets of each vault are, likewise.</summary>
    public ImmutableArray<SecretGroup> ByVault => GroupedBy(secret => secret.Secret.Vault);

    /// <summary>The overdue secrets, the longest overdue first.</summary>
    public ImmutableArray<SecretAudit> Overdue =>
        [.. Secrets.Where(secret => secret.Freshness == AgeVerdict.Overdue).OrderBy(secret => secret.DueAt)
            .ThenBy(secret => secret.Secret.Name, StringComparer.Ordinal)];

    private ImmutableArray<SecretGroup> GroupedBy(Func<SecretAudit, string> key) =>
    [
        .. Secrets.GroupBy(key, StringComparer.Ordinal)
            .Select(group => new SecretGroup(
                group.Key,
                Compliance.Of(group),
                group.Sum(secret => secret.Findings.Count(finding => finding.Rule.Severity == Severity.Error))))
            .OrderByDescending(group => group.Compliance.Total - group.Compliance.Within)
            .ThenByDescending(group => group.ToActOn)
            .ThenBy(group => group.Name, StringComparer.Ordinal),
    ];
}

/// <summary>The secrets that have an owner or a vault in common.</summary>
/// <param name="Name">The owner, or the vault's name in the inventory.</param>
/// <param name="Compliance">How many are as fresh as their policy wants.</param>
/// <param name="ToActOn">How many findings are to be acted on.</param>
public sealed record SecretGroup(string Name, Compliance Compliance, int ToActOn);

/// <summary>When, where and by what a report was made.</summary>
/// <param name="At">The time that it speaks of.</param>
/// <param name="Tool">The tool's version.</param>
/// <param name="By">Who asked, and where: a pipeline, or a user and a host.</param>
/// <param name="SandboxRun">Whether it was observed in the sandbox.</param>
/// <param name="InventoryFile">The inventory as it was named.</param>
/// <param name="InventoryDigest">Which inventory: 64 hexadecimal digits.</param>
/// <param name="PlanDigest">Which plan: 64 hexadecimal digits.</param>
/// <param name="Workspace">The Bitbucket workspace's slug.</param>
/// <param name="InInventory">How many secrets the inventory has; more than the report has where it was asked for a part.</param>
public sealed record ReportOrigin(
    Instant At, string Tool, string By, bool SandboxRun, string InventoryFile, string InventoryDigest, string PlanDigest, string Workspace,
    int InInventory);

/// <summary>How many secrets are as fresh as their policy wants, by the age of the vault's copy: what a target holds can't be
/// read.</summary>
/// <param name="Within">Younger than their policy allows at most.</param>
/// <param name="Overdue">Older.</param>
/// <param name="Unknown">Of unknown age. They count as not within.</param>
public readonly record struct Compliance(int Within, int Overdue, int Unknown)
{
    /// <summary>How many of these secrets are as fresh as their policy wants.</summary>
    public static Compliance Of(IEnumerable<SecretAudit> secrets)
    {
        var counts = secrets.CountBy(secret => secret.Freshness).ToDictionary();
        return new(
            counts.GetValueOrDefault(AgeVerdict.WithinPolicy),
            counts.GetValueOrDefault(AgeVerdict.Overdue),
            counts.GetValueOrDefault(AgeVerdict.Unknown));
    }

    /// <summary>The denominator: every secret of the report.</summary>
    public int Total => Within + Overdue + Unknown;

    /// <summary>The share within policy, from 0 to 1; null where there is no secret.</summary>
    public decimal? Share => Total == 0 ? null : (decimal)Within / Total;
}

/// <summary>How much of what is in Bitbucket the inventory covers.</summary>
/// <param name="Scopes">Every scope that was listed, by its text.</param>
/// <param name="Unmanaged">Secured variables of these scopes that no entry names.</param>
public sealed record Coverage(ImmutableArray<ScopeCoverage> Scopes, ImmutableArray<UnmanagedVariable> Unmanaged)
{
    /// <summary>Secured variables that an entry names.</summary>
    public int Managed => Scopes.Sum(scope => scope.Managed);

    /// <summary>All secured variables of the listed scopes.</summary>
    public int Secured => Managed + Unmanaged.Length;
}

/// <summary>How much of one scope the inventory covers.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Managed">Secured variables that an entry names.</param>
/// <param name="Unmanaged">Secured variables that none names.</param>
public sealed record ScopeCoverage(VariableScope Scope, int Managed, int Unmanaged);

/// <summary>What looking and acting cost.</summary>
/// <param name="Observation">What it cost to look.</param>
/// <param name="Action">What acting on what was seen would cost.</param>
/// <param name="BitbucketPerHour">The inventory's limit on Bitbucket calls in any 60 minutes.</param>
public sealed record CallBudget(CallCost Observation, CallCost Action, int BitbucketPerHour);

/// <summary>Something that could not be observed.</summary>
/// <param name="What">What.</param>
/// <param name="Failure">Why not, and what to do.</param>
public sealed record Blindness(string What, Failure Failure)
{
    /// <summary>Why not.</summary>
    public string Why => Failure.Message;

    /// <summary>What to do.</summary>
    public string Hint => Failure.Hint ?? "";
}

/// <summary>What becomes due on one day.</summary>
/// <param name="Date">The day, in UTC.</param>
/// <param name="Due">How many secrets become due on it; on the first day also what is overdue.</param>
/// <param name="Freeze">Why nothing may be rotated at the day's noon, or null.</param>
public sealed record DueDay(LocalDate Date, int Due, string? Freeze);
