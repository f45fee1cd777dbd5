using SecretRotator.Providers.Bitbucket;

namespace SecretRotator.Tests.Providers.Aws;

public sealed class LocalProcessesTests : IDisposable
{
    private readonly string _proc = Directory.CreateTempSubdirectory("proc").FullName;

    public LocalProcessesTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are looked up in Linux's /proc.");

    [Fact]
    public void This_process_is_running()
    {
        var processes = new LocalProcesses();

        processes.StateOf(processes.Self("someone@somewhere")).Should().Be(HolderState.Running);
    }

    [Fact]
    public void This_process_can_be_written_down_and_read_again()
    {
        var self = new LocalProcesses().Self("Jane Doe@höst / " + new string('x', 100));

        Holder.Parse(self.Format()).Should().Be(self);
    }

    [Fact]
    public void A_process_that_is_gone_has_ended()
    {
        Machine();

        State(number: 4711, start: 1, isGone: true).Should().Be(HolderState.Ended);
    }

    [Fact]
    public void A_process_that_proc_hides_is_unknown_and_not_ended()
    {
        Machine();

        State(number: 4711, start: 1, isGone: false).Should().Be(HolderState.Unknown);
    }

    [Fact]
    public void The_system_tells_a_living_process_from_one_that_is_gone_where_proc_shows_neither()
    {
        Machine();
        var processes = new LocalProcesses(_proc);
        var machine = processes.Self("x").Machine;

        // Process numbers end at 2^22 on Linux (proc(5), pid_max), so the second one never was.
        new[] { Environment.ProcessId, (1 << 22) + 1 }.Select(number => processes.StateOf(new(machine, number, 1, "x")))
            .Should().Equal(HolderState.Unknown, HolderState.Ended);
    }

    [Fact]
    public void A_process_whose_start_was_not_told_or_can_not_be_read_is_unknown()
    {
        Machine();
        Stat(4711, "name", 'S', 2000);
        Directory.CreateDirectory(Path.Combine(_proc, "4712"));
        File.WriteAllText(Path.Combine(_proc, "4712/stat"), "4712 (name) S 1 1");

        (State(4711, 0), State(4712, 2000)).Should().Be((HolderState.Unknown, HolderState.Unknown));
    }

    [Fact]
    public void A_number_that_was_given_to_another_process_has_ended()
    {
        Machine();
        Stat(4711, "name", 'S', 2000);

        (State(4711, 1000), State(4711, 2000)).Should().Be((HolderState.Ended, HolderState.Running));
    }

    [Fact]
    public void A_name_with_parentheses_and_blanks_doesn_t_shift_the_fields()
    {
        Machine();
        Stat(4711, "odd) S 1 (name", 'S', 2000);

        State(4711, 2000).Should().Be(HolderState.Running);
    }

    [Fact]
    public void A_zombie_has_ended()
    {
        Machine();
        Stat(4711, "name", 'Z', 2000);

        State(4711, 2000).Should().Be(HolderState.Ended);
    }

    [Fact]
    public void A_process_of_another_machine_is_unknown()
    {
        Machine();

        new LocalProcesses(_proc).StateOf(new("ffffffffffffffff", 4711, 1, "x")).Should().Be(HolderState.Unknown);
    }

    [Fact]
    public void Where_the_machine_can_t_be_told_nothing_is_known()
    {
        var processes = new LocalProcesses(_proc);
        var self = processes.Self("x");

        (self.Machine, processes.StateOf(self)).Should().Be(("0000000000000000", HolderState.Unknown));
    }

    [Fact]
    public void Another_boot_or_another_namespace_is_another_machine()
    {
        Machine();
        var first = new LocalProcesses(_proc).Self("x").Machine;
        Machine(boot: "other");
        var rebooted = new LocalProcesses(_proc).Self("x").Machine;
        Machine(space: "pid:[2]");
        var elsewhere = new LocalProcesses(_proc).Self("x").Machine;

        new[] { first, rebooted, elsewhere }.Should().OnlyHaveUniqueItems();
    }

    public void Dispose() => Directory.Delete(_proc, recursive: true);

    private HolderState State(int number, long start, bool isGone = true)
    {
        var processes = new LocalProcesses(_proc, _ => isGone);
        return processes.StateOf(new(processes.Self("x").Machine, number, start, "x"));
    }

    private void Machine(string boot = "a-boot-id", string space = "pid:[1]")
    {
        Directory.CreateDirectory(Path.Combine(_proc, "sys/kernel/random"));
        File.WriteAllText(Path.Combine(_proc, "sys/kernel/random/boot_id"), boot + "\n");
        Directory.CreateDirectory(Path.Combine(_proc, "self/ns"));
        File.Delete(Path.Combine(_proc, "self/ns/pid"));
        File.CreateSymbolicLink(Path.Combine(_proc, "self/ns/pid"), space);
    }

    private void Stat(int number, string name, char state, long start)
    {
        Directory.CreateDirectory(Path.Combine(_proc, $"{number}"));
        File.WriteAllText(
            Path.Combine(_proc, $"{number}/stat"),
            $"{number} ({name}) {state} {string.Join(' ', Enumerable.Repeat("1", 18))} {start} 0 0\n");
    }
}
