using System.CommandLine;
using SecretRotator.Configuration;
using SecretRotator.Values;

namespace SecretRotator.Commands;

/// <summary>Tells what is wrong with a command line, and what was probably meant.</summary>
internal static class UsageErrors
{
    public static void Write(Terminal terminal, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        foreach (var message in parsed.Errors.Select(error => error.Message).Distinct(StringComparer.Ordinal))
        {
            var words = message.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
            terminal.WriteErrorFolded(PrintableText.Of(string.Join(' ', words)));
        }

        foreach (var token in parsed.UnmatchedTokens)
            if (Spelling.Hint(token, Known(parsed)) is { } hint)
                terminal.WriteErrorFolded($"{PrintableText.Of(token)}: {hint}");
        terminal.WriteErrorFolded($"How to use it: {$"secret-rotator {CommandWithExamples.PathOf(command)}".TrimEnd()} --help");
    }

    private static IEnumerable<string> Known(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var root = parsed.RootCommandResult.Command;
        return command.Subcommands.Select(each => each.Name)
            .Concat(command.Options.Concat(root.Options).Where(option => !option.Hidden).Select(option => option.Name));
    }
}
