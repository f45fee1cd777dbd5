using System.Diagnostics;

namespace SecretRotator.Reliability.Processes;

/// <summary>Which programs of the system this user can use: some need rights that not every machine gives.</summary>
internal static class Tools
{
    /// <summary>Whether these words, in front of a command, start it.</summary>
    public static async Task<bool> HasAsync(IReadOnlyList<string> words)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(words[0], [.. words.Skip(1), "true"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
