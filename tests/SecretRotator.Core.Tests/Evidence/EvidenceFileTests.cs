using System.Security.Cryptography;
using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Evidence;

public sealed class EvidenceFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("evidence-");

    [Fact]
    public void Each_line_names_the_hash_of_the_line_before()
    {
        var lines = Write(Records);

        for (var i = 0; i < lines.Length; i++)
        {
            var previous = i == 0 ? EvidenceFormat.NoHash : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines[i - 1])));
            JsonDocument.Parse(lines[i]).RootElement.GetProperty("previous").GetString().Should().Be(previous);
        }
    }

    [Fact]
    public void The_last_record_commits_to_their_number_and_to_the_head()
    {
        var lines = Write(Records);
        var last = JsonDocument.Parse(lines[^1]).RootElement;

        last.GetProperty("records").GetInt32().Should().Be(lines.Length);
        last.GetProperty("head").GetString().Should().Be(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines[^2]))));
    }

    [Fact]
    public void A_record_is_on_disk_as_soon_as_it_was_appended()
    {
        using var file = EvidenceFile.Create(_directory.FullName, "run.jsonl");
        file.Append(Records[0]);

        File.ReadAllText(file.Path).Should().EndWith("\n").And.Contain("run-started");
    }

    [Fact]
    public void Only_its_owner_may_read_it()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no file modes.");
        Write(Records);

        File.GetUnixFileMode(Path.Combine(_directory.FullName, "run.jsonl")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void An_existing_file_is_never_written_over()
    {
        Write(Records);
        var again = () => EvidenceFile.Create(_directory.FullName, "run.jsonl");

        again.Should().Throw<EvidenceException>().WithMessage("*run.jsonl*Nothing was done*--evidence*");
    }

    [Fact]
    public void A_directory_that_is_missing_is_made_for_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var made = Path.Combine(_directory.FullName, "made");
        EvidenceFile.Create(made, "run.jsonl").Dispose();

        File.GetUnixFileMode(made).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void A_file_in_the_directory_s_place_is_told()
    {
        var taken = Path.Combine(_directory.FullName, "taken");
        File.WriteAllText(taken, "");
        var create = () => EvidenceFile.Create(taken, "run.jsonl");

        create.Should().Throw<EvidenceException>().WithMessage("*taken*");
    }

    [Fact]
    public void A_directory_that_is_not_there_is_told_as_what_it_is()
    {
        var create = () => EvidenceFile.Create(_directory.FullName, "missing/run.jsonl");

        create.Should().Throw<EvidenceException>().WithMessage("*: there is no such directory. Nothing was done.*");
    }

    [Fact]
    public void After_a_record_that_could_not_be_written_nothing_follows()
    {
        var file = EvidenceFile.Create(_directory.FullName, "run.jsonl");
        file.Append(Records[0]);
        file.Dispose();
        var append = () => file.Append(Records[1]);

        append.Should().Throw<EvidenceException>().WithMessage("*can't be written to*run.jsonl*");
        append.Should().Throw<EvidenceException>().WithMessage("*broke off earlier*");
        File.ReadAllLines(file.Path).Should().ContainSingle();
    }

    [Fact]
    public void It_can_be_read_while_it_is_written()
    {
        using var file = EvidenceFile.Create(_directory.FullName, "run.jsonl");
        var open = () => File.Open(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite).Dispose();

        open.Should().NotThrow();
    }

    [Fact]
    public void The_hash_of_what_was_written_is_that_of_the_file()
    {
        using var file = EvidenceFile.Create(_directory.FullName, "run.jsonl");
        file.Append(Records[0]);
        file.Append(Records[1]);

        file.Content.Should().Be(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file.Path))));
    }

    [Fact]
    public void What_is_written_beside_it_is_for_its_owner_alone_too()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var path = Path.Combine(_directory.FullName, "run.dsse.json");
        EvidenceFile.WriteBeside(path, "signed"u8);

        File.ReadAllText(path).Should().Be("signed");
        File.GetUnixFileMode(path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void What_stands_beside_it_already_is_never_written_over_and_the_evidence_is_said_to_be_whole()
    {
        var path = Path.Combine(_directory.FullName, "run.dsse.json");
        File.WriteAllText(path, "theirs");
        var write = () => EvidenceFile.WriteBeside(path, "signed"u8);

        write.Should().Throw<EvidenceException>()
            .WithMessage("The evidence is whole, but its signature can't be written to *run.dsse.json: *");
        File.ReadAllText(path).Should().Be("theirs");
    }

    [Fact]
    public void Names_can_not_break_a_line()
    {
        var lines = Write(
            [new EvidenceRecord.Ended(
                ModelCloud.Start, "a\n{\"kind\":\"run-ended\"}", null,
                new RotationOutcome.RolledBack(new(FailureKind.Other, "b\r\nc"), false))]);

        lines.Should().ContainSingle();
    }

    [Fact]
    public void Every_kind_of_record_can_be_written_and_has_a_word_of_its_own()
    {
        var kinds = typeof(EvidenceRecord).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(EvidenceRecord)));
        var words = Write(Records).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("kind").GetString());

        Records.Select(r => r.GetType()).Should().BeEquivalentTo(kinds);
        words.Should().OnlyHaveUniqueItems();
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private static EvidenceRecord[] Records =>
    [
        new EvidenceRecord.RunStarted(
            ModelCloud.Start, "rotate", "1.0", new Holder.Process("00000000000000aa", 1, 1, "me@here"), EvidenceFormat.NoHash),
        new EvidenceRecord.Planned(ModelCloud.Start, EvidenceFormat.NoHash, 1),
        new EvidenceRecord.Decided(ModelCloud.Start, "db", new Decision.Blocked(FailureKind.Other, "why", "hint")),
        new EvidenceRecord.Step(ModelCloud.Start, "db", new RotationId("r"), RotationStep.Stage, StepState.Done, null, null),
        new EvidenceRecord.Ended(
            ModelCloud.Start, "db", new RotationId("r"), new RotationOutcome.Rotated(new("a"), new("b"), VerificationLevel.Listed)),
        new EvidenceRecord.Stopped(ModelCloud.Start, new(FailureKind.Unauthenticated, "No identity.")),
        new EvidenceRecord.RunEnded(ModelCloud.Start, 0),
    ];

    private string[] Write(EvidenceRecord[] records)
    {
        using (var file = EvidenceFile.Create(_directory.FullName, "run.jsonl"))
        {
            foreach (var record in records)
                file.Append(record);
        }

        return File.ReadAllLines(Path.Combine(_directory.FullName, "run.jsonl"));
    }
}
