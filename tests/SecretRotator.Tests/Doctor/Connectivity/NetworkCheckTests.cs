using SecretRotator.Doctor.Connectivity;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Tests.Doctor.Connectivity;

public sealed class NetworkCheckTests
{
    private static readonly Endpoint Bitbucket = new("Bitbucket's API", new Uri("https://api.bitbucket.org/2.0"));

    [Theory]
    [InlineData(0, CheckStatus.Pass)]
    [InlineData(-59, CheckStatus.Pass)]
    [InlineData(61, CheckStatus.Warn)]
    [InlineData(-61, CheckStatus.Warn)]
    [InlineData(299, CheckStatus.Warn)]
    [InlineData(301, CheckStatus.Fail)]
    [InlineData(-301, CheckStatus.Fail)]
    public void A_clock_is_judged_by_how_far_it_is_off(int seconds, object expected) =>
        ClockSkew.Judge([(Bitbucket, TimeSpan.FromSeconds(seconds))]).Status.Should().Be((CheckStatus)expected);

    [Fact]
    public void One_service_s_wrong_clock_is_not_this_machine_s() =>
        ClockSkew.Judge([(Bitbucket, TimeSpan.Zero), (Bitbucket, TimeSpan.FromHours(3)), (Bitbucket, TimeSpan.FromSeconds(1))]).Status
            .Should().Be(CheckStatus.Pass);

    [Fact]
    public void Without_any_date_the_clock_is_unknown() => ClockSkew.Judge([]).Status.Should().Be(CheckStatus.Unknown);

    [Fact]
    public void It_is_told_which_clock_is_behind()
    {
        ClockSkew.Judge([(Bitbucket, TimeSpan.FromMinutes(7))]).Observed.Should()
            .StartWith("This machine's clock is 7 minutes behind that of Bitbucket's API");
        ClockSkew.Judge([(Bitbucket, TimeSpan.FromMinutes(-7))]).Observed.Should()
            .StartWith("This machine's clock is 7 minutes ahead of that of Bitbucket's API");
    }

    [Fact]
    public async Task A_certificate_that_ends_soon_is_a_warning()
    {
        var ends = TimeProvider.System.GetUtcNow().AddDays(3);

        var results = await RunAsync(_ => new Arrival(200, TimeSpan.Zero, TimeSpan.Zero, null, new TlsSession("TLS 1.3", "Acme", ends)));

        results.Select(result => (result.Id, result.Status)).Should()
            .Equal(("endpoint", CheckStatus.Pass), ("certificate-ends", CheckStatus.Warn), ("clock-skew", CheckStatus.Pass));
    }

    [Theory]
    [InlineData(Hop.NameResolution, "name-resolution")]
    [InlineData(Hop.Connection, "connection")]
    [InlineData(Hop.Proxy, "proxy")]
    [InlineData(Hop.Tls, "tls")]
    [InlineData(Hop.HttpAnswer, "http-answer")]
    public async Task The_hop_that_failed_is_named(object hop, string id)
    {
        var results = await RunAsync(_ => throw new HopFailedException((Hop)hop, "it broke", "Fix it."));

        results[0].Should().BeEquivalentTo(
                new
                {
                    Id = id,
                    Status = CheckStatus.Fail,
                    Observed = "Bitbucket's API (https://api.bitbucket.org): it broke.",
                    Fix = "Fix it."
                });
    }

    private static Task<IReadOnlyList<CheckResult>> RunAsync(Func<Uri, Arrival> probe) =>
        new NetworkCheck([Bitbucket], (address, _) => Task.FromResult(probe(address)), 2, TimeProvider.System)
            .RunAsync(TestContext.Current.CancellationToken);
}
