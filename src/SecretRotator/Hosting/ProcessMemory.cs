using System.Runtime.InteropServices;

namespace SecretRotator.Hosting;

/// <summary>Keeps what this process holds in memory to itself: it holds secret values, and the credentials that it was started
/// with.</summary>
internal static partial class ProcessMemory
{
    private const int SetDumpable = 4;
    private const int CoreFileSize = 4;

    /// <summary>
    /// Forbids core dumps and, on Linux, every look of another process of the same user into this one's memory and environment
    /// (prctl(2), PR_SET_DUMPABLE; ptrace(2)). What the system refuses is left as it is. <c>docs/security.md</c> tells what this is worth.
    /// </summary>
    public static void Seal()
    {
        try
        {
            if (OperatingSystem.IsLinux())
                _ = Control(SetDumpable, 0, 0, 0, 0);
            if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
                _ = SetLimit(CoreFileSize, default);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A system without these calls; a rotation doesn't depend on them.
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimit(int resource, in Limit limit);

    // Zero for both: the soft limit, and the hard one, so that no one raises it again.
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Limit
    {
        private readonly nuint _soft;
        private readonly nuint _hard;
    }
}
