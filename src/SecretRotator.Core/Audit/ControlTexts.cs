namespace SecretRotator.Audit;

/// <summary>States each fact that may speak to a control in one sentence with its numbers, and never whether it is enough.</summary>
internal sealed class ControlTexts(AuditReport report, PastRuns past)
{
    private const int LongPeriodDays = 90;
    private const int MonthsOfFourYears = 48;

    private static readonly LocalDate LeapYear = new(2024, 1, 1);

    public string Of(ControlFact fact) => fact switch
    {
        ControlFact.Age => Age(),
        ControlFact.Period => Period(),
        ControlFact.Strength => Strength(),
        ControlFact.Protection => Protection(),
        ControlFact.History => History(),
        ControlFact.Verification => Verification(),
        ControlFact.Exceptions => Exceptions(),
        ControlFact.Coverage => Coverage(),
        ControlFact.Ownership => Ownership(),
        ControlFact.Integrity => Integrity(),
        _ => throw new ArgumentOutOfRangeException(nameof(fact)),
    };

    private string Age() =>
        $"{report.Compliance.Within} of {report.Compliance.Total} secrets are younger in the vault than their policy allows at most; "
            + $"{report.Compliance.Overdue} are older, and of {report.Compliance.Unknown} the age can't be determined. What is measured "
            + $"is the vault's copy: what a target holds can't be read.";

    private string Period()
    {
        var days = report.Secrets.Select(s => MostDays(s.Secret.RotateEvery)).ToList();
        return $"The longest period is {days.DefaultIfEmpty(0).Max()} days at most; {days.Count(d => d > LongPeriodDays)} of {days.Count} "
            + $"secrets have one of more than {LongPeriodDays} days.";
    }

    // A month has 31 days at most, whatever month the report is made in; a day that is begun counts whole. Four years have
    // every length that some months can have, and from the first day of a month no day is cut off at a month's end.
    private static int MostDays(NodaTime.Period period) => Enumerable.Range(0, MonthsOfFourYears).Max(month =>
    {
        var start = LeapYear.PlusMonths(month).AtMidnight();
        var end = start + period;
        return NodaTime.Period.DaysBetween(start.Date, end.Date) + (end.TimeOfDay > LocalTime.Midnight ? 1 : 0);
    });

    private string Strength()
    {
        var rules = report.Secrets.SelectMany(s => s.Values).ToList();
        var generated = rules.Where(r => r.Bits is not null).ToList();
        var strong = generated.Count(r => r.Bits >= Entropy.EnoughBits);
        return $"{strong} of {generated.Count} generated values have {Entropy.EnoughBits} bits of entropy or more; "
            + $"{generated.Count - strong} have less, each with a reason in the inventory. {rules.Count - generated.Count} are made "
            + $"by the vault.";
    }

    private string Protection()
    {
        var targets = report.Secrets.SelectMany(s => s.Targets).ToList();
        return $"{targets.Count(t => t.State == TargetState.Secured)} of {targets.Count} targets are secured; "
            + $"{targets.Count(t => t.State == TargetState.Unsecured)} can be read, "
            + $"{targets.Count(t => t.State is TargetState.Missing or TargetState.Ambiguous)} are missing or ambiguous, and "
            + $"{targets.Count(t => t.State == TargetState.Unknown)} could not be seen.";
    }

    private string History()
    {
        var (succeeded, failed) = past.Totals;
        return report.Evidence.Source is null
            ? "No evidence of earlier runs was read."
            : $"Evidence of {report.Evidence.Runs.Length} runs records {succeeded} deliveries, and {failed} attempts that were put "
                + $"back or need an operator.";
    }

    private string Verification()
    {
        var last = report.Secrets.Select(s => s.Last?.Level).ToList();
        var accepted = last.Count(l => l?.HasFlag(VerificationLevel.Accepted) == true);
        return $"Of {last.Count} secrets, {last.Count(l => l?.HasFlag(VerificationLevel.Attested) == true)} were last delivered with the "
            + $"proof of a "
            + $"pipeline, {last.Count(l => l?.HasFlag(VerificationLevel.Attested) == false)} with that of Bitbucket's listing, and "
            + $"{last.Count(l => l is null)} never by this tool, or it can't be determined."
            + $"{(accepted == 0 ? "" : $" For {accepted}, a login with the value worked before any target got it.")}";
    }

    private string Exceptions()
    {
        var exceptions = report.Secrets.SelectMany(s => s.Exceptions).ToList();
        return $"{exceptions.Count(e => e.Kind == ExceptionKind.Forced)} forced rotations, "
            + $"{exceptions.Count(e => e.Kind == ExceptionKind.Override)} freezes or windows gone over, "
            + $"{exceptions.Count(e => e.Kind == ExceptionKind.Held)} secrets held, "
            + $"{exceptions.Count(e => e.Kind == ExceptionKind.LowEntropy)} values of low entropy; each has its reason.";
    }

    private string Coverage() =>
        $"{report.Coverage.Managed} of {report.Coverage.Secured} secured variables in the {report.Coverage.Scopes.Length} scopes that "
            + $"were listed are in the inventory. Scopes that no entry names were not looked at.";

    private string Ownership() =>
        $"All {report.Secrets.Length} secrets have an owner; there are "
            + $"{report.Secrets.Select(s => s.Secret.Owner).Distinct(StringComparer.Ordinal).Count()}.";

    private string Integrity() => report.Evidence.Source is null
        ? "No evidence of earlier runs was read."
        : $"Evidence of {report.Evidence.Runs.Length} runs was read: {report.Evidence.Incomplete.Length} without an end, "
            + $"{report.Evidence.Broken.Length} that don't hold, {report.Evidence.Gaps.Length} gaps in the chain.";
}
