using NodaTime.Text;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class FreshnessTests
{
    [Theory]
    [InlineData("2026-01-31T10:00:00Z", "P1M", "2026-02-28T10:00:00Z")]
    [InlineData("2028-01-31T10:00:00Z", "P1M", "2028-02-29T10:00:00Z")]
    [InlineData("2026-08-31T00:00:00Z", "P3M", "2026-11-30T00:00:00Z")]
    [InlineData("2028-02-29T23:59:59Z", "P1Y", "2029-02-28T23:59:59Z")]
    [InlineData("2028-02-29T00:00:00Z", "P4Y", "2032-02-29T00:00:00Z")]
    [InlineData("2026-03-28T23:30:00Z", "P1D", "2026-03-29T23:30:00Z")]
    [InlineData("2026-12-31T23:00:00Z", "PT90M", "2027-01-01T00:30:00Z")]
    public void A_period_is_added_in_utc_and_keeps_to_the_ends_of_months(string since, string every, string due) =>
        Freshness.DueAt(Secret("db") with { RotateEvery = PeriodPattern.Roundtrip.Parse(every).Value }, At(since), RunLimits.Default)
            .Should().Be(At(due));

    [Fact]
    public void Nothing_is_due_before_the_minimum_interval_has_passed() =>
        Freshness.DueAt(Secret("db") with { RotateEvery = Period.FromMinutes(1) }, Noon, RunLimits.Default)
            .Should().Be(Noon + RunLimits.Default.MinimumInterval);

    private static Instant At(string text) => InstantPattern.General.Parse(text).Value;
}
