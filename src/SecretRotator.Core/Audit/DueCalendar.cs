namespace SecretRotator.Audit;

/// <summary>What becomes due on which day, in UTC.</summary>
public static class DueCalendar
{
    /// <summary>How many days it looks ahead, the first one included.</summary>
    public const int Length = 90;

    /// <summary>Every day from that of <paramref name="now"/> on. What is overdue counts on the first.</summary>
    internal static ImmutableArray<DueDay> Of(ImmutableArray<SecretAudit> secrets, ImmutableArray<Freeze> freezes, Instant now)
    {
        var first = now.InUtc().Date;
        var due = secrets.Where(secret => secret.DueAt is not null)
            .CountBy(secret => LocalDate.Max(first, secret.DueAt!.Value.InUtc().Date))
            .ToDictionary();
        return
        [
            .. Enumerable.Range(0, Length).Select(first.PlusDays).Select(date => new DueDay(
                date,
                due.GetValueOrDefault(date),
                FreezeCalendar.FreezeAt(freezes, date.At(LocalTime.Noon).InUtc().ToInstant())?.Reason)),
        ];
    }
}
