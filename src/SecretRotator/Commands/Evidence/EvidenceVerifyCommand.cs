using SecretRotator.EvidenceStorage;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Checks evidence offline: no inventory, no network, no log.</summary>
internal static class EvidenceVerifyCommand
{
    public static ExitCode Run(Terminal terminal, OutputFormat format, string[] paths, string? publicKey, bool fromStart)
    {
        using var key = publicKey is null ? null : PublicKey.Read(publicKey);
        var evidence = EvidenceFiles.Read(paths, fromStart);
        var view = new EvidenceView(evidence, [.. evidence.Files.Select(file => SignatureState.Of(file, key))]);
        if (format == OutputFormat.Json)
            terminal.WriteJson(json => EvidenceJson.Write(json, view));
        else
            EvidenceText.Write(terminal, view);
        return view.ExitCode;
    }
}
