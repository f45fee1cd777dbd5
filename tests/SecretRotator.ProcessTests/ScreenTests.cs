using System.Text.RegularExpressions;

namespace SecretRotator.Tests.Processes;

/// <summary>docs/screens.md shows what the commands write, but for ids, which are new each time.</summary>
public sealed partial class ScreenTests : IDisposable
{
    private const string Variable = "SECRET_ROTATOR_TESTS_SCREENS";

    private static readonly string Page = Path.Combine(RepositoryFiles.Root, "docs", "screens.md");

    private readonly Rotator _rotator = new();

    public ScreenTests() => File.Copy(RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"));

    [Fact]
    public async Task Every_screen_is_what_its_command_writes()
    {
        var documented = await File.ReadAllTextAsync(Page, TestContext.Current.CancellationToken);
        var shown = documented;
        foreach (Match screen in Screen().Matches(documented))
        {
            var command = screen.Groups["command"].Value;
            var ended = await _rotator.RunAsync(command.Split(' '));
            ended.Out.Should().NotBeEmpty(ended.Error);
            shown = shown.Replace(
                screen.Value, $"```text screen\n$ secret-rotator {command}\n{ended.Out.TrimEnd('\n')}\n```", StringComparison.Ordinal);
        }

        if (Environment.GetEnvironmentVariable(Variable) == "write")
            await File.WriteAllTextAsync(Page, shown, TestContext.Current.CancellationToken);
        else
            WithoutIds(documented).Should().Be(
                WithoutIds(shown), $"{Variable}=write dotnet test tests/SecretRotator.ProcessTests makes it so");
        shown.Split('\n').SkipWhile(line => line != "## A run").Where(line => line.Length > 80 && line.StartsWith(' ')).Should()
            .BeEmpty();
    }

    public void Dispose() => _rotator.Dispose();

    private static string WithoutIds(string text) => Id().Replace(text, "ID");

    [GeneratedRegex(
        "```text screen\n\\$ secret-rotator (?<command>[^\n]+)\n(.*?\n)??```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Screen();

    // Of versions, rotations, runs and plans; and the seconds of a time.
    [GeneratedRegex("[0-9a-f]{8,}(-[0-9a-f]{4}){0,4}(-[0-9a-f]+)?|(?<=T\\d\\d:?\\d\\d:?)\\d\\dZ")]
    private static partial Regex Id();
}
