using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.Runner;

/// <summary>
/// Looks at the machine or container that the tool runs in, by what Linux tells in <c>/proc</c>, <c>/sys</c> and <c>/dev</c>. Needs no
/// network.
/// </summary>
/// <remarks>
/// Bitbucket sets no variable that tells a self-hosted runner from its own machines, so what only matters on the former says so in words.
/// </remarks>
/// <param name="files">What Linux tells; null on another system.</param>
/// <param name="evidence">The directory that evidence goes to; it need not be there yet.</param>
/// <param name="freeSpace">How many bytes are free for this user where a path is; null where it can't be determined.</param>
/// <param name="isInPipeline">Whether this is a step. Elsewhere, as on someone's own machine, a risk of runners is reported and isn't
/// counted as an error.</param>
/// <param name="whyNotWritten">Why no file can be written where a path is; null where one can.</param>
internal sealed class RunnerCheck(
    RunnerFiles? files, string evidence, Func<string, long?> freeSpace, bool isInPipeline, Func<string, string?> whyNotWritten) : ICheck
{
    // CAP_SYS_ADMIN of capabilities(7).
    private const int AdministerSystem = 21;
    private const long LeastDisk = 16L << 20;
    private const long EnoughDisk = 512L << 20;

    private static readonly ImmutableArray<string> Sockets = ["var/run/docker.sock", "run/docker.sock"];
    private static readonly ImmutableArray<string> HostDevices = ["sda", "nvme0n1", "vda", "xvda", "mem"];

    /// <summary>This machine.</summary>
    /// <param name="evidence">The directory that evidence goes to.</param>
    /// <param name="isInPipeline">Whether this is a step.</param>
    public static RunnerCheck OfThisMachine(string evidence, bool isInPipeline) =>
        new(OperatingSystem.IsLinux() ? new RunnerFiles("/") : null, evidence, FreeSpace, isInPipeline, WhyNotWritten);

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Runner;

    /// <inheritdoc />
    public bool NeedsNetwork => false;

    /// <inheritdoc />
    public Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<CheckResult>>(Run());

    /// <summary>Asks all questions.</summary>
    public ImmutableArray<CheckResult> Run() => files is null
        ? [Unknown(
            "runner", "This isn't Linux, so user, privileges, kernel, memory and core dumps are not looked at.",
            "Bitbucket's steps run in Linux containers; run doctor in the step itself to see what holds there."), Evidence(), Disk()]
        :
        [
            User(files),
            Socket(files),
            Privileges(files),
            Kernel(files),
            ControlGroups(files),
            .. RunnerMemory.Run(files),
            CoreDumps(files),
            Evidence(),
            Disk(),
        ];

    /// <summary>Why no file can be written where evidence goes; null where one can. It leaves nothing behind.</summary>
    /// <param name="directory">The directory. Where it isn't there yet, the nearest one above it must take it.</param>
    public static string? WhyNotWritten(string directory)
    {
        try
        {
            var place = new DirectoryInfo(directory);
            while (!place.Exists)
            {
                if (File.Exists(place.FullName))
                    return "a file is in its place";
                if (place.Parent is not { } parent)
                    return "there is no directory above it";
                place = parent;
            }

            var probe = Path.Combine(place.FullName, $".secret-rotator-doctor-{Path.GetRandomFileName()}");
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            file.WriteByte(0);
            file.Flush(flushToDisk: true);
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return "this user may not write there";
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            return "it takes no file";
        }
    }

    private static CheckResult User(RunnerFiles files) =>
        files.Field("proc/self/status", "Uid:")?.Split('\t', StringSplitOptions.RemoveEmptyEntries) is not [_, var user, ..]
            ? Unknown("user", "Which user this is can't be determined: /proc/self/status has no Uid.", "A step should not run as root.")
            : user != "0"
                ? Pass("user", $"The user is {user}, not root.")
                : Warn("user",
                    "This runs as root.", "Whatever breaks out of the container, or is loaded into the step, is root at once.",
                    "Give the image a user in the pipeline file: image: { name: …, run-as-user: 1654 }. In a container: USER $APP_UID, "
                        + "or --user.");

    private CheckResult Socket(RunnerFiles files) => Sockets.FirstOrDefault(files.Exists) is { } socket
        ? Risk("docker-socket",
            $"Docker's socket is here: /{socket}.",
            "A process that can write to it is root on the machine that Docker runs on, beyond every container.",
            "Take the mount out of the runner or container (-v /var/run/docker.sock:…), and rotate in a step without it.")
        : Pass("docker-socket", "Docker's socket isn't here.");

    private CheckResult Privileges(RunnerFiles files)
    {
        if (!ulong.TryParse(
            files.Field("proc/self/status", "CapEff:"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var capabilities))
            return Unknown(
                "privileges", "Which capabilities this process has can't be determined: /proc/self/status has no CapEff.",
                "A privileged container isn't contained.");
        if ((capabilities >> AdministerSystem & 1) == 0)
            return Pass("privileges", "The process can't administer the system (no CAP_SYS_ADMIN).");
        var disk = HostDevices.FirstOrDefault(name => files.Exists("dev/" + name));
        return Risk(
            "privileges",
            $"The process may administer the system (CAP_SYS_ADMIN){(disk is null ? "" : $", and the host's /dev/{disk} is here")}: a "
                + "privileged container, or root outside any.",
            "It reaches the host's disks, its kernel and the other containers, with their secrets.",
            "Take --privileged and --cap-add out of the runner or container; run it as a user that isn't root.");
    }

    // Bitbucket's requirements for self-hosted runners name 5.10; older kernels miss parts of cgroups v2.
    private static CheckResult Kernel(RunnerFiles files)
    {
        var release = files.Read("proc/sys/kernel/osrelease")?.Trim() ?? "";
        var parts = release.Split('.', '-', '+');
        if (parts.Length < 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
            return Unknown("kernel", "The kernel's version can't be determined.", "A self-hosted runner wants Linux 5.10 or later.");
        return (major, minor).CompareTo((5, 10)) >= 0
            ? Pass("kernel", $"The kernel is Linux {major}.{minor}.")
            : Warn("kernel",
                $"The kernel is Linux {major}.{minor}.",
                "On a self-hosted runner Linux 5.10 or later is wanted; older ones get no fixes for what breaks containers open.",
                "Update the runner's system. On Bitbucket's own machines there is nothing to do.");
    }

    private static CheckResult ControlGroups(RunnerFiles files) => files.Exists("sys/fs/cgroup/cgroup.controllers")
        ? Pass("cgroups", "Control groups are of version 2.")
        : files.Exists("sys/fs/cgroup/memory/memory.limit_in_bytes")
            ? Warn("cgroups",
                "Control groups are of version 1.",
                "On a self-hosted runner version 2 is wanted: with version 1 limits of memory and tasks are kept less reliably.",
                "Start the runner's system with systemd.unified_cgroup_hierarchy=1. On Bitbucket's own machines there is nothing to do.")
            : Unknown(
                "cgroups", "/sys/fs/cgroup can't be read, so limits can't be seen.",
                "A step over its memory limit is killed: \"Resource limit exceeded\".");

    // The program itself sets the limit to 0 when it starts, where the system lets it (setrlimit(2)).
    private static CheckResult CoreDumps(RunnerFiles files)
    {
        if (files.Field("proc/self/limits", "Max core file size")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var soft, ..])
            return Unknown(
                "core-dumps", "Whether a crash would write the memory to a file can't be determined: /proc/self/limits can't be read.",
                "The memory holds secret values.");
        var pattern = files.Read("proc/sys/kernel/core_pattern")?.Trim();
        var taker = pattern is ['|', ..] ? " Here dumps would go to a program of the host." : "";
        return soft == "0"
            ? Pass("core-dumps", "A crash writes no memory to a file.")
            : Warn("core-dumps",
                $"A crash may write this process's memory to a file.{taker}",
                "The memory holds secret values, and the file outlives the run.",
                "Forbid it around the command: ulimit -c 0, or docker run --ulimit core=0");
    }

    private CheckResult Disk()
    {
        var place = PrintableText.Of(evidence);
        if (freeSpace(evidence) is not { } free)
            return Unknown(
                "disk", $"How much room is left for {place} can't be determined.",
                "Without room no evidence can be kept, and nothing is rotated.");
        var observed = $"{RunnerMemory.Text(free)} are free where evidence goes ({place}).";
        const string Fix =
            "Make room. On a self-hosted runner old images and layers fill disks: docker system prune, by a timer. Or keep evidence in a "
                + "bucket: --evidence s3://BUCKET/PREFIX";
        return free switch
        {
            < LeastDisk =>
                Fail("disk", observed, "A rotation whose evidence can't be written is not begun, or ends with exit code 1.", Fix),
            < EnoughDisk => Warn("disk", observed, "A full disk stops the runner and every step on it.", Fix),
            _ => Pass("disk", observed),
        };
    }

    private CheckResult Evidence() => whyNotWritten(evidence) is { } why
        ? Fail(
            "evidence-writable",
            $"No evidence can be written to {PrintableText.Of(evidence)}: {why}.",
            "A run that can't write evidence rotates nothing.",
            "Let the user of the step own that directory, or name another place: --evidence DIR. For a bucket alone TMPDIR names it.")
        : Pass("evidence-writable", $"Evidence can be written to {PrintableText.Of(evidence)}.");

    private static long? FreeSpace(string path)
    {
        try
        {
            var directory = new DirectoryInfo(path);
            while (directory is { Exists: false, Parent: { } parent })
                directory = parent;
            return new DriveInfo(directory.FullName).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static CheckResult Pass(string id, string observed) => CheckResult.Pass(CheckArea.Runner, id, observed);

    private static CheckResult Unknown(string id, string observed, string why) =>
        CheckResult.Unknown(CheckArea.Runner, id, observed, why);

    private static CheckResult Warn(string id, string observed, string why, string fix) =>
        CheckResult.Warn(CheckArea.Runner, id, observed, why, fix);

    private CheckResult Risk(string id, string observed, string why, string fix) =>
        isInPipeline ? Fail(id, observed, why, fix) : Warn(id, observed, why, fix);

    private static CheckResult Fail(string id, string observed, string why, string fix) =>
        CheckResult.Fail(CheckArea.Runner, id, observed, why, fix);
}
