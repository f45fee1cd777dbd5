using SecretRotator.Doctor.Runner;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Tests.Doctor;

/// <summary>The runner's checks on machines that are folders.</summary>
public sealed class RunnerCheckTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("machine-");

    public RunnerCheckTests()
    {
        Write("proc/self/status", "Name:\tsecret-rotator\nUid:\t1654\t1654\t1654\t1654\nCapEff:\t00000000a80425fb\n");
        Write("proc/self/limits",
            "Limit                     Soft Limit           Hard Limit           Units     \nMax core file size        0                 "
                + "   0                    bytes     \n");
        Write("proc/self/cgroup", "0::/\n");
        Write("proc/sys/kernel/osrelease", "6.8.0-49-generic\n");
        Write("proc/sys/kernel/core_pattern", "core\n");
        Write("proc/meminfo", "MemTotal:       8000000 kB\nMemFree:         100000 kB\nMemAvailable:    6000000 kB\n");
        Write("sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
        Write("sys/fs/cgroup/memory.max", "4294967296\n");
        Write("sys/fs/cgroup/memory.current", "1073741824\n");
        Write("sys/fs/cgroup/memory.stat", "anon 1\ninactive_file 536870912\n");
        Write("sys/fs/cgroup/memory.events", "low 0\noom 0\noom_kill 0\n");
    }

    [Fact]
    public void A_step_as_it_should_be_passes_everything()
    {
        var results = Run();

        results.Should().OnlyContain(each => each.Status == CheckStatus.Pass && each.Area == CheckArea.Runner);
        results.Select(each => each.Id).Should().Equal("user",
                "docker-socket", "privileges", "kernel", "cgroups", "memory", "memory-kills", "core-dumps", "evidence-writable", "disk");
        Of("memory").Observed.Should().Be("3.5 GB of 4 GB of memory are left; a run needs some 60 MB.");
    }

    [Fact]
    public void Root_is_told()
    {
        Write("proc/self/status", "Uid:\t1654\t0\t0\t0\nCapEff:\t00000000a80425fb\n");

        Of("user").Should().Match<CheckResult>(r => r.Status == CheckStatus.Warn && r.Fix!.Contains("run-as-user"));
    }

    [Theory]
    [InlineData("var/run/docker.sock")]
    [InlineData("run/docker.sock")]
    public void Docker_s_socket_is_told(string path)
    {
        Write(path, "");

        Of("docker-socket").Should().Match<CheckResult>(r => r.Status == CheckStatus.Fail && r.Observed.Contains("/" + path));
    }

    [Theory]
    [InlineData("0000000000200000", nameof(CheckStatus.Fail))]
    [InlineData("000001fffeffffff", nameof(CheckStatus.Fail))]
    [InlineData("00000000a80425fb", nameof(CheckStatus.Pass))]
    [InlineData("0000000000000000", nameof(CheckStatus.Pass))]
    public void Privileges_are_told_by_the_capability_to_administer_the_system(string capabilities, string status)
    {
        Write("proc/self/status", $"Uid:\t1\t1\t1\t1\nCapEff:\t{capabilities}\n");

        Of("privileges").Status.ToString().Should().Be(status);
    }

    [Fact]
    public void On_someone_s_own_machine_a_risk_of_runners_is_told_and_not_held_to_be_wrong()
    {
        Write("var/run/docker.sock", "");
        Write("proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n");

        Run(isInPipeline: false)
            .Where(each => each.Id is "docker-socket" or "privileges")
            .Should().HaveCount(2).And
            .OnlyContain(each => each.Status == CheckStatus.Warn);
    }

    [Theory]
    [InlineData("5.10.0-30-amd64", nameof(CheckStatus.Pass))]
    [InlineData("5.9.16", nameof(CheckStatus.Warn))]
    [InlineData("4.18.0-553.el8_10.x86_64", nameof(CheckStatus.Warn))]
    [InlineData("6.1-rc3", nameof(CheckStatus.Pass))]
    [InlineData("10.2+", nameof(CheckStatus.Pass))]
    [InlineData("linux", nameof(CheckStatus.Unknown))]
    [InlineData("", nameof(CheckStatus.Unknown))]
    public void Kernels_are_compared_as_numbers(string release, string status)
    {
        Write("proc/sys/kernel/osrelease", release + "\n");

        Of("kernel").Status.ToString().Should().Be(status);
    }

    [Fact]
    public void Control_groups_of_version_1_are_told_and_their_limit_counts()
    {
        File.Delete(PathOf("sys/fs/cgroup/cgroup.controllers"));
        Write("proc/self/cgroup", "5:devices:/x\n4:memory:/docker/abc\n0::/\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "268435456\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", "209715200\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");

        Of("cgroups").Status.Should().Be(CheckStatus.Warn);
        Of("memory").Should().Match<CheckResult>(r => r.Status == CheckStatus.Fail && r.Observed.StartsWith("56 MB of 256 MB"));
        Of("memory-kills").Should().Match<CheckResult>(
                r => r.Status == CheckStatus.Warn && r.Observed.Contains("2 processes") && r.Why!.Contains("Runner disconnected"));
    }

    [Theory]
    [InlineData("max", "1073741824", nameof(CheckStatus.Pass), "5.7 GB of 7.6 GB")]
    [InlineData("1288490188", "1073741824", nameof(CheckStatus.Pass), "716 MB")]
    [InlineData("838860800", "1073741824", nameof(CheckStatus.Pass), "288 MB")]
    [InlineData("734003200", "1073741824", nameof(CheckStatus.Warn), "188 MB")]
    [InlineData("600000000", "1073741824", nameof(CheckStatus.Fail), "60 MB")]
    public void Memory_is_what_the_limit_leaves(string limit, string used, string status, string observed)
    {
        Write("sys/fs/cgroup/memory.max", limit + "\n");
        Write("sys/fs/cgroup/memory.current", used + "\n");

        Of("memory").Should().Match<CheckResult>(r => r.Status.ToString() == status && r.Observed.StartsWith(observed));
        if (status != nameof(CheckStatus.Pass))
            Of("memory").Why.Should().Contain("Resource limit exceeded");
    }

    [Fact]
    public void A_machine_with_less_than_the_limit_leaves_what_it_has()
    {
        Write("proc/meminfo", "MemTotal:       2000000 kB\nMemAvailable:    20000 kB\n");

        Of("memory").Should().Match<CheckResult>(r => r.Status == CheckStatus.Fail && r.Observed.StartsWith("19 MB of 1.9 GB"));
    }

    [Fact]
    public void A_limit_of_an_outer_group_counts()
    {
        Write("proc/self/cgroup", "0::/runner/step\n");
        Write("sys/fs/cgroup/runner/memory.max", "104857600\n");
        Write("sys/fs/cgroup/runner/memory.current", "52428800\n");
        Write("sys/fs/cgroup/runner/step/memory.max", "max\n");

        Of("memory").Should().Match<CheckResult>(r => r.Status == CheckStatus.Fail && r.Observed.StartsWith("50 MB of 100 MB"));
    }

    [Fact]
    public void A_process_that_may_leave_its_memory_behind_is_told()
    {
        Write("proc/self/limits", "Max core file size        unlimited            unlimited            bytes     \n");
        Write("proc/sys/kernel/core_pattern", "|/usr/share/apport/apport %p\n");

        Of("core-dumps").Should().Match<CheckResult>(r => r.Status == CheckStatus.Warn && r.Observed.Contains("a program of the host"));
    }

    [Theory]
    [InlineData(1L << 20, nameof(CheckStatus.Fail))]
    [InlineData(100L << 20, nameof(CheckStatus.Warn))]
    [InlineData(5L << 30, nameof(CheckStatus.Pass))]
    [InlineData(null, nameof(CheckStatus.Unknown))]
    public void Room_for_evidence_is_looked_at(long? free, string status) =>
        new RunnerCheck(new RunnerFiles(_root.FullName), "evidence", path => path == "evidence" ? free : 0, isInPipeline: true, _ => null)
            .Run()[^1].Should().Match<CheckResult>(r => r.Id == "disk" && r.Status.ToString() == status);

    [Fact]
    public void Doctor_fails_where_evidence_can_not_be_written()
    {
        Write("taken", "a file");
        var run = new RunnerCheck(
            new RunnerFiles(_root.FullName), PathOf("taken"), _ => 5L << 30, isInPipeline: true, RunnerCheck.WhyNotWritten).Run();

        run.Single(each => each.Id == "evidence-writable").Should().Match<CheckResult>(
                r => r.Status == CheckStatus.Fail && r.Observed.EndsWith("a file is in its place.") && r.Fix!.Contains("--evidence"));
    }

    [Fact]
    public void Whether_evidence_can_be_written_is_tried_without_a_trace()
    {
        var before = Directory.GetFileSystemEntries(_root.FullName);

        RunnerCheck.WhyNotWritten(PathOf("not/there/yet")).Should().BeNull();

        Directory.GetFileSystemEntries(_root.FullName).Should().Equal(before);
    }

    [Fact]
    public void What_can_not_be_read_is_unknown_and_never_fine()
    {
        using var empty = new Folder();

        var results = new RunnerCheck(new RunnerFiles(empty.Path), "evidence", _ => null, isInPipeline: true, _ => null).Run();

        results.Where(each => each.Id is not ("docker-socket" or "evidence-writable")).Should()
            .OnlyContain(each => each.Status == CheckStatus.Unknown && each.Why != null);
    }

    [Fact]
    public void Another_system_is_unknown_in_words() =>
        new RunnerCheck(null, "evidence", _ => 5L << 30, isInPipeline: true, _ => null)
            .Run()
            .Select(each => (each.Id, each.Status))
            .Should().Equal(("runner", CheckStatus.Unknown), ("evidence-writable", CheckStatus.Pass), ("disk", CheckStatus.Pass));

    [Fact]
    public async Task This_machine_answers_everything()
    {
        var results = await RunnerCheck.OfThisMachine(PathOf("not/there/yet"), isInPipeline: false).RunAsync(CancellationToken.None);

        results.Single(each => each.Id == "disk").Status.Should().NotBe(CheckStatus.Unknown);
        results.Should().OnlyContain(
                each => (each.Status == CheckStatus.Pass || each.Why != null) && (each.Status < CheckStatus.Warn || each.Fix != null));
    }

    public void Dispose() => _root.Delete(recursive: true);

    private IReadOnlyList<CheckResult> Run(bool isInPipeline = true) =>
        new RunnerCheck(new RunnerFiles(_root.FullName), "evidence", _ => 5L << 30, isInPipeline, _ => null).Run();

    private CheckResult Of(string id) => Run().Single(each => each.Id == id);

    private string PathOf(string path) => Path.Combine(_root.FullName, path);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), text);
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("empty-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
