using System.CommandLine;
using System.CommandLine.Parsing;
using SecretRotator.Configuration;
using SecretRotator.EvidenceStorage;

namespace SecretRotator.Commands;

/// <summary>The commands about evidence. They work offline: no inventory, no network, no log.</summary>
internal static class EvidenceCommand
{
    /// <summary>Declares them.</summary>
    public static Command Create(CommandRunner runner) => new CommandWithExamples(
        "evidence",
        "Checks what earlier runs left behind, and tells it. Offline.",
        "secret-rotator evidence verify evidence",
        "secret-rotator evidence show evidence")
    {
        CreateVerify(runner),
        CreateShow(runner),
    };

    private static Command CreateVerify(CommandRunner runner)
    {
        var publicKey = new Option<string>("--public-key")
        {
            Description = "Also check that each complete file is signed with the private key of this public key (PEM).",
            HelpName = "FILE",
        };
        var fromStart = new Option<bool>("--from-start")
        {
            Description = "The earliest run must be the first one ever: one that names a run before it is a failure.",
        };
        var files = Files(publicKey, fromStart, runner.Options.Output);
        var command = new CommandWithExamples(
            "verify",
            "Finds out whether evidence was changed, cut or removed, and names the first bad record.",
            "secret-rotator evidence verify evidence",
            "secret-rotator evidence verify evidence --public-key signing-key.pub --from-start")
        {
            files, publicKey, fromStart,
        };
        return runner.Offline(command, context => Task.FromResult(
            Verify(context, context.Parsed.GetValue(files)!, context.Value(publicKey), context.Value(fromStart))));
    }

    private static ExitCode Verify(CommandContext context, string[] paths, string? publicKey, bool fromStart)
    {
        using var key = publicKey is null ? null : PublicKey.Read(publicKey);
        var evidence = EvidenceFiles.Read(paths, fromStart);
        var view = new EvidenceView(evidence, [.. evidence.Files.Select(file => SignatureState.Of(file, key))]);
        context.Show(json => ResultContext.Write(json, new EvidenceJson(view)), view.WriteText);
        return view.ExitCode;
    }

    private static Command CreateShow(CommandRunner runner)
    {
        var files = Files(runner.Options.Output);
        var command = new CommandWithExamples(
            "show",
            "Tells what a run did: what was decided for each secret, which steps were taken, how it ended.",
            "secret-rotator evidence show evidence/20261124T010002Z-rotate-f9980744.jsonl")
        {
            files,
        };
        return runner.Offline(command, context => Task.FromResult(Show(context, context.Parsed.GetValue(files)!)));
    }

    private static ExitCode Show(CommandContext context, string[] paths)
    {
        var files = EvidenceFiles.Read(paths).Files;
        context.Show(json => ResultContext.Write(json, new RunHistoryJson(files)), terminal => RunHistoryView.WriteText(terminal, files));
        return ExitCodes.Worst(files.Select(file => ExitCodes.Of(file.Verdict)));
    }

    // The files that a command reads. An argument that takes anything takes a misspelt option too.
    private static Argument<string[]> Files(params Option[] options)
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
