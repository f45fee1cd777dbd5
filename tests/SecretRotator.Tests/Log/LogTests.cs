using SecretRotator.Evidence;
using SecretRotator.Log;
using SecretRotator.Providers;
using SecretRotator.Rotation;
using SecretRotator.Settings;
using SecretRotator.Tests.Inventory;
using SecretRotator.Tests.Output;
using Serilog.Events;

namespace SecretRotator.Tests.Log;

public sealed class LogTests
{
    private static readonly RotationId Rotation = new("c0ffee00-6a43-4f0e-9d63-2f6f5a0f3b11");

    private static readonly EvidenceRecord[] Records =
    [
        new EvidenceRecord.RunStarted(
            Samples.Now, "rotate", "0.1.0", new Holder.Process("0123456789abcdef", 7, 9, "jo@laptop"), new string('a', 64)),
        new EvidenceRecord.Planned(Samples.Now, new string('b', 64), 2),
        new EvidenceRecord.Decided(Samples.Now, "payments-db", new Decision.Due(Samples.Now)),
        new EvidenceRecord.Step(
            Samples.Now, "payments-db", Rotation, RotationStep.Distribute, StepState.Failed, "payments-api:DB_PASSWORD", "503"),
        new EvidenceRecord.Ended(
            Samples.Now, "payments-db", Rotation, new RotationOutcome.RolledBack(new(FailureKind.Other, "503"), Cancelled: false)),
        new EvidenceRecord.Stopped(Samples.Now, new(FailureKind.Unauthenticated, "No AWS identity.")),
        new EvidenceRecord.RunEnded(Samples.Now, 4),
    ];

    [Fact]
    public void There_is_a_sample_of_every_evidence_record() =>
        typeof(EvidenceRecord).GetNestedTypes()
            .Where(type => type.IsSubclassOf(typeof(EvidenceRecord)))
            .Should().BeEquivalentTo(Records.Select(record => record.GetType()));

    [Fact]
    public void Every_evidence_record_becomes_one_JSON_line_with_its_event_name()
    {
        var lines = Logged(LogFormat.Json, LogEventLevel.Debug, Records)
            .TrimEnd('\n')
            .Split('\n')
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToArray();

        lines.Select(line => line.GetProperty("Event").GetString()).Should()
            .Equal("run-started", "planned", "decided", "step", "ended", "stopped", "run-ended");
        lines.Select(line => line.GetProperty("Id").GetInt32()).Should().Equal(1000, 1001, 1002, 1012, 1023, 1004, 1003);
        lines[3].GetProperty("Secret").GetString().Should().Be("payments-db");
        lines[3].GetProperty("Step").GetString().Should().Be("distribute");
        lines[3].GetProperty("State").GetString().Should().Be("failed");
        lines[3].GetProperty("Target").GetString().Should().Be("payments-api:DB_PASSWORD");
        lines[3].GetProperty("Rotation").GetString().Should().Be(Rotation.Value);
        lines[4].GetProperty("@l").GetString().Should().Be("Error");
        lines[6].GetProperty("ExitCode").GetInt32().Should().Be(4);
    }

    [Fact]
    public void The_level_filters()
    {
        Logged(LogFormat.Text, LogEventLevel.Error, Records).TrimEnd('\n').Split('\n').Should().SatisfyRespectively(
            line => line.Should().Contain("ended: payments-db: rolled-back. 503"),
            line => line.Should().Contain("stopped: No AWS identity."));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_name_can_not_forge_a_line(bool json)
    {
        var record = new EvidenceRecord.Ended(
            Samples.Now, "a\n12:00 ERROR forged\u001b[2J", null,
            new RotationOutcome.NeedsOperator(new(FailureKind.Other, "{Secret} x\r\ny"), ["z\u2028"]));

        var log = Logged(json ? LogFormat.Json : LogFormat.Text, LogEventLevel.Debug, record);

        log.Should().NotContain("\u001b").And.NotContain("\r").And.NotContain("\u2028");
        log.TrimEnd('\n').Should().NotContain("\n");
    }

    [Fact]
    public void Progress_tells_what_is_at_work_and_what_is_done()
    {
        var model = new ProgressModel(() => Samples.Now);
        Shown(model).Should().Be("Looking at vaults and Bitbucket ...");

        model.Append(new EvidenceRecord.Planned(Samples.Now, "", 2));
        model.Append(new EvidenceRecord.Decided(Samples.Now, "payments-db", new Decision.Due(Samples.Now)));
        model.Append(new EvidenceRecord.Decided(Samples.Now, "grid-api", new Decision.Due(Samples.Now)));
        model.Append(new EvidenceRecord.Decided(Samples.Now, "edge", new Decision.NotDue(Samples.Now)));
        model.Append(
            new EvidenceRecord.Step(
                Samples.Now, "payments-db", Rotation, RotationStep.Distribute, StepState.Begun, "payments-api:DB_PASSWORD", null));
        Shown(model).Should().Be("0 of 2 done\n  payments-db: distribute payments-api:DB_PASSWORD");

        model.Append(
            new EvidenceRecord.Ended(
                Samples.Now, "payments-db", Rotation, new RotationOutcome.RolledBack(new(FailureKind.Other, "503"), Cancelled: false)));
        model.Append(new EvidenceRecord.Ended(Samples.Now, "edge", null, new RotationOutcome.Untouched(new Decision.NotDue(Samples.Now))));
        Shown(model).Should().Be("1 of 2 done, 1 failed");
    }

    [Fact]
    public void Progress_tells_how_long_what_it_waits_for_and_what_is_left()
    {
        var now = Samples.Now;
        var model = new ProgressModel(() => now) { CallsLeft = () => 612 };
        model.Append(new EvidenceRecord.Planned(now, "", 4));
        foreach (var secret in new[] { "edge", "grid-api", "grid-app", "payments-db" })
            model.Append(new EvidenceRecord.Decided(now, secret, new Decision.Due(now)));
        model.Append(StepOf("grid-app", RotationStep.Prove, StepState.Begun, "app-7"));
        model.Append(StepOf("payments-db", RotationStep.Set, StepState.Failed, "payments_b") with
        {
            Failure = new(FailureKind.Unavailable, "No answer.") { Effect = Effect.Unknown },
        });
        model.Append(new EvidenceRecord.Ended(now, "edge", null, new RotationOutcome.Retired(new("v"))));
        now += Duration.FromSeconds(8);
        model.Append(StepOf("grid-api", RotationStep.Claim, StepState.Done, null));

        Shown(model).Should().Be(
            """
            1 of 4 done; 612 Bitbucket calls left this hour
              grid-api: claim done
              grid-app: prove app-7 for 8 s, waits until the new credential is accepted
              payments-db: set payments_b failed 8 s ago, waits until what got no answer can't take effect any more
            """);

        model.Append(new EvidenceRecord.Ended(now, "payments-db", null, new RotationOutcome.Retired(new("v"))));
        Shown(model).Should().StartWith("2 of 4 done, about 8 s to go; 612 ");

        model.CallsWait(TimeSpan.FromMinutes(14));
        Shown(model).Should().StartWith("2 of 4 done; 612 ").And.Contain("\nBitbucket's call limit: calls go on in 14 min\n");
    }

    [Fact]
    public void The_documentation_shows_progress_as_it_is_shown()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "screens.md"));
        var now = Samples.Now;
        var model = new ProgressModel(() => now) { CallsLeft = () => 795 };
        string[] done = ["archive-uploader", "billing-queue", "deploy-key", "grid-api", "grid-app", "telemetry-id"];
        model.Append(new EvidenceRecord.Planned(now, "", 10));
        foreach (var secret in done.Concat(["ledger-db", "payments-db", "payments-webhook", "scada-gateway"]))
            model.Append(new EvidenceRecord.Decided(now, secret, new Decision.Due(now)));
        foreach (var secret in done)
            model.Append(new EvidenceRecord.Ended(now, secret, null, new RotationOutcome.Retired(new("v"))));
        now += Duration.FromSeconds(1);
        model.Append(StepOf("payments-webhook", RotationStep.Distribute, StepState.Begun, "payments-api:WEBHOOK_SIGNING_KEY"));
        model.Append(StepOf("scada-gateway", RotationStep.Distribute, StepState.Begun, "scada-bridge/plant-south:GATEWAY_TOKEN"));
        now += Duration.FromSeconds(1);
        model.Append(StepOf("ledger-db", RotationStep.Claim, StepState.Begun, null));
        model.Append(StepOf("payments-db", RotationStep.Verify, StepState.Begun, null));
        now += Duration.FromSeconds(6);

        page.Should().Contain($"```text progress\n{Shown(model)}\n```");
        model.Lines().Should().OnlyContain(line => line.Length <= 80);
    }

    [Fact]
    public void What_calls_wait_for_reaches_who_listens()
    {
        var log = RunLog.Open(new TestTerminal().Terminal, Settings(LogFormat.Text, LogEventLevel.Error));
        var told = new List<TimeSpan>();
        log.CallsWait = told.Add;

        log.Waiting(TimeSpan.FromSeconds(7));

        told.Should().Equal(TimeSpan.FromSeconds(7));
    }

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(false, false, false)]
    [InlineData(true, true, false)]
    public async Task Progress_is_shown_on_a_terminal_that_can_redraw_and_nowhere_else(bool isTerminal, bool dumb, bool shown)
    {
        var terminal = new TestTerminal(isTerminal, colour: false, dumb);

        await using (new ProgressDisplay(terminal.Terminal, Settings(LogFormat.Text, null), new ProgressModel(() => Samples.Now)))
        {
        }

        terminal.Error.Contains("Looking at vaults", StringComparison.Ordinal).Should().Be(shown);
        terminal.Out.Should().BeEmpty();
    }

    private static EvidenceRecord.Step StepOf(string secret, RotationStep step, StepState state, string? target) =>
        new(Samples.Now, secret, Rotation, step, state, target, Detail: null);

    private static string Shown(ProgressModel model) => string.Join('\n', model.Lines());

    private static string Logged(LogFormat format, LogEventLevel level, params EvidenceRecord[] records)
    {
        var terminal = new TestTerminal();
        var log = RunLog.Open(terminal.Terminal, Settings(format, level));
        foreach (var record in records)
            log.Append(record);
        terminal.Out.Should().BeEmpty();
        return terminal.Error;
    }

    private static RotatorSettings Settings(LogFormat format, LogEventLevel? level)
    {
        var settings = SettingsReader.ReadEnvironment(new Dictionary<string, string>(StringComparer.Ordinal), VaultProviders.All);
        return settings with { LogFormat = format, LogLevel = level };
    }
}
