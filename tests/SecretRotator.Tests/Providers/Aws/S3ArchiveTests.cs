using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Tests.EvidenceStorage;

namespace SecretRotator.Tests.Providers.Aws;

public sealed class S3ArchiveTests : IAsyncLifetime
{
    private const string Key = "rotator/run.jsonl";
    private BucketUnderTest _bucket = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bucket = await BucketUnderTest.StartAsync();

    public ValueTask DisposeAsync() => _bucket.DisposeAsync();

    [Fact]
    public async Task A_file_is_stored_below_the_prefix_byte_by_byte()
    {
        await StoreAsync("one\ntwo\n");

        Stored().Should().Be("one\ntwo\n");
    }

    [Fact]
    public async Task A_file_is_stored_with_its_checksum()
    {
        await StoreAsync("abc");

        _bucket.Find(Key)!.ChecksumSha256.Should().Be("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    [Fact]
    public async Task A_bucket_with_a_default_retention_takes_the_file()
    {
        _bucket.Change(bucket => (bucket.ObjectLock, bucket.RetentionMode, bucket.RetentionDays) = (true, "COMPLIANCE", 10));

        await StoreAsync("abc");

        _bucket.Find(Key)!.LockMode.Should().Be("COMPLIANCE");
    }

    [Fact]
    public async Task A_store_that_answers_without_a_checksum_is_told_as_that()
    {
        _bucket.Change(bucket => bucket.KeepsNoChecksums = true);

        var failure = await FailureAsync(() => StoreAsync("abc"));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Other, Effect.Unknown));
        failure.Message.Should().Contain("s3://acme-evidence/rotator/run.jsonl").And
            .Contain("x-amz-checksum-sha256").And
            .NotContain("proxy");
        failure.Hint.Should().NotContain("proxy").And.Contain("--evidence DIR");
        _bucket.Calls.Should().ContainSingle("another try wouldn't bring a checksum");
    }

    [Fact]
    public async Task A_second_file_under_the_same_name_is_refused_and_replaces_nothing()
    {
        await StoreAsync("first");

        var failure = await FailureAsync(() => StoreAsync("second"));

        failure.Kind.Should().Be(FailureKind.Conflict);
        failure.Message.Should().Be("s3://acme-evidence/rotator/run.jsonl exists already, with another content. Nothing was replaced.");
        Stored().Should().Be("first");
    }

    [Fact]
    public async Task The_same_file_under_the_same_name_counts_as_stored()
    {
        await StoreAsync("same");

        await StoreAsync("same");

        Stored().Should().Be("same");
    }

    [Fact]
    public async Task A_lost_answer_to_a_put_is_followed_by_a_look_at_what_is_there()
    {
        _bucket.Fault("s3.PutObject#1=lost");

        await StoreAsync("content");

        Stored().Should().Be("content");
        _bucket.Calls.Select(call => (call.Operation, call.Status)).Should()
            .Equal(("PutObject", 0), ("PutObject", 412), ("GetObject", 206));
    }

    [Theory]
    [InlineData("503")]
    [InlineData("500")]
    [InlineData("409")]
    [InlineData("429")]
    [InlineData("lost")]
    public async Task A_passing_trouble_is_waited_for(string effect)
    {
        _bucket.Fault($"s3.PutObject#1={effect}");
        _bucket.Fault($"s3.PutObject#2={effect}");

        await StoreAsync("content");

        Stored().Should().Be("content");
        _bucket.Time.Waits.Should().HaveCountGreaterThan(0);
    }

    [Fact]
    public async Task A_trouble_that_lasts_is_told_after_four_tries()
    {
        _bucket.Fault("s3.PutObject=503");

        var failure = await FailureAsync(() => StoreAsync("content"));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Throttled, Effect.Rejected));
        failure.Message.Should().Be("S3 refused storing s3://acme-evidence/rotator/run.jsonl: SlowDown, after 4 tries in 7 s.");
        _bucket.Calls.Should().HaveCount(4);
    }

    [Fact]
    public async Task An_object_that_can_not_be_looked_at_after_a_lost_answer_is_not_taken_for_ours()
    {
        _bucket.Change(bucket => bucket.Denied.Add("s3:GetObject"));
        _bucket.Fault("s3.PutObject#1=lost");

        var failure = await FailureAsync(() => StoreAsync("content"));

        failure.Effect.Should().Be(Effect.Unknown);
        failure.Message.Should().Contain("whether its content is the right one can't be determined");
        failure.Hint.Should().Contain("s3:GetObject");
    }

    [Fact]
    public async Task Answers_that_never_come_leave_the_effect_unknown()
    {
        _bucket.Fault("s3.PutObject=garbage");

        (await FailureAsync(() => StoreAsync("content"))).Effect.Should().Be(Effect.Unknown);
    }

    [Fact]
    public async Task A_page_of_a_guest_network_is_not_taken_for_S3()
    {
        _bucket.Fault("s3.PutObject=garbage");

        (await FailureAsync(() => StoreAsync("content"))).Kind.Should().Be(FailureKind.Garbled);
    }

    [Fact]
    public async Task A_page_of_a_guest_network_is_not_taken_for_a_file()
    {
        await StoreAsync("content");
        _bucket.Fault("s3.GetObject=garbage");

        (await FailureAsync(() => ReadAsync("run.jsonl"))).Kind.Should().Be(FailureKind.Garbled);
    }

    [Fact]
    public async Task A_page_of_a_guest_network_is_not_taken_for_an_empty_list()
    {
        _bucket.Fault("s3.ListObjectsV2=garbage");

        (await FailureAsync(() => ListAsync())).Kind.Should().Be(FailureKind.Garbled);
    }

    [Theory]
    [InlineData("s3:PutObject", "Allow s3:PutObject on arn:aws:s3:::acme-evidence/rotator/*")]
    [InlineData("s3:GetObject", "Allow s3:GetObject on arn:aws:s3:::acme-evidence/rotator/*")]
    [InlineData("s3:ListBucket", "Allow s3:ListBucket on arn:aws:s3:::acme-evidence;")]
    public async Task A_missing_right_is_named(string action, string hint)
    {
        await StoreAsync("content");
        _bucket.Change(bucket => bucket.Denied.Add(action));

        var failure = await FailureAsync(action switch
        {
            "s3:PutObject" => () => StoreAsync("content"),
            "s3:GetObject" => () => ReadAsync("run.jsonl"),
            _ => () => ListAsync(),
        });

        failure.Kind.Should().Be(FailureKind.AccessDenied);
        failure.Message.Should().Contain("AccessDenied");
        failure.Hint.Should().Contain(hint);
        _bucket.Calls.Should().HaveCount(2, "a refusal isn't repeated");
    }

    [Fact]
    public async Task Another_account_s_bucket_is_denied()
    {
        _bucket.Change(bucket => bucket.Accounts.Clear());

        (await FailureAsync(() => StoreAsync("content"))).Kind.Should().Be(FailureKind.AccessDenied);
    }

    [Fact]
    public async Task A_bucket_that_does_not_exist_is_named()
    {
        var failure = await FailureAsync(() => StoreAsync("content", _bucket.Open("s3://acme-evidense")));

        failure.Kind.Should().Be(FailureKind.NotFound);
        failure.Message.Should().Be("There is no bucket acme-evidense, so S3 refused storing s3://acme-evidense/run.jsonl.");
        failure.Hint.Should().Contain("docs/evidence.md");
    }

    [Fact]
    public async Task A_wrong_region_is_named_with_the_setting_and_not_followed()
    {
        var failure = await FailureAsync(() => StoreAsync("content", _bucket.Open(region: "eu-west-1")));

        failure.Message.Should()
            .Be("The bucket acme-evidence isn't in eu-west-1, so S3 refused storing s3://acme-evidence/rotator/run.jsonl.");
        failure.Hint.Should().Contain("s3.region").And.Contain("get-bucket-location --bucket acme-evidence");
        _bucket.Calls.Select(call => (call.Operation, call.Status)).Should().Equal(("PutObject", 400));
    }

    [Fact]
    public async Task A_redirect_is_told_and_not_followed()
    {
        _bucket.Fault("s3.PutObject=301");

        (await FailureAsync(() => StoreAsync("content"))).Hint.Should().Contain("s3.region");
        _bucket.Calls.Should().ContainSingle();
    }

    [Fact]
    public async Task A_wrong_secret_key_is_refused_by_its_signature()
    {
        var failure = await FailureAsync(() => StoreAsync("content", _bucket.Open(secretKey: "wrong")));

        failure.Kind.Should().Be(FailureKind.Unauthenticated);
        failure.Message.Should().Contain("SignatureDoesNotMatch");
        _bucket.Find(Key).Should().BeNull();
    }

    [Fact]
    public async Task Without_rules_the_bucket_s_default_encryption_and_retention_hold()
    {
        _bucket.Change(
            bucket => (bucket.KmsKeyId, bucket.ObjectLock, bucket.RetentionMode, bucket.RetentionDays) =
                ("alias/bucket", true, "COMPLIANCE", 10));

        await StoreAsync("content");

        var stored = _bucket.Find(Key)!;
        (stored.Encryption, stored.KmsKeyId, stored.LockMode).Should().Be(("aws:kms", "alias/bucket", "COMPLIANCE"));
    }

    [Fact]
    public async Task A_key_of_one_s_own_is_asked_for()
    {
        await StoreAsync("content", _bucket.Open(rules: new S3Rules("alias/evidence", null, LockMode.Governance)));

        var stored = _bucket.Find(Key)!;
        (stored.Encryption, stored.KmsKeyId, stored.LockMode).Should().Be(("aws:kms", "alias/evidence", null));
    }

    [Theory]
    [InlineData("governance", "GOVERNANCE")]
    [InlineData("compliance", "COMPLIANCE")]
    public async Task A_retention_of_one_s_own_is_asked_for(string mode, string sent)
    {
        _bucket.Change(bucket => bucket.ObjectLock = true);
        var real = SystemClock.Instance.GetCurrentInstant();
        _bucket.Clock.Reset(real);

        await StoreAsync("content", _bucket.Open(rules: new S3Rules(null, 400, Enum.Parse<LockMode>(mode, ignoreCase: true))));

        var stored = _bucket.Find(Key)!;
        stored.LockMode.Should().Be(sent);
        stored.RetainUntil!.Value.Should().BeCloseTo((real + Duration.FromDays(400)).ToDateTimeOffset(), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_retention_on_a_bucket_without_Object_Lock_is_told()
    {
        var failure = await FailureAsync(() => StoreAsync("content", _bucket.Open(rules: new S3Rules(null, 400, LockMode.Governance))));

        failure.Message.Should().Contain("InvalidRequest");
        failure.Hint.Should().Contain("s3.retainDays needs a bucket with Object Lock");
    }

    [Fact]
    public async Task The_right_to_set_a_retention_is_named_where_it_is_needed()
    {
        _bucket.Change(bucket =>
        {
            bucket.ObjectLock = true;
            bucket.Denied.Add("s3:PutObjectRetention");
        });
        _bucket.Clock.Reset(SystemClock.Instance.GetCurrentInstant());

        (await FailureAsync(() => StoreAsync("content", _bucket.Open(rules: new S3Rules(null, 400, LockMode.Governance))))).Hint.Should()
            .Contain("s3:PutObject and s3:PutObjectRetention");
    }

    [Fact]
    public async Task More_names_than_an_answer_holds_are_listed_in_their_order()
    {
        var names = Enumerable.Range(0, 2_345).Select(number => $"{number:D6}.jsonl").ToList();
        _bucket.Change(bucket =>
        {
            foreach (var name in names)
                bucket.Objects["rotator/" + name] = new S3ObjectState { ETag = "\"e\"" };
        });

        (await ListAsync()).Should().Equal(names);
        _bucket.Calls.Should().HaveCount(5);
    }

    [Fact]
    public async Task Names_after_a_name_are_listed_and_no_others()
    {
        foreach (var name in new[] { "a", "b", "c" })
            await StoreAsync("x", name: name);

        (await ListAsync("a")).Should().Equal("b", "c");
    }

    [Fact]
    public async Task What_lies_beside_or_deeper_is_not_listed()
    {
        _bucket.Change(bucket =>
        {
            foreach (var key in new[] { "other/a", "rotator/", "rotator/a", "rotator/deeper/b", "rotator/z", "rotators/c" })
                bucket.Objects[key] = new S3ObjectState { ETag = "\"e\"" };
        });

        (await ListAsync()).Should().Equal("a", "z");
    }

    [Fact]
    public async Task A_bucket_without_prefix_is_listed_from_its_root()
    {
        var archive = _bucket.Open("s3://acme-evidence");
        await StoreAsync("x", archive, "a");

        (await ListAsync(archive: archive)).Should().Equal("a");
    }

    [Fact]
    public async Task A_large_file_comes_back_as_it_was()
    {
        var content = string.Concat(Enumerable.Range(0, 300_000).Select(number => number.ToString("D9", CultureInfo.InvariantCulture)));
        await StoreAsync(content);

        (await ReadAsync("run.jsonl")).Should().Be(content);
        _bucket.Calls.Count(call => call.Operation == "GetObject").Should().Be(3);
    }

    [Fact]
    public async Task An_empty_file_comes_back_empty()
    {
        await StoreAsync("");

        (await ReadAsync("run.jsonl")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_told()
    {
        var failure = await FailureAsync(() => ReadAsync("run.jsonl"));

        failure.Kind.Should().Be(FailureKind.NotFound);
        failure.Message.Should().Contain("s3://acme-evidence/rotator/run.jsonl").And.Contain("NoSuchKey");
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_read_is_not_mixed()
    {
        await StoreAsync(new string('a', 2_000_000));
        using var destination = new Interrupting(() => _bucket.Change(bucket => bucket.Objects[Key].ETag = "\"another\""));

        (await FailureAsync(() => _bucket.Open().ReadAsync("run.jsonl", destination, Stop))).Kind.Should().Be(FailureKind.Conflict);
    }

    [Fact]
    public void Without_a_region_nothing_is_tried()
    {
        var open = () => _bucket.Open(region: null);

        open.Should().Throw<UsageException>().Which.Problems.Single().Hint.Should().Contain("AWS_REGION");
    }

    [Fact]
    public async Task A_run_that_is_stopped_stops_storing()
    {
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        using var content = new MemoryStream([1]);

        var store = () => _bucket.Open().StoreAsync("run.jsonl", content, stopped.Token);

        await store.Should().ThrowAsync<OperationCanceledException>();
    }

    private async Task StoreAsync(string content, S3Archive? archive = null, string name = "run.jsonl")
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(content));
        await (archive ?? _bucket.Open()).StoreAsync(name, stream, Stop);
    }

    private string Stored() => Encoding.UTF8.GetString(_bucket.Find(Key)!.Body);

    private async Task<string> ReadAsync(string name)
    {
        using var destination = new MemoryStream();
        await _bucket.Open().ReadAsync(name, destination, Stop);
        return Encoding.UTF8.GetString(destination.ToArray());
    }

    private async Task<List<string>> ListAsync(string? startAfter = null, S3Archive? archive = null)
    {
        var names = new List<string>();
        await foreach (var name in (archive ?? _bucket.Open()).ListAsync(startAfter, Stop))
            names.Add(name);
        return names;
    }

    private static async Task<RemoteFailureException> FailureAsync(Func<Task> act) =>
        (await act.Should().ThrowAsync<RemoteFailureException>()).Which;

    /// <summary>Takes the first bytes, then lets something happen.</summary>
    private sealed class Interrupting(Action act) : MemoryStream
    {
        private bool _done;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await base.WriteAsync(buffer, cancellationToken);
            if (_done)
                return;
            _done = true;
            act();
        }
    }
}
