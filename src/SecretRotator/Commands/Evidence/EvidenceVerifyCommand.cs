using System.CommandLine;
using SecretRotator.EvidenceStorage;

namespace SecretRotator.Commands;

/// <summary>Checks evidence offline: no inventory, no network, no log.</summary>
internal static class EvidenceVerifyCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
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
        var files = EvidenceCommand.Files(publicKey, fromStart, runner.Options.Output);
        var command = new CommandWithExamples(
            "verify",
            "Finds out whether evidence was changed, cut or removed, and names the first bad record.",
            "secret-rotator evidence verify evidence",
            "secret-rotator evidence verify evidence --public-key signing-key.pub --from-start")
        {
            files, publicKey, fromStart,
        };
        return runner.Offline(command, context => Task.FromResult(
            Run(context, context.Parsed.GetValue(files)!, context.Value(publicKey), context.Value(fromStart))));
    }

    private static ExitCode Run(CommandContext context, string[] paths, string? publicKey, bool fromStart)
    {
        using var key = publicKey is null ? null : PublicKey.Read(publicKey);
        var evidence = EvidenceFiles.Read(paths, fromStart);
        var view = new EvidenceView(evidence, [.. evidence.Files.Select(file => SignatureState.Of(file, key))]);
        context.Show(json => ResultContext.Write(json, new EvidenceJson(view)), terminal => EvidenceText.Write(terminal, view));
        return view.ExitCode;
    }
}
