using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>
/// Names this process as the holder of a claim, and tells whether a process that held one is alive, as far as it ran
/// on this machine, since its last start and in the same process namespace. Reads Linux's <c>/proc</c> (proc(5)).
/// </summary>
/// <remarks>
/// <c>/proc</c> may hide processes: mounted with <c>hidepid=invisible</c> it has no entry for another user's, and none for a process
/// of the same user that can't be traced either, which this program makes itself (PR_SET_DUMPABLE). So a missing entry says nothing;
/// that a process is gone only <c>kill(pid, 0)</c> tells, with ESRCH (kill(2)).
/// </remarks>
/// <param name="proc">Where the process file system is mounted.</param>
/// <param name="isGone">Whether for certain no process has that number, or null to ask the system.</param>
internal sealed partial class LocalProcesses(string proc = "/proc", Func<int, bool>? isGone = null)
{
    // No process, by errno(3) on Linux.
    private const int NoSuchProcess = 3;

    private static readonly string[] DeadStates = ["Z", "X", "x"];

    private const string NoMachine = "0000000000000000";
    private const int LongestName = 60;

    private readonly string _machine = Machine(proc);

    /// <summary>This process.</summary>
    /// <param name="userAndHost">For people; characters that a mark can't hold become dashes.</param>
    public Holder.Process Self(string userAndHost)
    {
        var name = string.Concat(
            userAndHost.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or '-' ? c : '-').Take(LongestName));
        var number = _machine == NoMachine ? 0 : Environment.ProcessId;
        return new(_machine, number, StartIn(FieldsOf(number)) ?? 0, name.Length > 0 ? name : "unknown");
    }

    /// <summary>Whether a process is alive; unknown for one of another machine.</summary>
    public HolderState StateOf(Holder.Process process)
    {
        if (_machine == NoMachine || process.Machine != _machine)
            return HolderState.Unknown;
        try
        {
            if (FieldsOf(process.Number) is not { } fields)
                return (isGone ?? IsGone)(process.Number) ? HolderState.Ended : HolderState.Unknown;
            if (fields.Length > 0 && DeadStates.Contains(fields[0], StringComparer.Ordinal))
                return HolderState.Ended;
            return StartIn(fields) is not { } start || process.Start == 0 ? HolderState.Unknown
                : start == process.Start ? HolderState.Running
                : HolderState.Ended;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return HolderState.Unknown;
        }
    }

    // Container and host, or two containers, may share a boot id; the process namespace tells them apart.
    private static string Machine(string proc)
    {
        try
        {
            var boot = File.ReadAllText(Path.Combine(proc, "sys/kernel/random/boot_id")).Trim();
            return new FileInfo(Path.Combine(proc, "self/ns/pid")).LinkTarget is { Length: > 0 } space && boot.Length > 0
                ? Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{boot}\n{space}")))[..16]
                : NoMachine;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return NoMachine;
        }
    }

    // The fields of /proc/PID/stat from the third on, the state; null where there is no such file. Field 2, the name in
    // parentheses, may itself hold blanks and parentheses.
    private string[]? FieldsOf(int number)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(proc, number.ToString(CultureInfo.InvariantCulture), "stat"));
            return stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    // Field 22, in clock ticks since the machine started.
    private static long? StartIn(string[]? fields) =>
        fields is { Length: > 19 } && long.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            ? start
            : null;

    private static bool IsGone(int number)
    {
        try
        {
            return number > 0 && Kill(number, 0) != 0 && Marshal.GetLastPInvokeError() == NoSuchProcess;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
