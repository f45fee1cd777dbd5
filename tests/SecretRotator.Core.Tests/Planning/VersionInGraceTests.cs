using SecretRotator.Backends;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class VersionInGraceTests
{
    private static readonly GracePolicy Hour = new GracePolicy.Lasting(Duration.FromHours(1));
    private static readonly GraceMark Mark = new(new("v0"), Noon, new("r0"));

    [Theory]
    [InlineData(59, 30, true)] // Someone used it after the new one was delivered: a pipeline may, until the grace is over.
    [InlineData(59, 0, false)]
    [InlineData(60, 30, false)]
    [InlineData(60, 60, false)]
    [InlineData(62, 61, true)]
    public void A_use_keeps_it_if_it_was_after_the_delivery_or_once_that_is_over_after_the_grace(int now, int used, bool keeps) =>
        (VersionInGrace.FindUse(
            Hour, Mark, new Slot(new("a"), Enabled: true) { UsedAt = Noon + Duration.FromMinutes(used) }, Noon + Duration.FromMinutes(now))
            is not null).Should().Be(keeps);

    [Theory]
    [InlineData(6, false)]
    [InlineData(7, true)]
    public void A_disabled_one_is_kept_for_a_rollback_until_it_is_deleted(int days, bool isOver)
    {
        var old = VersionInGrace.Of(
            Hour, Mark with { DisabledAt = Noon }, Duration.FromDays(7), JobsInFlight.None, Noon + Duration.FromDays(days));

        (old.IsDisabled, old.Until, old.OverBecause is not null).Should().Be((true, Noon + Duration.FromDays(7), isOver));
    }
}
