using SecretRotator.Providers.Bitbucket;

namespace SecretRotator.Reliability.World;

/// <summary>
/// One host that all workstations of a cloud are processes of, and whose <c>/proc</c> shows none of them (hidepid): only the system tells,
/// of a process that is gone, that it is.
/// </summary>
internal sealed class HidingHost(Cloud cloud)
{
    private const int FirstNumber = 1000;

    private static readonly Lazy<string> Proc = new(MakeProc);

    private readonly LocalProcesses _processes = new(
        Proc.Value, number => cloud.Machines.Exists(machine => NumberOf(machine) == number && (machine.IsDead || machine.HasEnded)));

    /// <summary>The process that a workstation is.</summary>
    /// <param name="number">The workstation's number.</param>
    public Holder.Process Self(int number) =>
        _processes.Self($"engineer-{number}@host") with { Number = FirstNumber + number, Start = number };

    /// <summary>What another process of the host learns.</summary>
    public HolderState StateOf(Holder.Process process) => _processes.StateOf(process);

    private static int NumberOf(Machine machine) => machine.Self is Holder.Process process ? process.Number : 0;

    // What names the host and its process namespace, and nothing else.
    private static string MakeProc()
    {
        var proc = Directory.CreateTempSubdirectory("secret-rotator-proc-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => proc.Delete(recursive: true);
        File.WriteAllText(
            Path.Combine(proc.CreateSubdirectory("sys/kernel/random").FullName, "boot_id"), "11111111-1111-4111-8111-111111111111\n");
        File.CreateSymbolicLink(Path.Combine(proc.CreateSubdirectory("self/ns").FullName, "pid"), "pid:[4026531836]");
        return proc.FullName;
    }
}
