using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Evidence;

/// <summary>What is on the disk, should the machine stop.</summary>
public sealed class DurabilityTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("evidence-");
    private readonly NotebookDisk _disk = new();

    private static NodaTime.Instant At => EvidenceFolder.At(1);

    [Fact]
    public void A_file_that_is_begun_has_its_name_on_the_disk_and_those_of_the_directories_that_are_new()
    {
        var deep = Path.Combine(_directory.FullName, "a", "b");
        using var file = EvidenceFile.Create(deep, "run.jsonl", _disk);

        _disk.Directories.Should().Equal(deep, Path.Combine(_directory.FullName, "a"), _directory.FullName);
    }

    [Fact]
    public void A_directory_that_is_there_is_not_followed_upwards()
    {
        using var file = EvidenceFile.Create(_directory.FullName, "run.jsonl", _disk);

        _disk.Directories.Should().Equal(_directory.FullName);
    }

    [Theory]
    [InlineData(RotationStep.Claim)]
    [InlineData(RotationStep.Promote)]
    [InlineData(RotationStep.Restore)]
    [InlineData(RotationStep.Discard)]
    [InlineData(RotationStep.Retire)]
    [InlineData(RotationStep.Issue)]
    [InlineData(RotationStep.Set)]
    [InlineData(RotationStep.Disable)]
    [InlineData(RotationStep.Enable)]
    [InlineData(RotationStep.Delete)]
    public void Before_an_act_that_others_see_its_record_is_on_the_disk(RotationStep step)
    {
        using var file = Open();
        file.Append(Step(RotationStep.Check, StepState.Begun));
        file.Append(Step(step, StepState.Begun));

        _disk.Lines.Should().Equal(1, 3);
    }

    [Fact]
    public void No_other_step_waits_for_the_disk()
    {
        using var file = Open();
        foreach (var step in Enum.GetValues<RotationStep>()
            .Except(
            [
                RotationStep.Claim, RotationStep.Promote, RotationStep.Restore, RotationStep.Discard, RotationStep.Retire,
                RotationStep.Issue, RotationStep.Set, RotationStep.Disable, RotationStep.Enable, RotationStep.Delete,
            ]))
            file.Append(Step(step, StepState.Begun));
        foreach (var step in Enum.GetValues<RotationStep>())
            file.Append(Step(step, StepState.Done));

        _disk.Lines.Should().Equal(1);
    }

    [Fact]
    public void The_end_of_a_run_is_on_the_disk_before_it_is_told()
    {
        using var file = Open();
        file.Append(new EvidenceRecord.RunEnded(At, 0));

        _disk.Lines.Should().Equal(1, 2);
    }

    [Fact]
    public async Task Rotations_that_wait_at_the_same_time_wait_once()
    {
        using var file = Open();
        List<Task> others = [];
        _disk.OnFile = () =>
        {
            _disk.OnFile = null;
            others.AddRange(
                Enumerable.Range(0, 4)
                    .Select(_ => Task.Run(
                        () => file.Append(Step(RotationStep.Claim, StepState.Begun)), TestContext.Current.CancellationToken)));
            SpinWait.SpinUntil(() => file.Records == 6);
        };
        file.Append(Step(RotationStep.Claim, StepState.Begun));
        await Task.WhenAll(others);

        // The one that waited first may not count on what was written meanwhile; of the four, one waits for all.
        _disk.Lines.Should().Equal(1, 6, 6);
    }

    [Fact]
    public void A_disk_that_does_not_take_a_record_stops_the_step_and_whatever_would_follow()
    {
        using var file = Open();
        _disk.OnFile = () => throw new IOException("Input/output error.");

        file.Invoking(each => each.Append(Step(RotationStep.Claim, StepState.Begun)))
            .Should().Throw<EvidenceException>()
            .WithMessage("*Input/output error.");
        _disk.OnFile = null;
        file.Invoking(each => each.Append(Step(RotationStep.Stage, StepState.Begun))).Should().Throw<EvidenceException>();
    }

    public static TheoryData<Exception, string> Refusals => new()
    {
        { new UnauthorizedAccessException("Access to the path is denied."), "*: permission denied." },
        { new ArgumentOutOfRangeException("value"), "*: it may not grow larger: a limit on the size of files is reached." },
    };

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public void Why_a_disk_refuses_a_record_is_told_in_words_of_our_own(Exception refusal, string told)
    {
        using var file = Open();
        _disk.OnFile = () => throw refusal;

        file.Invoking(each => each.Append(Step(RotationStep.Claim, StepState.Begun))).Should().Throw<EvidenceException>().WithMessage(told);
    }

    [Fact]
    public void A_directory_whose_names_do_not_reach_the_disk_stops_the_run_before_it_begins()
    {
        _disk.OnDirectory = () => throw new IOException("Input/output error.");

        this.Invoking(each => each.Open()).Should().Throw<EvidenceException>().WithMessage("*Nothing was done*");
    }

    [Fact]
    public void The_machine_s_own_disk_takes_a_directory() =>
        DiskBarrier.OfMachine.Invoking(disk => disk.Directory(_directory.FullName)).Should().NotThrow();

    public void Dispose() => _directory.Delete(recursive: true);

    private EvidenceFile Open()
    {
        var file = EvidenceFile.Create(_directory.FullName, "run.jsonl", _disk);
        file.Append(
            new EvidenceRecord.RunStarted(
                At, "rotate", "1", new Holder.Process("00000000000000aa", 7, 9, "me@here"), EvidenceFormat.NoHash));
        return file;
    }

    private static EvidenceRecord.Step Step(RotationStep step, StepState state) =>
        new(At, "db", new RotationId("r"), step, state, null, null);

    /// <summary>Remembers what was waited for, and how many lines the file had then.</summary>
    private sealed class NotebookDisk : DiskBarrier
    {
        public List<string> Directories { get; } = [];

        public List<int> Lines { get; } = [];

        public Action? OnFile { get; set; }

        public Action? OnDirectory { get; set; }

        public override void File(FileStream file)
        {
            OnFile?.Invoke();
            using var content = new StreamReader(new FileStream(file.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            Lines.Add(content.ReadToEnd().Count(c => c == '\n'));
        }

        public override void Directory(string path)
        {
            OnDirectory?.Invoke();
            Directories.Add(path);
        }
    }
}
