using System.CommandLine;
using SecretRotator.EvidenceStorage;

namespace SecretRotator.Commands;

/// <summary>Tells people what runs did, from their evidence alone.</summary>
internal static class EvidenceShowCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var files = EvidenceCommand.Files(runner.Options.Output);
        var command = new CommandWithExamples(
            "show",
            "Tells what a run did: what was decided for each secret, which steps were taken, how it ended.",
            "secret-rotator evidence show evidence/20261124T010002Z-rotate-f9980744.jsonl")
        {
            files,
        };
        return runner.Offline(command, context => Task.FromResult(Run(context, context.Parsed.GetValue(files)!)));
    }

    private static ExitCode Run(CommandContext context, string[] paths)
    {
        var files = EvidenceFiles.Read(paths).Files;
        context.Show(json => ResultContext.Write(json, new RunHistoryJson(files)), terminal => RunHistoryText.Write(terminal, files));
        return ExitCodes.Worst(files.Select(file => ExitCodes.Of(file.Verdict)));
    }
}
