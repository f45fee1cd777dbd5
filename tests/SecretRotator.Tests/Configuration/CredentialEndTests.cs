namespace SecretRotator.Tests.Configuration;

public sealed class CredentialEndTests
{
    private const string Credential = "The Bitbucket credential vault://prod/ci/bitbucket#token";

    private static readonly Instant Now = Instant.FromUtc(2026, 11, 23, 12, 0);

    [Fact]
    public void A_date_is_good_until_its_day_is_over() =>
        CredentialEnd.Read(Credential, "2026-11-30").At.Should().Be(Instant.FromUtc(2026, 12, 1, 0, 0));

    [Fact]
    public void An_instant_is_taken_as_it_is() =>
        CredentialEnd.Read(Credential, "2026-11-30T08:30:00Z").At.Should().Be(Instant.FromUtc(2026, 11, 30, 8, 30));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("next year")]
    [InlineData("30.11.2026")]
    [InlineData("9999-12-31")]
    public void What_no_one_tells_is_unknown_and_never_near(string? text)
    {
        var end = CredentialEnd.Read(Credential, text);

        (end.At, end.IsNear(Now), end.HasPassed(Now)).Should().Be((null, false, false));
        end.Tell(Now).Should().Be("No one says when the Bitbucket credential vault://prod/ci/bitbucket#token ends.");
    }

    [Theory]
    [InlineData(31 * 24, false, false)]
    [InlineData((30 * 24) + 1, false, false)]
    [InlineData(30 * 24, true, false)]
    [InlineData(1, true, false)]
    [InlineData(0, false, true)]
    [InlineData(-1, false, true)]
    public void It_is_near_from_thirty_days_before_and_passed_from_its_instant_on(int hours, bool isNear, bool hasPassed)
    {
        var end = new CredentialEnd(Credential, Now + Duration.FromHours(hours));

        (end.IsNear(Now), end.HasPassed(Now)).Should().Be((isNear, hasPassed));
    }

    [Fact]
    public void It_tells_when_and_how_soon() =>
        CredentialEnd.Read(Credential, "2026-11-30").Tell(Now).Should().Be(Credential + " ends at 2026-12-01 00:00 UTC, in 7 days.");
}
