namespace SecretRotator.Tests.Processes;

/// <summary>Every exit code of these commands, reached by the program as a process against its sandbox.</summary>
public sealed class ExitCodeProcessTests : IDisposable
{
    private readonly Rotator _rotator = new();

    public ExitCodeProcessTests() => File.Copy(RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"));

    [Fact]
    public async Task Rotating_answers_0_and_rotating_again_answers_0_without_anything_to_do()
    {
        var first = await RotateAsync();
        var second = await RotateAsync();

        (first.ExitCode, second.ExitCode).Should().Be((0, 0));
        Outcomes(first).Should().OnlyContain(outcome => outcome == "rotated");
        Outcomes(second).Should().OnlyContain(outcome => outcome == "untouched" || outcome == "retired").And.Contain("retired");
        Outcomes(await RotateAsync()).Should().OnlyContain(outcome => outcome == "untouched");
    }

    [Fact]
    public async Task A_plan_with_exit_code_answers_3_while_something_is_due_and_verify_answers_3_for_drift()
    {
        (await _rotator.RunAsync("plan", "--sandbox", "--exit-code", "--only", "grid-api")).ExitCode.Should().Be(3);
        (await _rotator.RunAsync("verify", "--sandbox", "--only", "grid-api")).ExitCode.Should().Be(3);
        (await RotateAsync("--only", "grid-api")).ExitCode.Should().Be(0);

        (await _rotator.RunAsync("plan", "--sandbox", "--exit-code", "--only", "grid-api")).ExitCode.Should().Be(0);
        (await _rotator.RunAsync("verify", "--sandbox", "--only", "grid-api")).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task A_rotation_that_failed_and_was_put_back_answers_4()
    {
        var ended = await RotateAsync("--only", "payments-db", "--fault", "bitbucket.put@payments-api/production:DB_PASSWORD#1..=503");

        ended.ExitCode.Should().Be(4);
        Outcomes(ended).Should().Equal("rolled-back");
    }

    [Fact]
    public async Task What_can_not_be_put_back_answers_5_and_the_next_run_finishes_it()
    {
        // A process of its own: the next run asks whether the one that left its claim is alive.
        var ended = await _rotator.RunProcessAsync(
            "rotate", "--sandbox", "--output", "json", "--only", "payments-webhook",
            "--fault", "bitbucket.put@WEBHOOK_SIGNING_KEY#1=lost",
            "--fault", "bitbucket.put@WEBHOOK_SIGNING_KEY#2..=500",
            "--fault", "bitbucket.delete#1..=500");

        ended.ExitCode.Should().Be(5);
        Outcomes(ended).Should().Equal("needs-operator");
        (await RotateAsync("--only", "payments-webhook")).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task A_secret_that_can_not_be_judged_answers_6()
    {
        var ended = await RotateAsync("--only", "payments-db", "--fault", "aws.DescribeSecret@prod/payments/db#1..=400");

        ended.ExitCode.Should().Be(6);
        Outcomes(ended).Should().Equal("untouched");
    }

    [Fact]
    public async Task A_saved_plan_that_changed_meanwhile_answers_6_and_does_nothing()
    {
        (await _rotator.RunAsync("plan", "--sandbox", "--only", "grid-api", "--out", "plan.json")).ExitCode.Should().Be(0);
        (await RotateAsync("--only", "grid-api")).ExitCode.Should().Be(0);

        var ended = await _rotator.RunAsync("rotate", "--sandbox", "--plan", "plan.json");

        ended.ExitCode.Should().Be(6);
        ended.Out.Should().BeEmpty();
        ended.Error.Should().Contain("Nothing was done");
    }

    [Fact]
    public async Task A_saved_plan_is_acted_on_while_nothing_changed()
    {
        (await _rotator.RunAsync("plan", "--sandbox", "--only", "grid-api", "--out", "plan.json")).ExitCode.Should().Be(0);

        (await _rotator.RunAsync("rotate", "--sandbox", "--plan", "plan.json")).ExitCode.Should().Be(0);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task An_interrupted_run_puts_back_what_it_began_and_answers_130(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows knows no signals.");
        Assert.SkipWhen(
            signal == "INT" && IsInterruptIgnored(),
            "A shell that starts something in the background lets it, and all that it starts, ignore SIGINT.");
        using var running = _rotator.Start(
            "rotate", "--sandbox", "--only", "payments-db", "--output", "json", "--log-level", "debug", "--fault",
            "bitbucket.put@PAYMENTS_DB_PASSWORD=delay:80s");
        await running.SaysAsync("distribute begun");

        await running.SignalAsync(signal);
        var ended = await running.EndAsync();

        ended.ExitCode.Should().Be(130);
        Outcomes(ended).Should().Equal("rolled-back");
        ended.Error.Should().Contain("Stopping");
        JsonDocument.Parse(ended.Out).RootElement.GetProperty("cancelled").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task A_rollback_makes_the_older_version_current_and_answers_0()
    {
        var rotated = await RotateAsync("--only", "payments-webhook");
        var older = JsonDocument.Parse(rotated.Out).RootElement.GetProperty("secrets")[0].GetProperty("from").GetString()!;

        var now = await _rotator.RunAsync(
            "rollback", "payments-webhook", "--to", older, "--reason", "the new one is refused", "--sandbox", "--output", "json");

        now.ExitCode.Should().Be(0);
        Outcomes(now).Should().Equal("rotated");
    }

    [Fact]
    public async Task A_faulty_fault_answers_2() =>
        (await _rotator.RunAsync("rotate", "--sandbox", "--fault", "nonsense")).ExitCode.Should().Be(2);

    [Fact]
    public async Task Without_a_Bitbucket_credential_it_answers_2_and_names_the_ways_to_give_one()
    {
        await WriteInventoryAsync("");

        var ended = await _rotator.RunAsync("plan");

        ended.ExitCode.Should().Be(2);
        ended.Error.Should().Contain("BITBUCKET_ACCESS_TOKEN").And
            .Contain("BITBUCKET_API_TOKEN").And
            .Contain("BITBUCKET_OAUTH_CLIENT_ID").And
            .Contain("bitbucket.credential");
    }

    [Fact]
    public async Task Evidence_that_can_not_be_kept_answers_2_before_anything_is_touched()
    {
        await File.WriteAllTextAsync(_rotator.PathOf("taken"), "a file where a directory should be", TestContext.Current.CancellationToken);

        var ended = await _rotator.RunAsync("rotate", "--sandbox", "--evidence", "taken");

        ended.ExitCode.Should().Be(2);
        ended.Error.Should().Contain("--evidence");
    }

    [Fact]
    public async Task A_run_that_fails_at_its_identity_answers_6_leaves_evidence_and_leads_to_doctor()
    {
        await WriteInventoryAsync("  credential: vault://prod/ci/bitbucket-token\n");
        _rotator.Environment["AWS_ACCESS_KEY_ID"] = "AKIAEXAMPLE";
        _rotator.Environment["AWS_SECRET_ACCESS_KEY"] = "example";
        _rotator.Environment["SECRET_ROTATOR__ENDPOINTS__AWS"] = "http://127.0.0.1:9/";

        var ended = await _rotator.RunAsync("rotate");
        var verified = await _rotator.RunAsync("evidence", "verify", "evidence", "--from-start");
        var shown = await _rotator.RunAsync("evidence", "show", "evidence", "--output", "json");

        ended.ExitCode.Should().Be(6);
        ended.Error.ReplaceLineEndings(" ")
            .Should().Contain("vault://prod/ci/bitbucket-token").And
            .Contain("secret-rotator doctor").And
            .Contain("its evidence tells why: evidence");
        verified.ExitCode.Should().Be(0, verified.Out);
        var run = JsonDocument.Parse(shown.Out).RootElement.GetProperty("runs")[0];
        (run.GetProperty("ran").GetString(), run.GetProperty("runExitCode").GetInt32()).Should().Be(("rotate", 6));
        run.GetProperty("stopped").GetString().Should().Contain("vault://prod/ci/bitbucket-token");
    }

    // The sample with another line, or none, in the place of the one that says where the credential is kept. Without roles: no STS is asked
    // first.
    private async Task WriteInventoryAsync(string credential)
    {
        var lines = await File.ReadAllLinesAsync(RepositoryFiles.Sample, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            _rotator.PathOf("rotation.yaml"),
            string.Concat(
                lines.Where(line => !line.StartsWith("    role:", StringComparison.Ordinal))
                    .Select(line => line.StartsWith("  credential:", StringComparison.Ordinal) ? credential : line + "\n")),
            TestContext.Current.CancellationToken);
    }

    private static bool IsInterruptIgnored()
    {
        const string Line = "SigIgn:";
        const ulong Interrupt = 1 << 1;
        return File.Exists("/proc/self/status")
            && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal)) is { } ignored
            && (ulong.Parse(
                ignored.AsSpan(Line.Length).Trim(), System.Globalization.NumberStyles.HexNumber,
                System.Globalization.CultureInfo.InvariantCulture) & Interrupt) != 0;
    }

    public void Dispose() => _rotator.Dispose();

    private Task<Ended> RotateAsync(params string[] arguments) =>
        _rotator.RunAsync(["rotate", "--sandbox", "--output", "json", .. arguments]);

    private static string[] Outcomes(Ended ended) =>
        [.. JsonDocument.Parse(ended.Out).RootElement
            .GetProperty("secrets")
            .EnumerateArray()
            .Select(secret => secret.GetProperty("outcome").GetString()!)];
}
