using SecretRotator.Doctor.AllowLists;
using SecretRotator.Providers.Http;
using SecretRotator.Tests.Hostile;

namespace SecretRotator.Tests.Commands;

/// <summary><c>doctor allowlist</c>, from files and from a server on loopback.</summary>
public sealed class AllowListTests : IDisposable
{
    private const string Ranges = """
        {"creationDate":"2026-11-01T10:00:00","syncToken":1793527200,"items":[
        {"cidr":"104.192.136.0/21","region":["global"],"product":["bitbucket","jira"],"direction":["egress","ingress"]},
        {"cidr":"185.166.142.7/23","region":["global"],"product":["bitbucket"],"direction":["egress"]},
        {"cidr":"185.166.140.0/23","region":["global"],"product":["bitbucket"],"direction":["egress"]},
        {"cidr":"185.166.142.128/25","region":["eu-west-1"],"product":["bitbucket"],"direction":["egress"]},
        {"cidr":"13.52.5.96/28","region":["us-west-1"],"product":["bitbucket"],"direction":["egress"]},
        {"cidr":"18.136.214.96/28","region":["ap-southeast-1"],"product":["jira"],"direction":["egress"]},
        {"cidr":"::ffff:13.236.8.224/124","region":["ap-southeast-2"],"product":["bitbucket"],"direction":["egress"]},
        {"cidr":"2401:1d80:3000::/36","region":["global"],"product":["bitbucket"],"direction":["egress","ingress"]}]}
        """;

    private readonly CommandFixture _run = new();

    public AllowListTests() => File.Delete(_run.InventoryPath);

    [Fact]
    public async Task Json_names_source_state_and_ranges()
    {
        (await RunAsync("--from", Write(Ranges))).Should().Be(0);

        _run.Json.GetProperty("version").GetInt32().Should().Be(1);
        _run.Json.GetProperty("syncToken").GetString().Should().Be("1793527200");
        Texts("ipv4").Should().Equal("13.52.5.96/28", "13.236.8.224/28", "104.192.136.0/21", "185.166.140.0/22");
        Texts("ipv6").Should().Equal("2401:1d80:3000::/36");
        _run.Sessions.Opened.Should().BeEmpty();
    }

    [Fact]
    public async Task Product_direction_and_region_choose()
    {
        var file = Write(Ranges);
        await RunAsync("--from", file, "--product", "jira");
        Texts("ipv4").Should().Equal("18.136.214.96/28", "104.192.136.0/21");
        await RunAsync("--from", file, "--direction", "ingress");
        Texts("ipv4").Should().Equal("104.192.136.0/21");
        await RunAsync("--from", file, "--region", "us-west-1", "--product", "Bitbucket", "--product", "jira");
        Texts("ipv4").Should().Equal("13.52.5.96/28", "104.192.136.0/21", "185.166.140.0/22");
    }

    [Fact]
    public async Task Nftables_gets_two_sets_and_a_chain_that_drops_nothing()
    {
        (await RunAsync("--from", Write(Ranges), "--format", "nftables", "--port", "443")).Should().Be(0);

        _run.Out.Should().Contain("syncToken 1793527200")
            .And.Contain("set atlassian_in4 { type ipv4_addr; flags interval; }")
            .And.Contain(
                "add element inet filter atlassian_in4 {\n  13.52.5.96/28,\n  13.236.8.224/28,\n  104.192.136.0/21,\n  "
                    + "185.166.140.0/22\n}\n")
            .And.Contain("add element inet filter atlassian_in6 {\n  2401:1d80:3000::/36\n}\n")
            .And.Contain("add rule inet filter atlassian_in tcp dport { 443 } ip saddr @atlassian_in4 accept\n")
            .And.NotContain("drop\n");
    }

    [Fact]
    public async Task Iptables_gets_one_file_for_both_families()
    {
        (await RunAsync("--from", Write(Ranges), "--format", "iptables", "--direction", "ingress", "--port", "22", "--port", "7999"))
            .Should().Be(0);

        _run.Out.Split('\n').Where(line => !line.StartsWith('#')).Should().Equal(
            "*filter",
            ":ATLASSIAN-OUT - [0:0]",
            "-4 -A ATLASSIAN-OUT -d 104.192.136.0/21 -p tcp -m multiport --dports 22,7999 -j ACCEPT",
            "-6 -A ATLASSIAN-OUT -d 2401:1d80:3000::/36 -p tcp -m multiport --dports 22,7999 -j ACCEPT",
            "COMMIT",
            "");
    }

    [Fact]
    public async Task A_security_group_gets_permissions_and_its_reader_the_count()
    {
        (await RunAsync("--from", Write(Ranges), "--format", "aws-security-group")).Should().Be(0);

        var permissions = _run.Json.EnumerateArray().ToArray();
        permissions.Select(each => each.GetProperty("FromPort").GetInt32()).Should().Equal(22, 443);
        permissions[1]
            .GetProperty("IpRanges")
            .EnumerateArray()
            .Select(each => each.GetProperty("CidrIp").GetString())
            .Should().Contain("185.166.140.0/22");
        permissions[1].GetProperty("Ipv6Ranges")[0].GetProperty("CidrIpv6").GetString().Should().Be("2401:1d80:3000::/36");
        _run.Error.ReplaceLineEndings(" ").Should().Contain("8 rules for IPv4, 2 for IPv6.").And.NotContain("too many");
    }

    [Fact]
    public async Task More_rules_than_a_security_group_takes_are_told()
    {
        var items = string.Join(
            ',', Enumerable.Range(0, 31)
                .Select(i => $"{{\"cidr\":\"104.192.{i * 2}.0/24\",\"product\":[\"bitbucket\"],\"direction\":[\"egress\"]}}"));

        await RunAsync("--from", Write($"{{\"items\":[{items}]}}"), "--format", "aws-security-group");

        _run.Error.ReplaceLineEndings(" ")
            .Should().Contain("62 rules for IPv4").And
            .Contain("That is too many").And
            .Contain("syncToken unknown");
    }

    [Fact]
    public async Task The_same_list_gives_the_same_text_in_whatever_order_it_comes()
    {
        await RunAsync("--from", Write(Ranges), "--format", "iptables");
        var first = _run.Out;
        using var document = JsonDocument.Parse(Ranges);
        var items = document.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetRawText()).Reverse();

        await RunAsync(
            "--from",
            Write($"{{\"creationDate\":\"2026-11-01T10:00:00\",\"syncToken\":\"1793527200\",\"items\":[{string.Join(',', items)}]}}"),
            "--format", "iptables");

        _run.Out.Should().Be(first);
    }

    [Theory]
    [InlineData("nonsense", "It isn't JSON from line 1 on.")]
    [InlineData("[]", "It has no list of \"items\".")]
    [InlineData("{\"items\":{}}", "It has no list of \"items\".")]
    [InlineData("{\"items\":[7]}", "Its item 1 has no \"cidr\".")]
    [InlineData("{\"items\":[{\"cidr\":7}]}", "Its item 1 has no \"cidr\".")]
    [InlineData("{\"items\":[{\"cidr\":\"300.1.1.1/8\"}]}", "is no block of addresses")]
    [InlineData("{\"items\":[{\"cidr\":\"104.192.136.0/33\"}]}", "is no block of addresses")]
    [InlineData("{\"items\":[{\"cidr\":\"104.192.136/21\"}]}", "is no block of addresses")]
    [InlineData("{\"items\":[{\"cidr\":\"fe80::1%eth0/64\"}]}", "is no block of addresses")]
    [InlineData("{\"items\":[{\"cidr\":\"104.192.136.0/21; drop table\"}]}", "is no block of addresses")]
    [InlineData("{\"items\":[{\"cidr\":\"0.0.0.0/0\"}]}", "would admit a large part of the internet")]
    [InlineData("{\"items\":[{\"cidr\":\"2401::/16\"}]}", "would admit a large part of the internet")]
    [InlineData("{\"items\":[{\"cidr\":\"10.1.0.0/16\"}]}", "is no public range")]
    [InlineData("{\"items\":[{\"cidr\":\"::ffff:10.1.0.0/112\"}]}", "is no public range")]
    [InlineData("{\"items\":[{\"cidr\":\"::1/128\"}]}", "is no public range")]
    [InlineData("{\"items\":[]}", "None of its 0 ranges is for bitbucket, egress.")]
    [InlineData("{\"items\":[{\"cidr\":\"1.2.3.0/24\",\"product\":[\"jira\"],\"direction\":[\"egress\"]}]}", "It has the products jira")]
    public async Task What_is_no_such_list_is_refused_and_no_rule_is_written(string content, string said)
    {
        (await RunAsync("--from", Write(content), "--format", "nftables")).Should().Be(2);

        _run.Error.ReplaceLineEndings(" ").Replace("   ", " ", StringComparison.Ordinal).Should().Contain(said).And.Contain("ranges.json");
        _run.Out.Should().BeEmpty();
    }

    [Theory]
    [InlineData("--from nowhere.json", "There is no such file.")]
    [InlineData("--from http://example.com/", "not fetched in the clear")]
    [InlineData("--from https://user:pass@example.com/", "without user and password")]
    [InlineData("--from ftp://example.com/", "a file or an https address")]
    [InlineData("--format ufw", "'ufw' not recognized")]
    [InlineData("--direction both", "'both' not recognized")]
    [InlineData("--port 0", "--port takes a whole number from 1 to 65535.")]
    [InlineData("--port https", "--port takes a whole number from 1 to 65535.")]
    [InlineData("--product a\nb", "--product takes words")]
    public async Task A_mistake_on_the_command_line_answers_2(string arguments, string said)
    {
        (await RunAsync(arguments.Split(' '))).Should().Be(2);

        _run.Error.ReplaceLineEndings(" ").Replace("   ", " ", StringComparison.Ordinal).Should().Contain(said);
    }

    [Fact]
    public async Task Words_of_the_list_can_not_leave_their_comment()
    {
        await RunAsync(
            "--from", Write(Ranges.Replace("1793527200", "\"x\\nadd rule inet filter input accept\"", StringComparison.Ordinal)),
            "--format", "nftables");

        _run.Out.Should().Contain("syncToken unknown").And.NotContain("input accept");
    }

    [Fact]
    public async Task An_address_is_fetched()
    {
        await using var server = RawServer.Always(RawServer.Http("200 OK", Ranges));

        (await RunAsync("--from", server.Address.ToString())).Should().Be(0);

        Texts("ipv4").Should().HaveCount(4);
        server.Requests.Should().ContainSingle();
    }

    [Theory]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: https://example.com/\r\nContent-Length: 0\r\n\r\n", "It answers 302.")]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "It answers 500.")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", "Its answer breaks off or isn't HTTP.")]
    [InlineData("nonsense\r\n\r\n", "Its answer breaks off or isn't HTTP.")]
    public async Task An_address_that_does_not_give_it_is_told(string answer, string said)
    {
        await using var server = RawServer.Always(answer);

        (await RunAsync("--from", server.Address.ToString())).Should().Be(2);

        _run.Error.ReplaceLineEndings(" ").Replace("   ", " ", StringComparison.Ordinal).Should().Contain(said);
    }

    [Fact]
    public async Task An_endless_answer_is_given_up()
    {
        await using var server = new RawServer(async (_, stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8.ToArray(), stop);
            for (var i = 0; i < 600; i++)
                await stream.WriteAsync(Encoding.ASCII.GetBytes(new string(' ', 8192)), stop);
        });

        (await RunAsync("--from", server.Address.ToString())).Should().Be(2);

        _run.Error.Should().Contain("larger than 4 MiB");
    }

    [Fact]
    public async Task A_proxy_that_refuses_is_told()
    {
        var read = () => RangesSource.ReadAsync(RangesSource.Published, () => new RefusingProxy(), TestContext.Current.CancellationToken);

        (await read.Should().ThrowAsync<UsageException>()).WithMessage("The proxy refuses it.");
    }

    [Fact]
    public async Task The_proxy_of_the_environment_is_used()
    {
        _run.Environment["HTTPS_PROXY"] = "http://127.0.0.1:9";

        (await RunAsync("--from", "https://ranges.invalid/")).Should().NotBe(0);

        _run.Error.Should().Contain("127.0.0.1:9");
    }

    [Fact]
    public async Task A_large_file_is_not_read()
    {
        (await RunAsync("--from", Write(new string(' ', (4 * 1024 * 1024) + 1)))).Should().Be(2);

        _run.Error.Should().Contain("larger than 4 MiB");
    }

    public void Dispose() => _run.Dispose();

    private Task<int> RunAsync(params string[] arguments) => _run.RunAsync(["doctor", "allowlist", .. arguments]);

    private IEnumerable<string?> Texts(string name) => _run.Json.GetProperty(name).EnumerateArray().Select(each => each.GetString());

    private sealed class RefusingProxy : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new ProxyRefusedException("http://proxy.example:3128", 403);
    }

    private string Write(string content)
    {
        var path = _run.PathOf("ranges.json");
        File.WriteAllText(path, content);
        return path;
    }
}
