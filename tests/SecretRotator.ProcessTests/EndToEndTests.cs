namespace SecretRotator.Tests.Processes;

/// <summary>The main job as a process against its sandbox, judged by what the sandbox holds afterwards.</summary>
[Collection<KilledRuns>]
public sealed class EndToEndTests : IDisposable
{
    private const string SecondPutFails = "bitbucket.put@DB_PASSWORD#2..=";
    private static readonly string[] Rotation = ["rotate", "--sandbox", "--output", "json"];

    private readonly KilledRuns _killed;
    private readonly Rotator _rotator = new();

    public EndToEndTests(KilledRuns killed)
    {
        _killed = killed;
        File.Copy(RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"));
    }

    private static ManagedSecret Payments => SandboxView.Secret("payments-db");

    [Fact]
    public async Task Every_rotated_secret_is_current_in_its_vault_and_secured_in_all_of_its_targets()
    {
        await SeedAsync();
        var before = await SandboxView.OfAsync(_rotator);
        (await RotateAsync()).ExitCode.Should().Be(0);
        var after = await SandboxView.OfAsync(_rotator);

        foreach (var secret in SandboxView.Inventory.Secrets)
        {
            after.Current(secret).Should().NotBe(before.Current(secret), secret.Name);
            after.Agrees(secret).Should().BeTrue(secret.Name);
            after.Staged(secret).Should().BeEmpty(secret.Name);
            after.Versions(secret).Should().Contain(v => v.Content == before.Current(secret), secret.Name);
        }

        after.Claims.Should().BeEmpty();
        foreach (var secret in SandboxView.Inventory.Secrets)
            after.Versions(secret).Last(v => v.WasCurrent).Content.Should().Be(before.Current(secret), secret.Name);
    }

    [Fact]
    public async Task A_run_with_nothing_to_do_writes_nothing()
    {
        await RotateAsync();
        await RotateAsync(); // The old credentials are retired.
        var before = await SandboxView.OfAsync(_rotator);
        (await RotateAsync()).ExitCode.Should().Be(0);

        (await SandboxView.OfAsync(_rotator)).Everything.Should().Be(before.Everything);
    }

    /// <summary>A gateway gives up on a PUT and delivers it when the run is over, after the undo.</summary>
    [Fact]
    public async Task A_put_that_a_gateway_held_while_its_second_try_was_answered_changes_nothing_after_the_undo()
    {
        await SeedAsync();
        var before = await SandboxView.OfAsync(_rotator);

        var failed = await RotateAsync(
            "--only", "payments-db", "--fault", "bitbucket.put@payments-api:DB_PASSWORD#1=late:10m", "--fault",
            "bitbucket.put@workspace:PAYMENTS_DB_PASSWORD=403");

        failed.ExitCode.Should().Be(4);
        var after = await SandboxView.OfAsync(_rotator);
        after.Agrees(Payments).Should().BeTrue();
        after.Current(Payments).Should().Be(before.Current(Payments));
    }

    [Theory]
    [InlineData(SecondPutFails + "503")]
    [InlineData(SecondPutFails + "lost")]
    [InlineData("bitbucket.put@workspace:PAYMENTS_DB_PASSWORD=503")]
    [InlineData("bitbucket.put@workspace:PAYMENTS_DB_PASSWORD=lost")]
    public async Task A_put_that_fails_for_good_puts_everything_back_and_the_retry_rotates(string fault)
    {
        await SeedAsync();
        var before = await SandboxView.OfAsync(_rotator);
        var failed = await RotateAsync("--only", "payments-db", "--fault", fault);
        var after = await SandboxView.OfAsync(_rotator);

        failed.ExitCode.Should().Be(4);
        after.Versions(Payments)
            .Single(v => v.IsCurrent)
            .Should().BeEquivalentTo(before.Versions(Payments).Single(v => v.IsCurrent));
        after.Agrees(Payments).Should().BeTrue();
        after.Staged(Payments).Should().BeEmpty();
        StepsOf(failed).Should()
            .ContainInOrder("claim done", "check done", "stage done", "distribute failed", "restore done", "discard done");

        (await RotateAsync("--only", "payments-db")).ExitCode.Should().Be(0);
        (await SandboxView.OfAsync(_rotator)).Current(Payments).Should().NotBe(before.Current(Payments));
    }

    [Theory]
    [InlineData("payments-db", "DB_PASSWORD")]
    [InlineData("grid-api", "GRID_API_KEY")]
    public async Task Killed_after_the_first_put_the_next_run_delivers_the_same_staged_value_everywhere(string name, string variable)
    {
        var secret = SandboxView.Secret(name);
        using var rotator = await _killed.AfterFirstPutAsync(name, variable);
        var killed = await SandboxView.OfAsync(rotator);
        // Targets are written at the same time: one of them or several may hold the new value by now.
        var delivered = secret.Targets.Where(t => t.Field != "username").Select(t => killed.Find(t)?.Value).OfType<string>()
            .Where(v => !killed.Current(secret).Contains(v, StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal)
            .Should().ContainSingle().Which;
        var next = await rotator.RunAsync(Rotation);
        var after = await SandboxView.OfAsync(rotator);

        next.ExitCode.Should().Be(0);
        SecretIn(next, name).GetProperty("decision").GetString().Should().Be("unfinished");
        after.Current(secret).Should().Contain(delivered);
        after.Agrees(secret).Should().BeTrue();
        after.Staged(secret).Should().BeEmpty();
        after.Claims.Should().BeEmpty();
    }

    [Fact]
    public async Task Two_runs_at_once_rotate_each_secret_once()
    {
        await SeedAsync();
        var before = await SandboxView.OfAsync(_rotator);
        // Two processes: inside one, both runs would be the same holder.
        var runs = await Task.WhenAll(_rotator.RunProcessAsync(Rotation), RotateAsync());
        var after = await SandboxView.OfAsync(_rotator);

        runs.Select(r => r.ExitCode).Should().OnlyContain(code => code == 0 || code == 6);
        foreach (var secret in SandboxView.Inventory.Secrets)
        {
            after.Agrees(secret).Should().BeTrue(secret.Name);
            // A value that the vault makes is there for both runs: the one that delivers it need not be the one that asked for it.
            string[] delivered = secret.Value is ValuePolicy.VaultManaged ? ["rotated", "redelivered"] : ["rotated"];
            runs.Count(r => delivered.Contains(OutcomeOf(r, secret.Name))).Should().Be(1, secret.Name);
            after.Current(secret).Should().NotBe(before.Current(secret), secret.Name);
        }

        after.Claims.Should().BeEmpty();
    }

    public void Dispose() => _rotator.Dispose();

    private Task<Ended> SeedAsync() => _rotator.RunAsync("plan", "--sandbox");

    private Task<Ended> RotateAsync(params string[] arguments) => _rotator.RunAsync([.. Rotation, .. arguments]);

    private static string? OutcomeOf(Ended ended, string secret) => SecretIn(ended, secret).GetProperty("outcome").GetString();

    private static JsonElement SecretIn(Ended ended, string secret) =>
        JsonDocument.Parse(ended.Out).RootElement
            .GetProperty("secrets")
            .EnumerateArray()
            .Single(s => s.GetProperty("name").GetString() == secret);

    private List<string> StepsOf(Ended ended)
    {
        var path = _rotator.PathOf(JsonDocument.Parse(ended.Out).RootElement.GetProperty("evidence").GetString()!);
        return
        [
            .. File.ReadLines(path).Select(l => JsonDocument.Parse(l).RootElement).Where(r => r.GetProperty("kind").GetString() == "step")
                .Select(r => $"{r.GetProperty("step").GetString()} {r.GetProperty("state").GetString()}"),
        ];
    }
}
