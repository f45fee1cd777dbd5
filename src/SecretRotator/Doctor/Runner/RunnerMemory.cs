using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.Runner;

/// <summary>
/// Looks whether the memory suffices: the limit of the control groups around the process, what they use already, and whether someone was
/// killed for lack of it. Control groups are described in the kernel's admin-guide/cgroup-v2 and cgroup-v1/memory.
/// </summary>
internal static class RunnerMemory
{
    // A run peaks at some 60 MB.
    private const long Needed = 96L << 20;
    private const long Comfortable = 256L << 20;

    // Version 1 says "no limit" as a number near the largest one.
    private const long NoLimit = 1L << 60;

    private const string Exceeded =
        "A step over its limit is killed, and Bitbucket says \"Resource limit exceeded\" or the exit code is 137; what was begun is "
            + "finished or undone by the next run.";
    private const string More =
        "Give the step more: size: 2x in the pipeline file (1x has 4 GB, less what its services take), --memory for a container. Or run "
            + "less beside it in the same step.";

    /// <summary>Asks.</summary>
    public static ImmutableArray<CheckResult> Run(RunnerFiles files) => [Headroom(files), Kills(files)];

    /// <summary>A number of bytes for people.</summary>
    public static string Text(long bytes) => bytes >= 1L << 30
        ? $"{bytes / (double)(1L << 30):0.#} GB"
        : $"{Math.Max(0, bytes) >> 20} MB";

    private static CheckResult Headroom(RunnerFiles files)
    {
        var groups = Groups(files);
        var (limit, left) = groups.Where(group => group.Limit is not null)
            .Select(group => (group.Limit, Left: group.Limit - (group.Used ?? 0))).OrderBy(group => group.Left).FirstOrDefault();
        if (files.NumberOf("proc/meminfo", "MemAvailable:") * 1024 is { } available && (left is null || available < left))
            (limit, left) = (files.NumberOf("proc/meminfo", "MemTotal:") * 1024, available);
        if (limit is null || left is null)
            return CheckResult.Unknown(CheckArea.Runner, "memory", "How much memory there is can't be determined.", Exceeded);
        var observed = $"{Text(left.Value)} of {Text(limit.Value)} of memory are left; a run needs some 60 MB.";
        return left.Value switch
        {
            < Needed => CheckResult.Fail(CheckArea.Runner, "memory", observed, Exceeded, More),
            < Comfortable => CheckResult.Warn(CheckArea.Runner, "memory", observed, Exceeded, More),
            _ => CheckResult.Pass(CheckArea.Runner, "memory", observed),
        };
    }

    private static CheckResult Kills(RunnerFiles files)
    {
        var kills = Groups(files).Max(group => group.Kills);
        return kills switch
        {
            null =>
                CheckResult.Unknown(
                    CheckArea.Runner, "memory-kills", "Whether processes were killed for lack of memory can't be determined.",
                    Exceeded),
            0 => CheckResult.Pass(CheckArea.Runner, "memory-kills", "Nothing here was killed for lack of memory."),
            _ => CheckResult.Warn(
                CheckArea.Runner, "memory-kills", $"Here {kills} processes were killed for lack of memory.",
                Exceeded + " Where the runner itself is killed on its machine, it says \"Runner disconnected\".",
                More),
        };
    }

    // The limits of all groups around the process count. Within a container the innermost one is seen as the root.
    private static List<Group> Groups(RunnerFiles files)
    {
        var groups = new List<Group>();
        foreach (var line in files.Read("proc/self/cgroup")?.Split('\n') ?? [])
        {
            if (line.Split(':', 3) is not [_, var controllers, var path])
                continue;
            if (controllers.Length == 0 && files.Exists("sys/fs/cgroup/cgroup.controllers"))
                groups.AddRange(Around("sys/fs/cgroup", path).Select(folder => new Group(
                    files.Number(folder + "/memory.max"),
                    files.Number(folder + "/memory.current") - (files.NumberOf(folder + "/memory.stat", "inactive_file") ?? 0),
                    files.NumberOf(folder + "/memory.events", "oom_kill"))));
            else if (controllers.Split(',').Contains("memory", StringComparer.Ordinal))
                groups.AddRange(Around("sys/fs/cgroup/memory", path).Select(folder => new Group(
                    files.Number(folder + "/memory.limit_in_bytes") is { } limit and < NoLimit ? limit : null,
                    files.Number(folder + "/memory.usage_in_bytes") - (files.NumberOf(folder + "/memory.stat", "total_inactive_file") ?? 0),
                    files.NumberOf(folder + "/memory.oom_control", "oom_kill"))));
        }

        return groups;
    }

    private static IEnumerable<string> Around(string mount, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part is not (".." or ".")).Take(32).ToArray();
        for (var depth = parts.Length; depth >= 0; depth--)
            yield return string.Join('/', parts.Take(depth).Prepend(mount));
    }

    private sealed record Group(long? Limit, long? Used, long? Kills);
}
