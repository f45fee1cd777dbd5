namespace SecretRotator.Audit;

/// <summary>How the secrets are doing at a glance, and what needs a person. It rests on a plan, so it costs no more calls.</summary>
/// <param name="At">The time that it speaks of.</param>
/// <param name="Secrets">Every secret of the plan, in its order.</param>
/// <param name="Findings">What no run can do: of the secrets, one each at most, then of the Bitbucket credential.</param>
public sealed record StatusReport(Instant At, ImmutableArray<SecretStatus> Secrets, ImmutableArray<AuditFinding> Findings)
{
    /// <summary>How long a secret may be due, and free to rotate, before the lack of a run needs a person: runs come daily at
    /// least.</summary>
    public static Duration Patience { get; } = Duration.FromDays(1);

    /// <summary>How many secrets are in each state; states that none is in are left out.</summary>
    public ImmutableArray<(AuditState State, int Count)> States =>
        [.. Secrets.CountBy(secret => secret.State).OrderBy(state => state.Key).Select(state => (state.Key, state.Value))];

    /// <summary>Makes it. Pure.</summary>
    /// <param name="plan">What was planned.</param>
    /// <param name="inventory">The inventory, for its freezes and limits.</param>
    /// <param name="past">What evidence says of earlier runs.</param>
    /// <param name="credential">When the Bitbucket credential ends; null where it isn't kept in a vault.</param>
    public static StatusReport Of(RotationPlan plan, RotationInventory inventory, PastRuns past, CredentialEnd? credential)
    {
        var now = plan.PlannedAt;
        var secrets = ImmutableArray.CreateBuilder<SecretStatus>();
        var findings = ImmutableArray.CreateBuilder<AuditFinding>();
        foreach (var item in plan.Items)
        {
            var last = past.Of(item.Secret.Name).Newest.FirstOrDefault();
            var status = SecretStatus.Of(item, last, inventory.Limits, now);
            secrets.Add(status);
            if (NeedOf(status, last) is { } need)
                findings.Add(need);
            else if (IsMissed(status, inventory.Freezes, now))
                findings.Add(AuditFinding.Of(
                    FindingRule.Overdue, item.Secret, "It has been free to rotate for more than a day, and no run has rotated it.",
                    "Look whether the pipeline's schedule starts runs, and what the last one said. To rotate it now: secret-rotator "
                        + $"rotate --only {item.Secret.Name}"));
        }

        findings.AddRange(AuditFinding.OfTheCredential(credential, now));
        return new(now, secrets.ToImmutable(), findings.ToImmutable());
    }

    private static AuditFinding? NeedOf(SecretStatus status, PastEvent? last)
    {
        var secret = status.Item.Secret;
        return status.Item.Decision switch
        {
            Decision.Blocked blocked => status.IsClaimed ? null
                : AuditFinding.Of(FindingRule.Blocked, secret, blocked.Why, blocked.Hint) with { Failure = blocked.Failure },
            _ when status.State == AuditState.Failed => AuditFinding.OfTheLastRun(secret, last!),
            Decision.Adopt { Approved: false } => AuditFinding.Of(
                FindingRule.NeverDelivered, secret, "This tool has never delivered it, so what its targets hold isn't known.",
                $"Deliver the vault's current value: secret-rotator rotate --only {secret.Name} --adopt"),
            Decision.Waiting waiting when secret.Value is ValuePolicy.External => AuditFinding.Of(
                status.Freshness == AgeVerdict.Overdue ? FindingRule.Overdue : FindingRule.CredentialEnding, secret, waiting.Why,
                "The next run delivers it."),
            Decision.Waiting { Until: null } when status.Item.InFlight?.Grace?.StillUsed is { } used =>
                AuditFinding.Of(FindingRule.InGrace, secret, used.Why, AuditFinding.HowToEndUse(secret)),
            _ => null,
        };
    }

    // A hold, a freeze and the grace of an old version keep it on purpose; limits of a run and pipelines let it wait for the next run.
    private static bool IsMissed(SecretStatus status, ImmutableArray<Freeze> freezes, Instant now) =>
        status is { Item: { Hold: null, Decision: Decision.Due or Decision.Waiting { Until: not null } }, DueAt: { } due }
        && status.Item.InFlight?.Grace is null
        && FreezeCalendar.NextOpening(status.Item.Secret.Window, freezes, due) is { } opening
        && opening + Patience <= now;
}
