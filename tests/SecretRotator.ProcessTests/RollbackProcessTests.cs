namespace SecretRotator.Tests.Processes;

/// <summary>The command <c>rollback</c> as a process, on both kinds of vault, judged by what the sandbox holds afterwards.</summary>
public sealed class RollbackProcessTests(DeliveredSandbox delivered) : IClassFixture<DeliveredSandbox>
{
    [Theory]
    [InlineData("payments-db")]
    [InlineData("grid-api")]
    public async Task The_older_value_is_current_and_in_every_target_again(string name)
    {
        using var rotator = await delivered.CopyAsync(_ => { });
        var secret = SandboxView.Secret(name);
        var older = Older(await SandboxView.OfAsync(rotator), secret);
        var ended = await RollBackAsync(rotator, name, older.Id);
        var after = await SandboxView.OfAsync(rotator);

        ended.ExitCode.Should().Be(0, ended.Error);
        after.Current(secret).Should().Be(older.Content);
        after.Agrees(secret).Should().BeTrue();
        after.Staged(secret).Should().BeEmpty();
        after.Claims.Should().BeEmpty();
        Evidence(rotator, ended)
            .Should().Contain(line => line.Contains("\"rollback\"")).And
            .Contain(line => line.Contains("the new one is refused"));
    }

    [Theory]
    [InlineData("payments-db")]
    [InlineData("grid-api")]
    public async Task The_next_runs_leave_it_alone_until_it_is_forced(string name)
    {
        using var rotator = await delivered.CopyAsync(_ => { });
        var secret = SandboxView.Secret(name);
        var older = Older(await SandboxView.OfAsync(rotator), secret);
        var ended = await RollBackAsync(rotator, name, older.Id[..8], "--hold", "30d");
        var planned = await rotator.RunAsync("plan", "--sandbox", "--now", "2026-12-10T02:00:00Z", "--only", name, "--output", "json");
        var next = await rotator.RunAsync("rotate", "--sandbox", "--now", "2026-12-10T02:00:00Z", "--only", name);

        ended.ExitCode.Should().Be(0, ended.Error);
        Hold(ended).GetProperty("by").GetString().Should().Be("rollback");
        Hold(planned).GetProperty("reason").GetString().Should().Be("the new one is refused");
        next.ExitCode.Should().Be(0, next.Error);
        (await SandboxView.OfAsync(rotator)).Current(secret).Should().Be(older.Content);

        var forced = await rotator.RunAsync("rotate", "--sandbox", "--now", "2026-12-10T03:00:00Z", "--force", name, "--reason", "fixed");
        forced.ExitCode.Should().Be(0, forced.Error);
        (await SandboxView.OfAsync(rotator)).Current(secret).Should().NotBe(older.Content);
        var after = await rotator.RunAsync("plan", "--sandbox", "--now", "2026-12-10T03:30:00Z", "--only", name, "--output", "json");
        JsonDocument.Parse(after.Out).RootElement.GetProperty("secrets")[0].TryGetProperty("hold", out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("payments-db")]
    [InlineData("grid-api")]
    public async Task Without_a_version_they_are_listed_and_any_of_them_is_taken_as_it_is_printed(string name)
    {
        using var rotator = await delivered.CopyAsync(_ => { });
        var secret = SandboxView.Secret(name);
        var before = await SandboxView.OfAsync(rotator);
        var listed = await rotator.RunAsync("rollback", name, "--sandbox");

        listed.ExitCode.Should().Be(0, listed.Error);
        (await SandboxView.OfAsync(rotator)).Everything.Should().Be(before.Everything);
        var previous = listed.Out.Split('\n').First(line => line.Contains(" previous "))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        (await RollBackAsync(rotator, name, previous)).ExitCode.Should().Be(0);
        (await SandboxView.OfAsync(rotator)).Current(secret).Should().Be(Older(before, secret).Content);
    }

    [Theory]
    [InlineData("payments-db", "bitbucket.delete@payments-api:DB_PASSWORD=503")]
    [InlineData("payments-db", "bitbucket.delete@payments-api/production:DB_PASSWORD=503")]
    [InlineData("payments-db", "bitbucket.delete@workspace:PAYMENTS_DB_PASSWORD=503")]
    [InlineData("grid-api", "bitbucket.delete@grid-console:GRID_API_KEY=503")]
    public async Task A_target_that_fails_puts_the_newer_value_back_and_answers_4(string name, string fault)
    {
        using var rotator = await delivered.CopyAsync(_ => { });
        var secret = SandboxView.Secret(name);
        var before = await SandboxView.OfAsync(rotator);
        var ended = await RollBackAsync(rotator, name, Older(before, secret).Id, "--fault", fault);
        var after = await SandboxView.OfAsync(rotator);

        ended.ExitCode.Should().Be(4, ended.Error);
        after.Current(secret).Should().Be(before.Current(secret));
        after.Agrees(secret).Should().BeTrue();
        after.Staged(secret).Should().BeEmpty();
        after.Claims.Should().BeEmpty();
    }

    [Theory]
    [InlineData("payments-db", "bitbucket.delete@DB_PASSWORD#1=kill")]
    [InlineData("grid-api", "bitbucket.delete@GRID_API_KEY#1=kill")]
    public async Task Killed_after_the_first_put_it_is_finished_by_the_next_run(string name, string fault)
    {
        using var rotator = await delivered.CopyAsync(_ => { });
        var secret = SandboxView.Secret(name);
        var older = Older(await SandboxView.OfAsync(rotator), secret);
        await RollBackAsync(rotator, name, older.Id, "--fault", fault);
        var next = await rotator.RunAsync("rotate", "--sandbox");
        var after = await SandboxView.OfAsync(rotator);

        next.ExitCode.Should().Be(0, next.Error);
        after.Current(secret).Should().Be(older.Content);
        after.Agrees(secret).Should().BeTrue();
        after.Claims.Should().BeEmpty();
    }

    [Fact]
    public async Task What_can_not_be_put_back_answers_5()
    {
        using var rotator = await delivered.CopyAsync(_ => { });
        var older = Older(await SandboxView.OfAsync(rotator), SandboxView.Secret("payments-webhook"));

        (await RollBackAsync(
            rotator, "payments-webhook", older.Id,
            "--fault", "bitbucket.put@WEBHOOK_SIGNING_KEY#1=lost", "--fault", "bitbucket.put@WEBHOOK_SIGNING_KEY#2..=500", "--fault",
            "bitbucket.delete=500")).ExitCode.Should().Be(5);
    }

    [Theory]
    [InlineData("payments-db", "11111111-1111-4111-8111-111111111111")]
    [InlineData("grid-api", "11111111111141118111111111111111")]
    [InlineData("payments-db", null)]
    [InlineData("grid-api", null)]
    [InlineData("ledger-db", "11111111-1111-4111-8111-111111111111")]
    public async Task An_unknown_version_the_current_one_and_what_the_vault_manages_are_refused_with_6(string name, string? version)
    {
        using var rotator = await delivered.CopyAsync(_ => { });
        var before = await SandboxView.OfAsync(rotator);
        var secret = SandboxView.Secret(name);
        var current = before.Versions(secret).First(v => v.Content == before.Current(secret)).Id;
        var ended = await RollBackAsync(rotator, name, version ?? current);

        ended.ExitCode.Should().Be(6, ended.Error);
        JsonDocument.Parse(ended.Out).RootElement.GetProperty("secrets")[0].GetProperty("outcome").GetString().Should().Be("untouched");
        (await SandboxView.OfAsync(rotator)).Everything.Should().Be(before.Everything);
    }

    private static JsonElement Hold(Ended ended) => JsonDocument.Parse(ended.Out).RootElement.GetProperty("secrets")[0].GetProperty("hold");

    private static (string Id, string Content) Older(SandboxView view, ManagedSecret secret)
    {
        var (id, content) = view.Versions(secret).Where(v => v.Content != view.Current(secret)).Select(v => (v.Id, v.Content)).First();
        return (id, content);
    }

    private static Task<Ended> RollBackAsync(Rotator rotator, string name, string version, params string[] arguments) =>
        rotator.RunAsync(
            ["rollback", name, "--to", version, "--reason", "the new one is refused", "--sandbox", "--output", "json", .. arguments]);

    private static string[] Evidence(Rotator rotator, Ended ended) =>
        File.ReadAllLines(rotator.PathOf(JsonDocument.Parse(ended.Out).RootElement.GetProperty("evidence").GetString()!));
}
