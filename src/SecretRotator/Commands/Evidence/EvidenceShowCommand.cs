using SecretRotator.EvidenceStorage;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Tells people what runs did, from their evidence alone.</summary>
internal static class EvidenceShowCommand
{
    public static ExitCode Run(Terminal terminal, OutputFormat format, string[] paths)
    {
        var files = EvidenceFiles.Read(paths).Files;
        if (format == OutputFormat.Json)
            terminal.WriteJson(json => RunHistoryJson.Write(json, files));
        else
            RunHistoryText.Write(terminal, files);
        return ExitCodes.Worst(files.Select(file => ExitCodes.Of(file.Verdict)));
    }
}
