using System.CommandLine;
using SecretRotator.Configuration;

namespace SecretRotator.Commands;

/// <summary>What <c>init</c> has to know: an option, which is asked for where it is missing.</summary>
/// <param name="Option">The option.</param>
/// <param name="IsRight">Whether an answer is one.</param>
/// <param name="Rule">What an answer looks like.</param>
internal sealed record InitQuestion(Option<string> Option, Func<string, bool> IsRight, string Rule)
{
    /// <summary>A question with an answer in one's own words.</summary>
    public static InitQuestion Of(string option, string helpName, string description, Func<string, bool> isRight, string rule)
    {
        var declared = new Option<string>(option) { Description = description, HelpName = helpName };
        declared.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && !isRight(given))
                result.AddError($"{option} doesn't take {Quoted.Of(given)}. {rule}");
        });
        return new InitQuestion(declared, isRight, rule);
    }

    /// <summary>A question with a few answers.</summary>
    public static InitQuestion Of(string option, string description, string[] answers)
    {
        var declared = new Option<string>(option) { Description = description, HelpName = string.Join('|', answers) };
        declared.AcceptOnlyFromAmong(answers);
        return new InitQuestion(
            declared, answer => answers.Contains(answer, StringComparer.Ordinal),
            $"Write {string.Join(", ", answers[..^1])} or {answers[^1]}.");
    }

    /// <summary>The answer: that of the command line, or a person's, or the usual one.</summary>
    /// <exception cref="UsageException">The person gives none.</exception>
    public string Answer(CommandContext context, string usual, bool asks)
    {
        if (context.Value(Option) is { } given)
            return given;
        var question = $"{Option.Description!.TrimEnd('.')} ({Option.HelpName}) [{usual}]: ";
        while (asks && context.Terminal.Ask(question) is { Length: > 0 } answer)
        {
            if (IsRight(answer))
                return answer;
            context.Terminal.WriteErrorFolded(Rule);
        }

        return usual;
    }
}
