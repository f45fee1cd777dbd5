using SecretRotator.Providers.Http;

namespace SecretRotator.Tests.Settings;

public sealed class ProxySettingsTests
{
    private static readonly Uri Service = new("https://api.bitbucket.org/2.0");

    [Fact]
    public void Without_a_variable_no_proxy_is_named() => Read([]).Should().BeNull();

    [Theory]
    [InlineData("HTTPS_PROXY", "http://proxy.acme.example:3128")]
    [InlineData("https_proxy", "http://proxy.acme.example:3128")]
    [InlineData("ALL_PROXY", "http://proxy.acme.example:3128")]
    [InlineData("HTTPS_PROXY", "proxy.acme.example:3128")]
    [InlineData("HTTPS_PROXY", " http://proxy.acme.example:3128/ ")]
    public void The_variable_for_https_names_the_proxy_of_a_service(string variable, string text) =>
        Read([(variable, text)])!.For(Service)!.Address.Should().Be(new Uri("http://proxy.acme.example:3128/"));

    [Fact]
    public void The_lower_case_goes_first() =>
        Read([("HTTPS_PROXY", "http://upper:1"), ("https_proxy", "http://lower:2")])!.For(Service)!
            .ToString()
            .Should().Be("http://lower:2 (https_proxy)");

    [Fact]
    public void The_proxy_for_http_is_none_for_https() => Read([("HTTP_PROXY", "http://proxy:1")])!.For(Service).Should().BeNull();

    [Theory]
    [InlineData("http://rotator:s3cret@proxy:3128", "rotator", "s3cret")]
    [InlineData("http://rotator:p%40ss%3Aw%2Frd@proxy:3128", "rotator", "p@ss:w/rd")]
    [InlineData("http://rotator:p@ss@proxy:3128", "rotator", "p@ss")]
    [InlineData("rotator:s3cret@proxy:3128", "rotator", "s3cret")]
    public void A_login_is_read_and_never_shown(string text, string user, string password)
    {
        var proxy = Read([("HTTPS_PROXY", text)])!.For(Service)!;

        proxy.User.Should().Be(user);
#pragma warning disable RS0030 // A test may look.
        proxy.Password!.RevealText().Should().Be(password);
#pragma warning restore RS0030
        proxy.ToString().Should().Be("http://proxy:3128 (HTTPS_PROXY)");
        proxy.Address.UserInfo.Should().BeEmpty();
    }

    [Theory]
    [InlineData("socks5://proxy:1080")]
    [InlineData("http://user:hunter2@")]
    [InlineData("http://user:hunter2@proxy:70000")]
    [InlineData("http://user:hunter2@proxy:3128/path")]
    public void What_cannot_be_read_is_a_mistake_that_names_the_variable_and_shows_nothing_of_it(string text)
    {
        var problems = ImmutableArray.CreateBuilder<Problem>();

        ProxySettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["HTTPS_PROXY"] = text }, problems);

        problems.Should().ContainSingle().Which.Message.Should().Contain("HTTPS_PROXY").And.NotContain("hunter2");
        problems[0].Hint.Should().NotContain("hunter2");
    }

    [Theory]
    [InlineData("https://127.0.0.1:8443/")]
    [InlineData("https://localhost/")]
    [InlineData("https://[::1]/")]
    public void This_very_machine_needs_no_proxy_unless_the_sandbox_says_so(string address)
    {
        var proxies = Read([("HTTPS_PROXY", "http://proxy:1")])!;

        proxies.For(new Uri(address)).Should().BeNull();
        (proxies with { AlsoForLoopback = true }).For(new Uri(address)).Should().NotBeNull();
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("api.bitbucket.org", true)]
    [InlineData("API.Bitbucket.ORG", true)]
    [InlineData("bitbucket.org", true)]
    [InlineData(".bitbucket.org", true)]
    [InlineData("*.bitbucket.org", true)]
    [InlineData("api.bitbucket.org:443", true)]
    [InlineData("localhost,bitbucket.org", true)]
    [InlineData("localhost bitbucket.org", true)]
    [InlineData("bucket.org", false)]
    [InlineData("api.bitbucket.org:8443", false)]
    [InlineData("other.example", false)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData(",,", false)]
    [InlineData(".", false)]
    public void NO_PROXY_takes_names_with_all_below_them(string list, bool direct) => Covers(list, Service).Should().Be(direct);

    [Theory]
    [InlineData("10.0.0.0/8", "https://10.1.2.3/", true)]
    [InlineData("10.9.9.9/8", "https://10.1.2.3/", true)]
    [InlineData("10.0.0.0/8", "https://11.1.2.3/", false)]
    [InlineData("10.1.2.3", "https://10.1.2.3/", true)]
    [InlineData("10.1.2.3:443", "https://10.1.2.3/", true)]
    [InlineData("10.1.2.3:80", "https://10.1.2.3/", false)]
    [InlineData("10.1.2.3", "https://10.1.2.30/", false)]
    [InlineData("fd00::/8", "https://[fd12::1]/", true)]
    [InlineData("fd00::1", "https://[fd00::1]/", true)]
    [InlineData("[fd00::1]:443", "https://[fd00::1]/", true)]
    [InlineData("fd00::/8", "https://[fe80::1]/", false)]
    [InlineData("0.0.0.0/0", "https://10.1.2.3/", true)]
    public void NO_PROXY_takes_addresses_and_networks(string list, string address, bool direct) =>
        Covers(list, new Uri(address)).Should().Be(direct);

    [Theory]
    [InlineData("10.*", 1)]
    [InlineData("acme.example, 10.1.*.*", 2)]
    [InlineData("git*.acme.example", 1)]
    [InlineData("10.0.0.0/33", 1)]
    [InlineData("10/8", 1)]
    [InlineData("http://acme.example", 1)]
    [InlineData("*,*.acme.example,10.0.0.0/8,[fd00::1]:443,under_score,bücher.example,user@host", 7)]
    public void An_entry_of_NO_PROXY_that_can_not_be_read_is_told_and_not_passed_over(string list, int entry)
    {
        var problems = ImmutableArray.CreateBuilder<Problem>();

        ProxySettings.Read(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["HTTPS_PROXY"] = "http://proxy:1", ["NO_PROXY"] = list }, problems);

        problems.Should().ContainSingle().Which.Message
            .Should().StartWith($"Entry {entry} of NO_PROXY can't be read").And
            .NotContain("acme");
        problems[0].Hint.Should().Contain("10.0.0.0/8");
    }

    private static bool Covers(string list, Uri address) =>
        Read([("HTTPS_PROXY", "http://proxy:1"), ("NO_PROXY", list)])!.For(address) is null;

    private static ProxySettings? Read((string Name, string Value)[] environment)
    {
        var problems = ImmutableArray.CreateBuilder<Problem>();
        var read = ProxySettings.Read(environment.ToDictionary(each => each.Name, each => each.Value, StringComparer.Ordinal), problems);
        problems.Should().BeEmpty();
        return read;
    }
}
