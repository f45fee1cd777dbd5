using SecretRotator.EvidenceStorage;
using SecretRotator.Providers.Aws;

namespace SecretRotator.Tests.EvidenceStorage;

public sealed class EvidenceArchiveTests : IAsyncLifetime
{
    private const string Run = "20261124T013000Z-rotate-1f0c2d3e";

    private readonly EvidenceSpool _spool = EvidenceSpool.Create();
    private BucketUnderTest _bucket = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bucket = await BucketUnderTest.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _spool.Remove();
        await _bucket.DisposeAsync();
    }

    [Fact]
    public async Task The_first_line_is_in_the_bucket_before_anything_is_rotated()
    {
        await BeginAsync(Archive());

        Encoding.UTF8.GetString(_bucket.Find($"rotator/{Run}.begun.jsonl")!.Body).Should().Be("first\n");
    }

    [Theory]
    [InlineData("s3:PutObject", "Allow s3:PutObject on arn:aws:s3:::acme-evidence/rotator/*")]
    public async Task A_bucket_that_may_not_be_written_stops_the_run_as_a_mistake_in_the_settings(string action, string hint)
    {
        _bucket.Change(bucket => bucket.Denied.Add(action));

        var problem = (await Refused(Archive()).Should().ThrowAsync<UsageException>()).Which.Problems.Single();

        problem.Message.Should()
            .StartWith("Evidence can't be kept in s3://acme-evidence/rotator, so nothing was started. S3 refused storing");
        problem.Hint.Should().Contain(hint);
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_stops_the_run_as_a_mistake_in_the_settings() =>
        await Refused(Archive(location: "s3://acme-evidense")).Should().ThrowAsync<UsageException>();

    [Fact]
    public async Task A_run_of_the_same_name_stops_this_one()
    {
        await BeginAsync(Archive());

        var begin = () => Archive().BeginAsync(Run, "another\n"u8.ToArray(), Stop);

        await begin.Should().ThrowAsync<UsageException>().WithMessage("*exists already, with another content*");
    }

    [Fact]
    public async Task A_bucket_that_does_not_answer_stops_the_run_without_blaming_the_settings()
    {
        _bucket.Fault("s3.PutObject=500");

        (await Refused(Archive()).Should().ThrowAsync<RemoteFailureException>()).Which.Message.Should().Contain("nothing was started");
    }

    [Fact]
    public async Task A_run_that_may_not_start_leaves_no_spool()
    {
        _bucket.Fault("s3.PutObject=403");

        await Refused(Archive(_spool)).Should().ThrowAsync<UsageException>();

        Directory.Exists(_spool.Directory).Should().BeFalse();
    }

    [Fact]
    public async Task The_files_of_a_run_are_stored_under_their_own_names()
    {
        var outcome = await EndAsync(Archive());

        outcome.Should().BeOfType<ArchiveOutcome.Stored>().Which.Addresses.Should().Equal(
            $"s3://acme-evidence/rotator/{Run}.jsonl", $"s3://acme-evidence/rotator/{Run}.dsse.json");
        Encoding.UTF8.GetString(_bucket.Find($"rotator/{Run}.jsonl")!.Body).Should().Be("first\nlast\n");
        ExitCodes.Of(outcome).Should().Be(ExitCode.Done);
    }

    [Fact]
    public async Task What_is_stored_is_no_longer_in_the_spool()
    {
        await EndAsync(Archive(_spool));

        Directory.Exists(_spool.Directory).Should().BeFalse();
    }

    [Fact]
    public async Task A_copy_that_was_asked_for_stays()
    {
        await EndAsync(Archive());

        Directory.GetFiles(_spool.Directory).Should().HaveCount(2);
    }

    [Fact]
    public async Task What_could_not_be_stored_stays_and_is_named_with_the_command_that_stores_it()
    {
        _bucket.Fault("s3.PutObject@dsse=403");

        var outcome = await EndAsync(Archive(_spool));

        var missing = outcome.Should().BeOfType<ArchiveOutcome.Missing>().Subject;
        var file = Path.Combine(_spool.Directory, $"{Run}.dsse.json");
        missing.Files.Should().Equal(file);
        missing.Commands.Should().Equal(
            $"aws s3api put-object --region us-west-2 --bucket acme-evidence --key 'rotator/{Run}.dsse.json' --body '{file}' "
                + "--if-none-match '*' --checksum-algorithm SHA256");
        missing.Failure.Message.Should().Contain("AccessDenied");
        File.Exists(file).Should().BeTrue();
        ExitCodes.Of(outcome).Should().Be(ExitCode.NeedsOperator);
    }

    [Fact]
    public async Task After_a_file_that_could_not_be_stored_no_other_is_tried()
    {
        _bucket.Fault("s3.PutObject=403");

        (await EndAsync(Archive(_spool))).Should().BeOfType<ArchiveOutcome.Missing>().Which.Files.Should().HaveCount(2);
        _bucket.Calls.Should().ContainSingle();
    }

    [Fact]
    public async Task With_a_copy_on_this_machine_a_failure_changes_no_exit_code()
    {
        _bucket.Fault("s3.PutObject=403");

        ExitCodes.Of(await EndAsync(Archive())).Should().Be(ExitCode.Done);
    }

    [Fact]
    public async Task The_command_asks_for_the_key_and_the_retention_that_the_settings_ask_for()
    {
        _bucket.Fault("s3.PutObject=403");

        var outcome = await EndAsync(Archive(rules: new S3Rules("alias/evidence", 10, LockMode.Compliance)));

        outcome.Should().BeOfType<ArchiveOutcome.Missing>().Which.Commands[0].Should().EndWith(
            "--server-side-encryption aws:kms --ssekms-key-id 'alias/evidence' --object-lock-mode COMPLIANCE "
                + "--object-lock-retain-until-date 2026-12-04T01:30:00Z");
    }

    [Fact]
    public async Task A_file_that_has_gone_is_told_and_not_thrown()
    {
        var outcome = await Archive().EndAsync([Path.Combine(_spool.Directory, "none.jsonl")], Stop);

        outcome.Should().BeOfType<ArchiveOutcome.Missing>().Which.Failure.Message.Should().Contain("none.jsonl can't be read");
    }

    [Fact]
    public void A_spool_belongs_to_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps rights otherwise.");

#pragma warning disable CA1416 // Skipped there.
        File.GetUnixFileMode(_spool.Directory).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
    }

    private EvidenceArchive Archive(EvidenceSpool? spool = null, string location = "s3://acme-evidence/rotator", S3Rules? rules = null) =>
        new(_bucket.Open(location, rules), spool, _bucket.Clock);

    private static Task BeginAsync(EvidenceArchive archive) => archive.BeginAsync(Run, "first\n"u8.ToArray(), Stop);

    private static Func<Task> Refused(EvidenceArchive archive) => () => BeginAsync(archive);

    private async Task<ArchiveOutcome> EndAsync(EvidenceArchive archive)
    {
        var (evidence, envelope) = (Path.Combine(_spool.Directory, $"{Run}.jsonl"), Path.Combine(_spool.Directory, $"{Run}.dsse.json"));
        await File.WriteAllTextAsync(evidence, "first\nlast\n", Stop);
        await File.WriteAllTextAsync(envelope, "{}", Stop);
        return await archive.EndAsync([evidence, envelope], Stop);
    }
}
