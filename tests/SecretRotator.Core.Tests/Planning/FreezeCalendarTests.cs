using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class FreezeCalendarTests
{
    private static readonly Freeze Short = Until(18, "short");
    private static readonly Freeze Long = Until(20, "long");

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public void Its_beginning_belongs_to_a_freeze(int seconds, bool frozen) =>
        (FreezeCalendar.FreezeAt([Short], Noon + Duration.FromSeconds(seconds)) is not null).Should().Be(frozen);

    [Theory]
    [InlineData(0, false)]
    [InlineData(-1, true)]
    public void Its_end_does_not_belong_to_a_freeze(int seconds, bool frozen) =>
        (FreezeCalendar.FreezeAt([Short], Noon + Duration.FromDays(1) + Duration.FromSeconds(seconds)) is not null).Should().Be(frozen);

    [Fact]
    public void Of_several_freezes_the_one_that_ends_last_is_told()
    {
        FreezeCalendar.FreezeAt([Short, Long], Noon).Should().Be(Long);
        FreezeCalendar.FreezeAt([Long, Short], Noon).Should().Be(Long);
    }

    private static Freeze Until(int day, string reason) => new(new(2026, 6, 17, 12, 0), new(2026, 6, day, 12, 0), DateTimeZone.Utc, reason);
}
