using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Tests.Sandbox;

public sealed class StateFolderTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("sandbox-").FullName;

    private string Folder => Path.Combine(_path, "state");

    private string StateFile => Path.Combine(Folder, "state.json");

    [Fact]
    public async Task Two_hosts_on_one_folder_see_one_world()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await PutAsync(first, "a", "one");
        await PutAsync(second, "b", "two");

        (await GetAsync(first, "b"), await GetAsync(second, "a")).Should().Be(("two", "one"));
    }

    [Fact]
    public async Task Hosts_that_write_at_the_same_time_lose_nothing()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => PutAsync(i % 2 == 0 ? first : second, $"key-{i}", "x")));

        var keys = await second.Store.ReadAsync(state => state.Bitbucket.Workspaces["notes"].Variables.Count, Cancellation);
        keys.Should().Be(40);
    }

    [Fact]
    public async Task What_was_written_is_there_when_a_later_host_starts()
    {
        await using (var first = await StartAsync())
            await PutAsync(first, "a", "one");

        await using var second = await StartAsync();
        (await GetAsync(second, "a")).Should().Be("one");
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("kill")]
    public async Task An_effect_is_in_the_file_before_its_answer_is_lost(string effect)
    {
        var atKill = "";
        await using var host = await StartAsync(new SandboxOptions
        {
            StateFolder = Folder,
            Faults = ["bitbucket.put=" + effect],
            RealClock = SystemClock.Instance,
            KillClient = (_, _) => { atKill = File.ReadAllText(StateFile); return true; },
        });

        await host.Invoking(h => PutAsync(h, "a", "one")).Should().ThrowAsync<HttpRequestException>();

        (effect == "kill" ? atKill : await File.ReadAllTextAsync(StateFile, Cancellation)).Should().Contain("\"one\"");
    }

    [Fact]
    public async Task A_call_that_changes_nothing_writes_nothing()
    {
        await using var host = await StartAsync();
        await PutAsync(host, "a", "one");
        File.Delete(StateFile);

        await GetAsync(host, "a");

        File.Exists(StateFile).Should().BeFalse();
    }

    [Fact]
    public async Task What_a_failed_stand_in_half_changed_is_dropped()
    {
        await using var host = await StartAsync();
        await PutAsync(host, "a", "one");

        await PutAsync(host, "broken", "x");

        (await GetAsync(host, "half-done"), await GetAsync(host, "a")).Should().Be((null, "one"));
    }

    [Fact]
    public async Task Only_the_owner_may_read_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await using var host = await StartAsync();
        await PutAsync(host, "a", "one");

#pragma warning disable CA1416 // skipped on Windows above
        var modes = Directory.GetFiles(Folder).Select(file => (Path.GetFileName(file), File.GetUnixFileMode(file)));
        modes.Should().OnlyContain(file => file.Item2 == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        File.GetUnixFileMode(Folder).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
    }

    [Fact]
    public async Task No_draft_is_left_behind()
    {
        await using var host = await StartAsync();
        await PutAsync(host, "a", "one");

        Directory.GetFiles(Folder)
            .Select(Path.GetFileName)
            .Should().BeEquivalentTo("ca.pem", "lock", "server-key.pem", "server.pem", "state.json");
    }

    [Fact]
    public async Task Its_certificates_stay_the_same_from_start_to_start()
    {
        string first;
        await using (var host = await StartAsync())
            first = host.AuthorityPem;

        await using var second = await StartAsync();
        second.AuthorityPem.Should().Be(first);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"format":"secret-rotator-sandbox/0"}""")]
    [InlineData("""{"format":"secret-rotator-sandbox/1","revision":7,"identity":{"entra":{}}}""")]
    [InlineData("""{"format":"secret-rotator-sandbox/2","surprise":1}""")]
    [InlineData("""{"format":"secret-rotator-sandbox/2","bitbucket":null}""")]
    public async Task A_state_that_is_not_its_own_is_refused_with_what_to_do(string text)
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(StateFile, text, Cancellation);

        var start = () => StartAsync();

        (await start.Should().ThrowAsync<SandboxFailureException>())
            .WithMessage($"*state.json*Delete the folder {Folder} and start again*");
    }

    [Fact]
    public async Task A_state_of_an_older_version_is_named_as_such()
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(StateFile, """{"format":"secret-rotator-sandbox/1","identity":{"entra":{}}}""", Cancellation);

        var start = () => StartAsync();

        (await start.Should().ThrowAsync<SandboxFailureException>()).WithMessage("*was not written by this version of the sandbox*");
    }

    [Fact]
    public async Task A_value_in_an_unreadable_state_is_not_quoted()
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(StateFile, """{"format":"secret-rotator-sandbox/2","revision":"hunter2"}""", Cancellation);

        var start = () => StartAsync();

        (await start.Should().ThrowAsync<SandboxFailureException>()).Which.Message.Should().NotContain("hunter2");
    }

    [Fact]
    public async Task Reset_begins_anew()
    {
        await using (var first = await StartAsync())
            await PutAsync(first, "a", "one");

        await using var second = await StartAsync(
            new SandboxOptions { StateFolder = Folder, Reset = true, RealClock = SystemClock.Instance });
        (await GetAsync(second, "a")).Should().BeNull();
    }

    [Fact]
    public async Task Names_are_found_without_regard_to_case_after_they_were_read_back()
    {
        var folder = new StateFolder(Folder, TimeProvider.System);
        using (var writer = new SandboxStore(folder))
            await writer.ChangeAsync(state => state.Bitbucket.Workspaces["Acme"] = new WorkspaceState(), Cancellation);

        using var reader = new SandboxStore(folder);
        (await reader.ReadAsync(state => state.Bitbucket.Workspaces.ContainsKey("acme"), Cancellation)).Should().BeTrue();
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task<SandboxHost> StartAsync() => StartAsync(new SandboxOptions { StateFolder = Folder, RealClock = SystemClock.Instance });

    private static Task<SandboxHost> StartAsync(SandboxOptions options) =>
        SandboxHost.StartAsync(options, [new NoteEmulator()], cancellation: Cancellation);

    private static async Task PutAsync(SandboxHost host, string key, string value)
    {
        using var client = new HttpClient();
        using var body = new StringContent(value, Encoding.UTF8);
        using var answer = await client.PutAsync(new Uri(host.EndpointOf("bitbucket"), key), body, Cancellation);
    }

    private static async Task<string?> GetAsync(SandboxHost host, string key)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(host.EndpointOf("bitbucket"), key), Cancellation);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(Cancellation) : null;
    }
}
