using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using SecretRotator.Configuration;

namespace SecretRotator.Commands;

/// <summary>Tells what is wrong with a command line, and what was probably meant.</summary>
internal static class UsageErrors
{
    public static void Write(Terminal terminal, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        foreach (var message in parsed.Errors.Select(Message).Distinct(StringComparer.Ordinal))
        {
            var words = message.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
            terminal.WriteErrorFolded(PrintableText.Of(string.Join(' ', words)));
        }

        foreach (var token in parsed.UnmatchedTokens)
            if ((Habit(token, command) ?? Spelling.Hint(token, Known(parsed))) is { } hint)
                terminal.WriteErrorFolded($"{PrintableText.Of(token)}: {hint}");
        terminal.WriteErrorFolded($"How to use it: {$"secret-rotator {CommandWithExamples.PathOf(command)}".TrimEnd()} --help");
    }

    // The library's message of a wrong word doesn't name the option, and lists the right ones only.
    private static string Message(ParseError error)
    {
        var option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        if (option is null || error.Message.Contains(option.Option.Name, StringComparison.Ordinal))
            return error.Message;
        var words = option.Option.GetCompletions(CompletionContext.Empty).Select(word => word.Label).ToArray();
        var hint = option.Tokens is [.., { Value: { Length: > 0 } token }] && !words.Contains(token, StringComparer.Ordinal)
            ? words.FirstOrDefault(word => word.StartsWith(token, StringComparison.OrdinalIgnoreCase)) ?? Spelling.Closest(token, words)
            : null;
        return $"{option.Option.Name}: {error.Message}{(hint is null ? "" : $". Did you mean {hint}?")}";
    }

    // What people type because other programs take it.
    private static string? Habit(string token, Command command) =>
        token is "--dry-run" or "-n" ? "secret-rotator plan shows what rotate would do, and writes nothing."
        : !Names.IsName(token) || command.Subcommands.Count > 0 ? null
        : command.Options.Any(option => option.Name == "--force")
            ? $"Is it a secret? --only {token} leaves all others out; --force {token} --reason TEXT acts on it now, due or not."
        : command.Options.Any(option => option.Name == "--only") ? $"Is it a secret? --only {token} leaves all others out."
        : null;

    private static IEnumerable<string> Known(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var root = parsed.RootCommandResult.Command;
        return command.Subcommands.Select(each => each.Name)
            .Concat(command.Options.Concat(root.Options).Where(option => !option.Hidden).Select(option => option.Name));
    }
}
