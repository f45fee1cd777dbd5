using System.Net;
using NodaTime.Testing;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Tests.Sandbox;

public sealed class SandboxHostTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 11, 23, 12, 0);

    [Fact]
    public async Task It_listens_on_the_loopback_address_only()
    {
        await using var host = await StartAsync();

        new[] { host.Control, host.EndpointOf("bitbucket") }.Should().OnlyContain(uri => uri.Host == "127.0.0.1");
    }

    [Fact]
    public async Task Every_stand_in_has_a_port_of_its_own()
    {
        await using var host = await SandboxHost.StartAsync(
            Options(), [new NoteEmulator("bitbucket"), new NoteEmulator("aws")], cancellation: Cancellation);

        new[] { host.Control.Port, host.EndpointOf("bitbucket").Port, host.EndpointOf("aws").Port }.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task What_was_put_can_be_got()
    {
        await using var host = await StartAsync();

        await PutAsync(host, "a", "one");

        (await GetAsync(host, "a")).Should().Be("one");
    }

    [Fact]
    public async Task A_status_fault_answers_in_the_service_s_words_and_changes_nothing()
    {
        await using var host = await StartAsync("bitbucket.put@A#2=503");
        await PutAsync(host, "a", "one");

        using var refused = await PutAsync(host, "a", "two");

        refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await refused.Content.ReadAsStringAsync(Cancellation)).Should().Be("trouble 503");
        (await GetAsync(host, "a")).Should().Be("one");
    }

    [Fact]
    public async Task A_lost_answer_took_effect()
    {
        await using var host = await StartAsync("bitbucket.put=lost");

        var put = () => PutAsync(host, "a", "one");

        await put.Should().ThrowAsync<HttpRequestException>();
        (await GetAsync(host, "a")).Should().Be("one");
    }

    [Fact]
    public async Task Garbage_is_a_page_with_status_200_and_changes_nothing()
    {
        await using var host = await StartAsync("bitbucket.put=garbage");

        using var answer = await PutAsync(host, "a", "one");

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("text/html");
        (await GetAsync(host, "a")).Should().BeNull();
    }

    [Fact]
    public async Task A_delayed_answer_took_effect_before_it_arrives()
    {
        await using var host = await StartAsync("bitbucket.put@slow=delay:10m");
        using var impatient = new CancellationTokenSource();

        var put = PutUntilAsync(host, "slow", "one", impatient.Token);
        while (await GetAsync(host, "slow") is null)
            await Task.Yield();

        put.IsCompleted.Should().BeFalse();
        await impatient.CancelAsync();
        await put.Invoking(async task => await task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Kill_ends_the_caller_after_the_effect()
    {
        var killed = new List<(int Client, int Server)>();
        await using var host = await SandboxHost.StartAsync(
            Options() with
            {
                Faults = ["bitbucket.put=kill"],
                KillClient = (client, server) => { killed.Add((client, server)); return true; },
            },
            [new NoteEmulator()],
            cancellation: Cancellation);

        var put = () => PutAsync(host, "a", "one");

        await put.Should().ThrowAsync<HttpRequestException>();
        killed.Should().ContainSingle().Which.Server.Should().Be(host.EndpointOf("bitbucket").Port);
        (await GetAsync(host, "a")).Should().Be("one");
    }

    [Fact]
    public async Task Kill_before_ends_the_caller_and_nothing_took_effect()
    {
        var killed = 0;
        await using var host = await SandboxHost.StartAsync(
            Options() with { Faults = ["*.*#1=kill-before"], KillClient = (_, _) => { killed++; return true; } },
            [new NoteEmulator()],
            cancellation: Cancellation);

        var put = () => PutAsync(host, "a", "one");

        await put.Should().ThrowAsync<HttpRequestException>();
        killed.Should().Be(1);
        (await GetAsync(host, "a")).Should().BeNull();
    }

    [Fact]
    public async Task A_held_answer_took_effect_and_comes_once_the_faults_are_cleared()
    {
        await using var host = await StartAsync("bitbucket.put=hold");

        var put = PutAsync(host, "a", "one");
        await HeldAsync(host);
        var meanwhile = (await GetAsync(host, "a"), put.IsCompleted);
        host.Faults.Clear();
        using var answer = await put;

        meanwhile.Should().Be(("one", false));
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_call_that_is_held_before_its_effect_lands_late_even_if_no_one_waits_for_it()
    {
        await using var host = await StartAsync("bitbucket.put=hold-before");
        using var impatient = new CancellationTokenSource();

        var put = PutUntilAsync(host, "a", "one", impatient.Token);
        await HeldAsync(host);
        await impatient.CancelAsync();
        await put.Invoking(async task => await task).Should().ThrowAsync<OperationCanceledException>();
        var before = await GetAsync(host, "a");
        host.Faults.Clear();
        while (await GetAsync(host, "a") is null)
            await Task.Yield();

        before.Should().BeNull();
    }

    [Fact]
    public async Task A_held_call_that_is_dropped_never_takes_effect()
    {
        await using var host = await StartAsync("bitbucket.put=hold-before");
        var held = PutAsync(host, "a", "one");
        await HeldAsync(host);
        using var client = new HttpClient();
        using var body = new StringContent("""{ "drop": true }""");

        using var posted = await client.PostAsync(new Uri(host.Control, "_sandbox/faults"), body, Cancellation);

        await held.Invoking(async task => await task).Should().ThrowAsync<HttpRequestException>();
        (await GetAsync(host, "a")).Should().BeNull();
        host.Faults.Snapshot().Should().BeEmpty();
    }

    [Fact]
    public async Task Reset_drops_the_state_the_calls_the_faults_and_what_is_held()
    {
        await using var host = await StartAsync("bitbucket.put@b=hold-before");
        await PutAsync(host, "a", "one");
        var held = PutAsync(host, "b", "two");
        await HeldAsync(host);
        using var client = new HttpClient();

        using var reset = await client.PostAsync(new Uri(host.Control, "_sandbox/reset"), null, Cancellation);

        reset.StatusCode.Should().Be(HttpStatusCode.OK);
        await held.Invoking(async task => await task).Should().ThrowAsync<HttpRequestException>();
        host.Calls.Snapshot().Should().BeEmpty();
        host.Faults.Snapshot().Should().BeEmpty();
        (await GetAsync(host, "a"), await GetAsync(host, "b")).Should().Be((null, null));
    }

    [Theory]
    [InlineData(
        """{ "workspace": "acme", "repository": "nowhere", "uuid": "0c6a1f0e-6a43-4f0e-9d63-2f6f5a0f3b11", "buildNumber": 7, "state": "IN_PROGRESS" }""", HttpStatusCode.NotFound)]
    [InlineData(
        """{ "workspace": "acme", "repository": "nowhere", "uuid": "seven", "buildNumber": 7, "state": "IN_PROGRESS" }""",
        HttpStatusCode.BadRequest)]
    [InlineData("""{ "uuid": "0c6a1f0e-6a43-4f0e-9d63-2f6f5a0f3b11" }""", HttpStatusCode.BadRequest)]
    [InlineData("seven", HttpStatusCode.BadRequest)]
    public async Task A_pipeline_that_can_not_be_is_refused(string text, HttpStatusCode status)
    {
        await using var host = await StartAsync();
        using var client = new HttpClient();
        using var body = new StringContent(text);

        using var answer = await client.PostAsync(new Uri(host.Control, "_sandbox/pipelines"), body, Cancellation);

        answer.StatusCode.Should().Be(status);
    }

    [Fact]
    public async Task A_stand_in_that_fails_says_that_the_mistake_is_the_sandbox_s()
    {
        await using var host = await StartAsync();

        using var answer = await PutAsync(host, "broken", "secret-text");

        answer.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await answer.Content.ReadAsStringAsync(Cancellation)).Should()
            .StartWith("The sandbox's bitbucket failed on put: InvalidOperationException.").And.NotContain("secret-text");
    }

    [Fact]
    public async Task The_call_log_tells_operation_resource_status_and_fault_in_order()
    {
        await using var host = await StartAsync("bitbucket.put#2=503");
        await PutAsync(host, "a", "one");
        await PutAsync(host, "b", "two");

        host.Calls.Snapshot().Select(call => (call.Sequence, call.Operation, call.Resource, call.Status, call.Fault)).Should().Equal(
            (1, "put", "a", 200, null),
            (2, "put", "b", 503, "bitbucket.put#2=503"));
    }

    [Fact]
    public async Task The_control_listener_counts_the_calls_of_each_operation()
    {
        await using var host = await StartAsync();
        await PutAsync(host, "a", "one");
        await PutAsync(host, "b", "two");
        await GetAsync(host, "a");

        var counts = (await ControlAsync(host, "calls")).GetProperty("counts");

        (counts.GetProperty("bitbucket.put").GetInt32(), counts.GetProperty("bitbucket.get").GetInt32()).Should().Be((2, 1));
    }

    [Fact]
    public async Task Calls_that_wait_for_each_other_are_a_chain()
    {
        await using var host = await StartAsync();
        await PutAsync(host, "a", "one");
        await PutAsync(host, "b", "two");
        await GetAsync(host, "a");

        (await ControlAsync(host, "calls")).GetProperty("chain").GetInt32().Should().Be(3);
    }

    [Fact]
    public async Task Calls_that_overlap_count_once_in_a_chain()
    {
        await using var host = await StartAsync("bitbucket.put@first=hold");
        var first = PutAsync(host, "first", "one");
        await HeldAsync(host);
        await PutAsync(host, "second", "two");
        host.Faults.Clear();
        await first;
        await GetAsync(host, "second");

        host.Calls.Snapshot().Select(call => (call.Resource, call.Depth)).Should().Equal(("first", 1), ("second", 1), ("second", 2));
    }

    [Fact]
    public async Task A_call_whose_answer_is_lost_is_waited_for_like_any_other()
    {
        await using var host = await StartAsync("bitbucket.put=lost");
        var put = () => PutAsync(host, "a", "one");
        await put.Should().ThrowAsync<HttpRequestException>();

        await GetAsync(host, "a");

        host.Calls.Snapshot().Select(call => call.Depth).Should().Equal(1, 2);
    }

    [Fact]
    public async Task A_chain_begins_anew_once_the_calls_are_forgotten()
    {
        await using var host = await StartAsync();
        await PutAsync(host, "a", "one");
        using var client = new HttpClient();
        using var forgotten = await client.DeleteAsync(new Uri(host.Control, "_sandbox/calls"), Cancellation);
        var chain = (await ControlAsync(host, "calls")).GetProperty("chain").GetInt32();

        await GetAsync(host, "a");

        (chain, host.Calls.Snapshot().Single().Depth).Should().Be((0, 1));
    }

    [Fact]
    public async Task Faults_can_be_replaced_while_it_runs()
    {
        await using var host = await StartAsync("bitbucket.put=503");
        using var client = new HttpClient();
        using var body = new StringContent("""{ "clear": true, "add": ["bitbucket.put=429"] }""");

        using var posted = await client.PostAsync(new Uri(host.Control, "_sandbox/faults"), body, Cancellation);
        using var answer = await PutAsync(host, "a", "one");

        posted.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("""{ "add": "bitbucket.put=429" }""")]
    [InlineData("""{ "remove": true }""")]
    [InlineData("""{ "clear": true, "add": ["bitbucket.putt=429"] }""")]
    public async Task A_fault_request_that_is_wrong_changes_nothing(string text)
    {
        await using var host = await StartAsync("bitbucket.put=503");
        using var client = new HttpClient();
        using var body = new StringContent(text);

        using var posted = await client.PostAsync(new Uri(host.Control, "_sandbox/faults"), body, Cancellation);

        posted.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        host.Faults.Snapshot().Select(fault => fault.Fault.Spec).Should().Equal("bitbucket.put=503");
    }

    [Fact]
    public async Task Tls_listeners_show_a_certificate_that_its_authority_vouches_for()
    {
        await using var host = await SandboxHost.StartAsync(
            Options() with { RealClock = SystemClock.Instance }, [new NoteEmulator(tls: true)], cancellation: Cancellation);
        using var trusting = Trust.Client(host.AuthorityPem);

        using var answer = await trusting.GetAsync(new Uri(host.EndpointOf("bitbucket"), "a"), Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_folder_keeps_its_certificates_until_they_lack_a_server()
    {
        var folder = Directory.CreateTempSubdirectory("sandbox-");
        try
        {
            var first = await AuthorityAsync("db.internal");
            (await AuthorityAsync("db.internal")).Should().Be(first);
            (await AuthorityAsync("db.internal", "cache.internal")).Should().NotBe(first);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        async Task<string> AuthorityAsync(params ImmutableArray<string> hosts)
        {
            using var made = await SandboxCertificates.InAsync(
                new StateFolder(folder.FullName, TimeProvider.System), SystemClock.Instance.GetCurrentInstant(), Cancellation, hosts);
            hosts.Should().OnlyContain(host => made.Server.MatchesHostname(host, true, true));
            return made.AuthorityPem;
        }
    }

    [Fact]
    public async Task Who_does_not_trust_its_authority_does_not_get_through()
    {
        await using var host = await SandboxHost.StartAsync(
            Options() with { RealClock = SystemClock.Instance }, [new NoteEmulator(tls: true)], cancellation: Cancellation);

        var get = () => GetAsync(host, "a");

        await get.Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task A_fault_that_can_not_be_read_stops_the_start()
    {
        var start = () => SandboxHost.StartAsync(Options() with { Faults = ["bitbucket.putt=503"] }, [], cancellation: Cancellation);

        (await start.Should().ThrowAsync<SandboxFailureException>()).WithMessage("*did you mean put?*");
    }

    [Fact]
    public async Task A_port_that_is_taken_stops_the_start_and_is_named()
    {
        await using var first = await StartAsync();

        var second = () => SandboxHost.StartAsync(Options() with { BasePort = first.Control.Port }, [], cancellation: Cancellation);

        (await second.Should().ThrowAsync<SandboxFailureException>()).WithMessage($"*{first.Control.Port}*--port*");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static SandboxOptions Options() => new() { RealClock = new FakeClock(Noon) };

    private static Task<SandboxHost> StartAsync(params string[] faults) =>
        SandboxHost.StartAsync(Options() with { Faults = faults }, [new NoteEmulator()], cancellation: Cancellation);

    private static Task<HttpResponseMessage> PutAsync(SandboxHost host, string key, string value) =>
        PutUntilAsync(host, key, value, Cancellation);

    private static async Task<HttpResponseMessage> PutUntilAsync(SandboxHost host, string key, string value, CancellationToken cancellation)
    {
        using var client = new HttpClient();
        using var body = new StringContent(value, Encoding.UTF8);
        return await client.PutAsync(new Uri(host.EndpointOf("bitbucket"), key), body, cancellation);
    }

    private static async Task HeldAsync(SandboxHost host)
    {
        while ((await ControlAsync(host, "faults")).GetProperty("held").GetInt32() == 0)
            await Task.Yield();
    }

    private static async Task<string?> GetAsync(SandboxHost host, string key)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(host.EndpointOf("bitbucket"), key), Cancellation);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(Cancellation) : null;
    }

    private static async Task<JsonElement> ControlAsync(SandboxHost host, string page)
    {
        using var client = new HttpClient();
        using var document = JsonDocument.Parse(await client.GetStringAsync(new Uri(host.Control, "_sandbox/" + page), Cancellation));
        return document.RootElement.Clone();
    }
}
