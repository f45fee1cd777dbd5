using System.Reflection;
using SecretRotator.Evidence;
using SecretRotator.Log;
using SecretRotator.Providers;
using SecretRotator.Rotation;
using SecretRotator.Settings;
using SecretRotator.Tests.Inventory;
using SecretRotator.Tests.Output;
using Serilog.Events;

namespace SecretRotator.Tests.Log;

/// <summary>The events of the log are a promise: their numbers, names and fields, as docs/observability.md tells them.</summary>
public sealed class LogEventsTests
{
    private static readonly RotationId Rotation = new("c0ffee00-6a43-4f0e-9d63-2f6f5a0f3b11");

    private static readonly EvidenceRecord[] Records =
    [
        new EvidenceRecord.RunStarted(
            Samples.Now, "rotate", "0.1.0", new Holder.Process("0123456789abcdef", 7, 9, "jo@laptop"), new string('a', 64)),
        new EvidenceRecord.Planned(Samples.Now, new string('b', 64), 2),
        .. Samples.Decisions.Select(decision => new EvidenceRecord.Decided(Samples.Now, "payments-db", decision)),
        .. from state in Enum.GetValues<StepState>()
           from target in new[] { null, "payments-api:DB_PASSWORD" }
           from detail in new[] { null, "503" }
           select new EvidenceRecord.Step(Samples.Now, "payments-db", Rotation, RotationStep.Distribute, state, target, detail),
        .. Samples.Outcomes.Select(outcome => new EvidenceRecord.Ended(Samples.Now, "grid-api", Rotation, outcome)),
        new EvidenceRecord.Stopped(Samples.Now, new(FailureKind.Unauthenticated, "No AWS identity.")),
        new EvidenceRecord.RunEnded(Samples.Now, 4),
    ];

    private static readonly LoggedEvent[] All =
    [
        .. typeof(LogEvents).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => (LoggedEvent)field.GetValue(null)!)
            .OrderBy(logged => logged.Id),
    ];

    [Fact]
    public void The_page_and_the_code_tell_of_the_same_events() =>
        PageRows().Select(row => $"{row[0]} | {row[1]}").Should().Equal(All.Select(logged => $"{logged.Id} | `{logged.Name}`"));

    [Fact]
    public void The_page_says_of_every_event_when_it_happens() => PageRows().Should().AllSatisfy(row => row[4].Should().NotBeEmpty());

    [Fact]
    public void No_number_is_given_twice() => All.Select(logged => logged.Id).Should().OnlyHaveUniqueItems();

    [Fact]
    public void There_is_a_sample_of_every_record_step_state_and_outcome()
    {
        Records.Select(record => record.GetType()).Distinct().Should().BeEquivalentTo(Cases(typeof(EvidenceRecord)));
        Records.OfType<EvidenceRecord.Step>().Select(step => step.State).Distinct().Should().BeEquivalentTo(Enum.GetValues<StepState>());
        Records.OfType<EvidenceRecord.Ended>()
            .Select(ended => ended.Outcome.GetType())
            .Distinct()
            .Should().BeEquivalentTo(Cases(typeof(RotationOutcome)));
    }

    [Fact]
    public void Different_outcomes_and_step_states_are_different_events()
    {
        Records.OfType<EvidenceRecord.Ended>()
            .GroupBy(LogEvents.Of)
            .Should().OnlyContain(group => group.Select(ended => ended.Outcome.GetType()).Distinct().Count() == 1);
        Records.OfType<EvidenceRecord.Step>()
            .GroupBy(LogEvents.Of)
            .Should().OnlyContain(group => group.Select(step => step.State).Distinct().Count() == 1);
    }

    [Fact]
    public void What_is_logged_has_the_number_the_level_and_the_fields_that_the_page_lists()
    {
        var terminal = new TestTerminal();
        var log = RunLog.Open(
            terminal.Terminal,
            SettingsReader.ReadEnvironment(new Dictionary<string, string>(StringComparer.Ordinal), VaultProviders.All) with
            {
                LogFormat = LogFormat.Json,
                LogLevel = LogEventLevel.Debug,
            });
        foreach (var record in Records)
            log.Append(record);
        log.Notice("The disk is nearly full.");
        log.Waiting(TimeSpan.FromSeconds(7));
        log.TelemetryLost("It can't be reached.");
        log.InsightsLost("Bitbucket doesn't answer.");
        log.NotificationLost("Bitbucket doesn't answer.");
        log.Failed(new InvalidOperationException("x"));

        var lines = terminal.Error.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToArray();

        lines.Select(line => line.GetProperty("Id").GetInt32())
            .Distinct()
            .Order()
            .Should().Equal(All.Select(logged => logged.Id));
        lines.Should().AllSatisfy(line => FlawsOf(line).Should().BeEmpty());
    }

    [Fact]
    public void The_text_form_has_no_numbers()
    {
        var terminal = new TestTerminal();
        var log = RunLog.Open(
            terminal.Terminal,
            SettingsReader.ReadEnvironment(new Dictionary<string, string>(StringComparer.Ordinal), VaultProviders.All) with
            {
                LogFormat = LogFormat.Text,
                LogLevel = LogEventLevel.Debug,
            });

        log.Append(Records[^1]);

        terminal.Error.TrimEnd('\n').Should().EndWith(" info    run-ended: exit code 4");
    }

    private static IEnumerable<string> FlawsOf(JsonElement line)
    {
        var id = line.GetProperty("Id").GetInt32();
        var row = PageRows().Single(each => each[0] == $"{id}");
        if ($"`{line.GetProperty("Event").GetString()}`" != row[1])
            yield return $"{id} is called {line.GetProperty("Event")}";
        var level = line.TryGetProperty("@l", out var said) ? said.GetString()!.ToLowerInvariant() : "information";
        if (!row[2].Split([", ", " or "], StringSplitOptions.None).Contains(level, StringComparer.Ordinal))
            yield return $"{id} on the level {level}";
        var fields = line.EnumerateObject().Where(field => !field.Name.StartsWith('@') && field.Name is not ("Id" or "Event"))
            .ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);
        foreach (var told in row[3].Split(", "))
        {
            // Such as "`Target` text or missing".
            var (name, type, isOptional) = told.Split(' ') switch
            {
                [var word, "text" or "number"] words => (word.Trim('`'), words[1], false),
                [var word, "text" or "number", "or", "missing"] words => (word.Trim('`'), words[1], true),
                _ => throw new InvalidOperationException($"{id} with a field that can't be read: {told}"),
            };
            if (!fields.Remove(name, out var value))
            {
                if (!isOptional)
                    yield return $"{id} without {name}";
            }
            else if (value.ValueKind != (type == "number" ? JsonValueKind.Number : JsonValueKind.String))
            {
                yield return $"{id} with {name} as {value.ValueKind}";
            }
        }

        foreach (var stray in fields.Keys)
            yield return $"{id} with {stray}";
    }

    private static string[][] PageRows() =>
    [
        .. File.ReadLines(Path.Combine(RepositoryFiles.Root, "docs", "observability.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2]))
            .Select(line => line.Trim('|', ' ').Split(" | ")),
    ];

    private static IEnumerable<Type> Cases(Type set) => set.GetNestedTypes().Where(type => type.IsSubclassOf(set));
}
