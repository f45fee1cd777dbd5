using System.Text.RegularExpressions;
using SecretRotator.Commands;
using SecretRotator.Output;
using SecretRotator.Settings;
using SecretRotator.Tests.Inventory;
using SecretRotator.Verification;

namespace SecretRotator.Tests.Output;

public sealed partial class JsonTests
{
    [Theory]
    [InlineData("plan")]
    [InlineData("rotate")]
    [InlineData("verify")]
    [InlineData("validate")]
    public void The_documentation_shows_what_the_program_writes(string command)
    {
        var documented = Documentation();

        var sample = Regex.Match(documented, $"```json {command}\n(.*?)\n```", RegexOptions.Singleline, TimeSpan.FromSeconds(5));

        sample.Groups[1].Value.Should().Be(Written(command).TrimEnd('\n'));
    }

    [Fact]
    public void Every_decision_outcome_and_drift_is_documented()
    {
        var documented = Documentation();

        foreach (var word in Samples.Decisions.Select(WireNames.Of).Concat(Samples.Outcomes.Select(WireNames.Of))
            .Concat(Enum.GetValues<DriftKind>().Select(WireNames.Of)))
            documented.Should().Contain($"`{word}`");
    }

    [Fact]
    public void Every_result_says_version_command_and_exit_code()
    {
        foreach (var command in new[] { "plan", "rotate", "verify", "validate" })
        {
            var json = JsonDocument.Parse(Written(command)).RootElement;
            json.GetProperty("version").GetInt32().Should().Be(1);
            json.GetProperty("command").GetString().Should().Be(command);
            json.GetProperty("exitCode").ValueKind.Should().Be(JsonValueKind.Number);
        }
    }

    [Fact]
    public void Names_are_camelCase_and_words_are_kebab_case()
    {
        foreach (var command in new[] { "plan", "rotate", "verify", "validate" })
            Check(JsonDocument.Parse(Written(command)).RootElement);

        static void Check(JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Array)
                foreach (var item in element.EnumerateArray())
                    Check(item);
            if (element.ValueKind != JsonValueKind.Object)
                return;
            foreach (var property in element.EnumerateObject())
            {
                property.Name.Should().MatchRegex("^[a-z]+([A-Z][a-z]+)*$");
                if (property.Name is "decision" or "outcome" or "level" or "kind")
                    property.Value.GetString().Should().MatchRegex("^[a-z]+(-[a-z]+)*$");
                Check(property.Value);
            }
        }
    }

    [Fact]
    public void Control_characters_are_escaped()
    {
        var item = Samples.Item(0, new SecretRotator.Planning.Decision.Blocked(FailureKind.Other, "x\u001b[2J\n\u202e\u0085", "y"));

        var json = TestTerminal.Written(
            terminal => terminal.WriteJson(
                writer => ResultContext.Write(
                    writer, new PlanJson(Samples.Plan with { Plan = Samples.PlanOf([]) with { Items = [item] } }, ExitCode.Done))));

        json.Should().NotContain("\u001b").And.NotContain("\u202e").And.NotContain("\u0085");
        JsonDocument.Parse(json).RootElement.GetProperty("secrets")[0]
            .GetProperty("why")
            .GetString()
            .Should().Be("x\u001b[2J\n\u202e\u0085");
    }

    private static string Documentation() => File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "json.md"));

    private static string Written(string command) => TestTerminal.Written(terminal =>
    {
        switch (command)
        {
            case "plan":
                terminal.WriteJson(json => ResultContext.Write(json, new PlanJson(DocumentedSamples.Plan, ExitCode.Blocked)));
                break;
            case "rotate":
                terminal.WriteJson(json => ResultContext.Write(json, new RunJson(DocumentedSamples.Run)));
                break;
            case "verify":
                terminal.WriteJson(json => ResultContext.Write(json, new DriftJson(Samples.Drift, ExitCode.Found)));
                break;
            default:
                DocumentedSamples.Error.Write(terminal, OutputFormat.Json);
                break;
        }
    });
}
