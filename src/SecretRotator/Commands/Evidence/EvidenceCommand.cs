using System.CommandLine;
using System.CommandLine.Parsing;
using SecretRotator.Configuration;

namespace SecretRotator.Commands;

/// <summary>The commands about evidence.</summary>
internal static class EvidenceCommand
{
    /// <summary>Declares them.</summary>
    public static Command Create(CommandRunner runner) => new CommandWithExamples(
        "evidence",
        "Checks what earlier runs left behind, and tells it. Offline.",
        "secret-rotator evidence verify evidence",
        "secret-rotator evidence show evidence")
    {
        EvidenceVerifyCommand.Create(runner),
        EvidenceShowCommand.Create(runner),
    };

    /// <summary>The files that a command reads.</summary>
    /// <param name="options">The command's options. An argument that takes anything takes a misspelt one too.</param>
    public static Argument<string[]> Files(params Option[] options)
    {
        var files = new Argument<string[]>("FILE|DIR")
        {
            Description = "Evidence files, or directories with *.jsonl files.",
            Arity = ArgumentArity.OneOrMore,
        };
        files.Validators.Add(RefuseOptions);
        return files;

        void RefuseOptions(ArgumentResult result)
        {
            foreach (var word in result.Tokens.Select(token => token.Value).Where(word => word.StartsWith("--", StringComparison.Ordinal)))
                result.AddError($"There is no option {word}. {Spelling.Hint(word, options.Select(option => option.Name))}".TrimEnd());
        }
    }
}
