using System.Runtime.InteropServices;

namespace SecretRotator.Reliability.Processes;

/// <summary>Signals to processes (kill(2)).</summary>
internal static partial class Signals
{
    /// <summary>SIGTERM: what a pipeline sends to a step that it stops.</summary>
    public const int Terminate = 15;

    /// <summary>SIGKILL: nothing can be done about it.</summary>
    public const int Kill = 9;

    /// <summary>Sends a signal; to a process that has ended it does nothing.</summary>
    public static void Send(int process, int signal) => _ = SendTo(process, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendTo(int process, int signal);
}
