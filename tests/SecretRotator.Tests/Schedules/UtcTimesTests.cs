using Cronos;
using CsCheck;
using SecretRotator.Configuration;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Tests.Schedules;

/// <summary>
/// What a crontab says in its zone, as Cronos reads it, is what Bitbucket's seven fields say in UTC, as Quartz reads them: two readers
/// that know nothing of the translation.
/// </summary>
public sealed class UtcTimesTests
{
    private const int Compared = 400;

    private static readonly Instant Now = Instant.FromUtc(2026, 11, 23, 12, 0);

    // Around a new year, a leap day, and both changes of the clocks in Europe and America.
    private static readonly DateTime[] Starts =
    [
        new(2026, 12, 30, 0, 0, 0, DateTimeKind.Utc), new(2028, 2, 26, 0, 0, 0, DateTimeKind.Utc),
        new(2027, 3, 13, 0, 0, 0, DateTimeKind.Utc),
        new(2027, 3, 27, 0, 0, 0, DateTimeKind.Utc), new(2027, 10, 30, 0, 0, 0, DateTimeKind.Utc),
    ];

    private static readonly string[] FixedZones =
    [
        "UTC", "Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", "America/Phoenix", "America/Bogota", "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "Africa/Lagos", "Etc/GMT-1", "Etc/GMT+12", "Australia/Darwin", "Pacific/Marquesas",
    ];

    [Theory]
    [InlineData("30 1 * * *", "UTC", "0 30 1 * * ? *")]
    [InlineData("*/15 * * * *", "UTC", "0 0,15,30,45 * * * ? *")]
    [InlineData("0 4 * * mon", "UTC", "0 0 4 ? * MON *")]
    [InlineData("0 4 * * 1-5", "UTC", "0 0 4 ? * MON-FRI *")]
    [InlineData("0 4 * * 7", "UTC", "0 0 4 ? * SUN *")]
    [InlineData("0 4 * * fri-mon", "UTC", "0 0 4 ? * SUN,MON,FRI,SAT *")]
    [InlineData("0 4 1 1,7 *", "UTC", "0 0 4 1 JAN,JUL ? *")]
    [InlineData("0 9 * * *", "Asia/Tokyo", "0 0 0 * * ? *")]
    [InlineData("0 9 * * *", "Asia/Kolkata", "0 30 3 * * ? *")]
    [InlineData("0 2 * * mon", "Asia/Tokyo", "0 0 17 ? * SUN *")]
    [InlineData("0 2 * * sun", "Asia/Tokyo", "0 0 17 ? * SAT *")]
    [InlineData("0 20 * * sat", "America/Phoenix", "0 0 3 ? * SUN *")]
    [InlineData("0 2 15 * *", "Asia/Tokyo", "0 0 17 14 * ? *")]
    [InlineData("0 2 1 1 *", "Asia/Tokyo", "0 0 17 31 DEC ? *")]
    [InlineData("0 22-3 * * *", "Asia/Tokyo", "0 0 13-18 * * ? *")]
    [InlineData("0 20 31 12 *", "America/Bogota", "0 0 1 1 JAN ? *")]
    [InlineData("17 * * * *", "Europe/Berlin", "0 17 * * * ? *")]
    [InlineData("*/20 * * * *", "America/New_York", "0 0,20,40 * * * ? *")]
    [InlineData("*/30 * * * *", "Australia/Lord_Howe", "0 0,30 * * * ? *")]
    [InlineData("0 * * * *", "Asia/Kolkata", "0 30 * * * ? *")]
    public void A_crontab_is_written_in_utc(string cron, string zone, string pattern)
    {
        QuartzPattern.Of(Translated(cron, zone).Times!).Should().Be(pattern);
        ShouldAgree(cron, zone, pattern);
    }

    [Theory]
    [InlineData("30 1 * * *", "Europe/Berlin", "The clocks of Europe/Berlin change (UTC+01 and UTC+02)")]
    [InlineData("0 2-5 * * *", "America/New_York", "The clocks of America/New_York change")]
    [InlineData("*/15 * * * mon", "Europe/Berlin", "The clocks of Europe/Berlin change")]
    [InlineData("0 * * * *", "Australia/Lord_Howe", "The clocks of Australia/Lord_Howe change")]
    [InlineData("0 2 1 * *", "Asia/Tokyo", "can't be expressed in that way in every month")]
    [InlineData("0 2 1 3 *", "Asia/Tokyo", "can't be expressed in that way in every month")]
    [InlineData("0 20 28 2 *", "America/Bogota", "can't be expressed in that way in every month")]
    [InlineData("0 2 * 6 mon", "Asia/Tokyo", "can't be expressed in that way in every month")]
    [InlineData("0 2 * 6 *", "Asia/Tokyo", "can't be expressed in that way in every month")]
    [InlineData("0 6-12 * * mon", "Asia/Tokyo", "fall on another day than the others")]
    [InlineData("0,50 9 * * *", "Asia/Kathmandu", "is no set of hours with the same minutes in UTC")]
    [InlineData("0 4 13 * fri", "UTC", "limits both the days of the month and the days of the week")]
    [InlineData("0 4 13 * fri", "Europe/Berlin", "limits both the days of the month and the days of the week")]
    public void What_utc_can_not_say_all_year_is_refused_with_its_reason(string cron, string zone, string why)
    {
        var utc = Translated(cron, zone);

        utc.Times.Should().BeNull();
        utc.Why.Should().Contain(why);
        utc.WriteInstead.Should().NotBeEmpty();
    }

    [Fact]
    public void A_time_that_is_split_by_midnight_is_told_how_to_write_twice() =>
        Translated("0 6-12 * * mon", "Asia/Tokyo").WriteInstead.Should().Be("Write two schedules: one with the hours 6-8, one with 9-12.");

    [Fact]
    public void Clocks_that_change_are_told_with_what_each_offset_would_be() =>
        Translated("30 0 * * *", "Europe/Berlin").Why.Should()
            .Contain("\"30 0 * * *\" would be \"30 23 * * *\" at UTC+01, \"30 22 * * *\" at UTC+02");

    [Fact]
    public void Any_crontab_in_a_zone_with_one_offset_is_refused_or_means_the_same_in_utc() =>
        Gen.Select(Crontab(), Gen.Int[0, FixedZones.Length - 1].Select(index => FixedZones[index])).Sample(
            (cron, zone) =>
            {
                if (Translated(cron, zone).Times is { } utc)
                    ShouldAgree(cron, zone, QuartzPattern.Of(utc));
            },
            iter: Effort.Of(1_500));

    [Fact]
    public void Any_crontab_is_written_so_that_it_is_read_as_the_same() =>
        Crontab().Sample(cron => Times(Times(cron).ToString()) == Times(cron), iter: 2_000);

    [Fact]
    public void Any_pattern_that_is_written_is_read_as_the_same() =>
        Crontab().Where(cron => Times(cron).AnyDay || Times(cron).AnyWeekday)
            .Sample(cron => QuartzPattern.Read(QuartzPattern.Of(Times(cron))) == Times(cron), iter: 2_000);

    [Theory]
    [InlineData("0 0 4 ? * 2 *", "0 0 4 ? * MON *")]
    [InlineData("0 0 4 ? * 1-7 *", "0 0 4 * * ? *")]
    [InlineData("0 0/15 * * * ?", "0 0,15,30,45 * * * ? *")]
    [InlineData("0  0 4 L * ? *", "0 0 4 L * ? *")]
    [InlineData("30 0 4 * * ? *", "30 0 4 * * ? *")]
    [InlineData("0 0 4 * * * *", "0 0 4 * * * *")]
    public void Patterns_of_others_are_compared_by_what_they_mean(string theirs, string normal) =>
        QuartzPattern.Normal(theirs).Should().Be(normal);

    [Theory]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("* * * 13 *")]
    [InlineData("* * * * 8")]
    [InlineData("* * * * mun")]
    [InlineData("*/0 * * * *")]
    [InlineData("5- * * * *")]
    [InlineData("5-10-15 * * * *")]
    [InlineData("1//2 * * * *")]
    [InlineData("* * L * *")]
    [InlineData("* * ? * *")]
    [InlineData("* * * * fri#2")]
    [InlineData("H * * * *")]
    [InlineData(", * * * *")]
    [InlineData("50-10/5 * * * *")]
    [InlineData("@daily")]
    [InlineData("0 0 4 * * ?")]
    [InlineData("* * * *")]
    public void What_is_no_crontab_is_refused(string cron)
    {
        var problems = new ProblemList("schedule.yaml");

        CronTimes.Read(new(cron, Position.Start), problems).Should().BeNull();

        problems.Count.Should().Be(1);
    }

    [Fact]
    public void Quartz_and_crontabs_count_the_days_of_the_week_from_different_numbers()
    {
        QuartzPattern.Read("0 0 4 ? * 1 *")!.Weekdays.Should().Be(Times("0 4 * * 0").Weekdays);
        QuartzPattern.Read("0 0 4 ? * 0 *").Should().BeNull();
    }

    internal static CronTimes Times(string cron) =>
        CronTimes.Read(new(cron, Position.Start), new("schedule.yaml")) ?? throw new InvalidOperationException(cron);

    private static UtcTimes Translated(string cron, string zone) => UtcTimes.Of(Times(cron), DateTimeZoneProviders.Tzdb[zone], Now);

    private static void ShouldAgree(string cron, string zone, string pattern)
    {
        // In the very hour of a change Cronos moves what is skipped to the first minute after it; so each offset is judged for itself.
        var offsets = UtcTimes.OffsetsOf(DateTimeZoneProviders.Tzdb[zone], Now);
        foreach (var offset in offsets)
            ShouldAgree(
                cron, offsets.Length == 1
                    ? TimeZoneInfo.FindSystemTimeZoneById(zone)
                    : TimeZoneInfo.CreateCustomTimeZone($"{zone} {offset}", offset.ToTimeSpan(), null, null), pattern);
    }

    private static void ShouldAgree(string cron, TimeZoneInfo there, string pattern)
    {
        var source = CronExpression.Parse(cron);
        var judge = new Quartz.CronExpression(pattern, TimeZoneInfo.Utc);
        foreach (var start in Starts)
        {
            var (expected, actual) = (start, (DateTimeOffset?)start);
            for (var run = 0; run < Compared; run++)
            {
                var next = source.GetNextOccurrence(expected, there);
                actual = judge.GetNextValidTimeAfter(actual!.Value);
                if (actual?.UtcDateTime != next)
                    actual?.UtcDateTime.Should().Be(next, $"\"{cron}\" in {there.Id} is to be \"{pattern}\"");
                if (next is null || next > start.AddYears(9))
                    break;
                expected = next.Value;
            }
        }
    }

    // Most of them sparse: a crontab that runs all the time proves little.
    private static Gen<string> Crontab() => Gen.Select(
        Field(0, 59), Field(0, 23), Rarely(Field(1, 28)), Rarely(Field(1, 12)), Rarely(Field(0, 7)),
        (minute, hour, day, month, weekday) => $"{minute} {hour} {day} {month} {weekday}");

    private static Gen<string> Rarely(Gen<string> field) => Gen.Frequency((3, Gen.Const("*")), (1, field));

    private static Gen<string> Field(int first, int last) => Gen.Frequency(
        (4, Gen.Int[first, last].Select(number => $"{number}")),
        (1, Gen.Const("*")),
        (1, Gen.Int[2, Math.Max(2, last / 2)].Select(step => $"*/{step}")),
        (2, Gen.Select(Gen.Int[first, last], Gen.Int[first, last], (one, other) => $"{Math.Min(one, other)}-{Math.Max(one, other)}")),
        (1, Gen.Select(Gen.Int[first, last], Gen.Int[first, last], (one, other) => $"{one},{other}")),
        (1, Gen.Select(Gen.Int[first, last], Gen.Int[2, 5], (from, step) => $"{from}/{step}")));
}
