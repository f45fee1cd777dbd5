using System.Diagnostics;
using SecretRotator.Providers.Backends;

namespace SecretRotator.Sandbox;

/// <summary>How a sandbox runs.</summary>
public sealed record SandboxOptions
{
    /// <summary>The folder that keeps its state between commands, or null to keep it in memory for the host's life.</summary>
    public string? StateFolder { get; init; }

    /// <summary>Faults as text, in the grammar that <c>docs/sandbox.md</c> describes.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>How long every call waits before it is looked at; zero or more.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The port of the control listener; the emulators take the ports after it. 0 lets the system choose every port.</summary>
    public int BasePort { get; init; }

    /// <summary>Whether the sandbox has the machine's time. Otherwise its clock runs ahead, so that rotation windows are open.</summary>
    public bool RealTime { get; init; }

    /// <summary>The time that the sandbox's clock is set to and goes on from; null leaves it to <see cref="RealTime"/>.</summary>
    public Instant? Now { get; init; }

    /// <summary>Whether an earlier state in <see cref="StateFolder"/> is dropped first.</summary>
    public bool Reset { get; init; }

    /// <summary>
    /// Whether PostgreSQL and MariaDB are started from this machine's programs, with their data in <see cref="StateFolder"/>, which is
    /// needed then, and not emulated.
    /// </summary>
    public bool RealDatabases { get; init; }

    /// <summary>
    /// Ends the client of a call for the fault <c>kill</c>, given the port that it called from and the port that it
    /// called. Answers false where no such process was found. Null looks for the process that has this connection.
    /// A rotator that shares the sandbox's process sets <see cref="KillThisProcess"/>.
    /// </summary>
    public Func<int, int, bool>? KillClient { get; init; }

    /// <summary>Told what a person should know though it stops nothing.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>The machine's clock.</summary>
    public required IClock RealClock { get; init; }

    /// <summary>Where a server's data are that isn't emulated; null where no folder is.</summary>
    internal string? DataOf(ServerAddress server) =>
        StateFolder is null ? null : Path.Combine(StateFolder, server.ToString().Replace(':', '-'));

    /// <summary>Kills this process (SIGKILL). For <see cref="KillClient"/>.</summary>
    public static bool KillThisProcess(int clientPort, int serverPort)
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
        return true;
    }
}
