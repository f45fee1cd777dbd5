using System.Text.RegularExpressions;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>One call of this program in a script.</summary>
/// <param name="Program">The word that names it: <c>secret-rotator</c>, a path to it, or <c>dotnet</c>.</param>
/// <param name="Arguments">What follows, split at blanks, without quotes.</param>
/// <param name="At">Where it is.</param>
internal sealed record ToolCall(string Program, ImmutableArray<string> Arguments, Position At)
{
    private static readonly string[] Connecting = ["plan", "rotate", "verify", "report", "rollback", "discover", "schedules", "doctor"];
    private static readonly string[] Changing = ["rotate", "rollback"];

    /// <summary>The command that is called, or null.</summary>
    public string? Command =>
        Arguments.FirstOrDefault(word => Connecting.Contains(word, StringComparer.Ordinal) || word is "validate" or "evidence");

    /// <summary>Whether it proves its identity to a cloud.</summary>
    public bool NeedsIdentity => Command is { } command && Connecting.Contains(command, StringComparer.Ordinal) && !IsOffline;

    /// <summary>Whether it changes secrets.</summary>
    public bool Rotates => Command is { } command && Changing.Contains(command, StringComparer.Ordinal) && !IsOffline;

    private bool IsOffline =>
        Arguments.Any(word => word is "--sandbox" or "--offline" or "--help" or "-h" or "-?" or "--version" or "allowlist");

    /// <summary>The calls in one command line.</summary>
    public static IEnumerable<ToolCall> In(ScriptCommand command) => Calls.Matches(command.Text).Select(match => new ToolCall(
        match.Groups["program"].Value,
        [.. match.Groups["arguments"].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Trim('"', '\''))],
        command.At(match.Groups["at"].Index)));

    private static readonly Regex Calls = ReviewPattern.Of(
        ShellWords.CommandPosition
            + @"(?<at>[""']?(?<program>(?:[\w.$~{}-]*/)*secret-rotator)[""']?|(?<program>dotnet)\s+run\s[^;&|\n]*?SecretRotator[^;&|\n]*?\s--)(?<arguments>(?:\s[^;&|\n]*)?)(?=$|[;&|\n])");
}
