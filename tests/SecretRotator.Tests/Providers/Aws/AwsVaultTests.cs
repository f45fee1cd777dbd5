using Amazon.SecretsManager.Model;
using SecretRotator.Providers.Aws;

namespace SecretRotator.Tests.Providers.Aws;

/// <summary>What only AWS has: labels that others left, rotation functions, quotas.</summary>
public sealed class AwsVaultTests : IAsyncLifetime
{
    private const string Path = "prod/ledger/db";
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 23, 4, 30);

    private AwsVaultUnderTest _aws = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _aws = await AwsVaultUnderTest.StartAsync();

    public ValueTask DisposeAsync() => _aws.DisposeAsync();

    [Fact]
    public async Task A_secret_of_another_service_is_told_before_all_else()
    {
        _aws.Seed(Path, "old");
        _aws.AddVersion(Path, "theirs", "AWSPENDING");
        _aws.Edit(Path, secret => (secret.OwningService, secret.RotationEnabled) = ("rds", true));

        (await DescribeAsync()).Foreign.Should().Be(new ForeignRotation.ByService("rds"));
    }

    [Fact]
    public async Task Somebody_else_s_pending_version_is_told_before_the_rotation_function()
    {
        _aws.Seed(Path, "old");
        var pending = _aws.AddVersion(Path, "theirs", "AWSPENDING");
        _aws.Edit(Path, secret => secret.RotationEnabled = true);

        (await DescribeAsync()).Foreign.Should().Be(new ForeignRotation.Pending(new(pending)));
    }

    [Fact]
    public async Task A_rotation_function_is_told()
    {
        _aws.Seed(Path, "old");
        _aws.Edit(Path, secret => secret.RotationEnabled = true);

        (await DescribeAsync()).Foreign.Should().Be(new ForeignRotation.ByVault());
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("")]
    [InlineData("v=x since=2026-11-23T01:00:00.000Z at=2026-11-23T01:00:00.000Z targets=0123456789abcdef level=listed rotation=x form=2")]
    public async Task A_record_of_delivery_that_can_not_be_read_is_told_and_never_taken_for_none(string record)
    {
        _aws.Seed(Path, "old");
        _aws.Edit(Path, secret => secret.Tags["secret-rotator:delivered"] = record);
        var failure = (await FluentActions.Awaiting(DescribeAsync).Should().ThrowAsync<RemoteFailureException>()).Which;

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Garbled, Effect.Rejected));
        failure.Hint.Should().Contain("newer version").And.Contain("untag-resource").And.Contain("--adopt");
    }

    [Fact]
    public async Task A_mark_of_a_grace_that_can_not_be_read_is_told()
    {
        _aws.Seed(Path, "old");
        _aws.Edit(Path, secret => secret.Tags["secret-rotator:grace"] = "soon");
        var failure = (await FluentActions.Awaiting(DescribeAsync).Should().ThrowAsync<RemoteFailureException>()).Which;

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Garbled, Effect.Rejected));
        failure.Hint.Should().Contain("newer version").And.Contain("untag-resource").And.Contain("secret-rotator:grace");
    }

    [Fact]
    public async Task A_mark_of_a_delivery_that_can_not_be_read_is_told()
    {
        _aws.Seed(Path, "old");
        _aws.Edit(Path, secret => secret.Versions[^1].Stages.Add("secret-rotator-delivery:soon"));
        var failure = (await FluentActions.Awaiting(DescribeAsync).Should().ThrowAsync<RemoteFailureException>()).Which;

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Garbled, Effect.Rejected));
        failure.Hint.Should().Contain("update-secret-version-stage").And.Contain("'secret-rotator-delivery:soon'");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_mark_that_was_written_late_says_nothing_once_its_delivery_is_recorded(bool isRecorded)
    {
        var version = _aws.Seed(Path, "old");
        var at = NodaTime.Instant.FromUtc(2026, 11, 23, 1, 0);
        var mark = DeliveringMark.Of(new("00000000-0000-4000-8000-000000000001"), at, []);
        _aws.Mark(Path, new DeliveryMark(
            version, at, at, "0123456789abcdef", VerificationLevel.Listed,
            new($"00000000-0000-4000-8000-00000000000{(isRecorded ? 1 : 2)}")));
        _aws.Edit(Path, secret => secret.Versions[^1].Stages.Add(
            $"secret-rotator-delivery:20261123T010000000Z:{mark.Rotation}:{mark.Deleted}"));

        (await DescribeAsync()).Delivering.Should().Be(isRecorded ? null : mark);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_mark_of_a_grace_counts_for_the_last_rotation_alone(bool isOfTheLast)
    {
        var old = _aws.Seed(Path, "old");
        var current = _aws.RotateElsewhere(Path, "new");
        var mark = new GraceMark(
            old, NodaTime.Instant.FromUtc(2026, 11, 23, 1, 0), new(isOfTheLast ? current.Value : "00000000-0000-4000-8000-000000000001"));
        _aws.Edit(Path, secret => secret.Tags["secret-rotator:grace"] = mark.Format());

        (await DescribeAsync()).Grace.Should().Be(isOfTheLast ? mark : null);
    }

    [Fact]
    public async Task A_pending_label_that_a_finished_rotation_left_on_current_is_no_one_s_and_is_taken()
    {
        var version = _aws.Seed(Path, "old");
        _aws.Edit(Path, secret => secret.Versions[0].Stages.Add("AWSPENDING"));
        (await DescribeAsync()).Foreign.Should().Be(new ForeignRotation.None());

        var claim = Won(await ClaimAsync(1, version));

        (await DescribeAsync()).Open!.Id.Should().Be(claim.Rotation);
        (await DescribeAsync()).Current.Should().Be(version);
    }

    [Theory]
    [InlineData("AWSCURRENT")]
    [InlineData("AWSPENDING")]
    [InlineData("AWSPREVIOUS")]
    public async Task A_label_on_two_versions_at_once_is_told_and_no_state_is_concluded_from_it(string label)
    {
        var version = _aws.Seed(Path, "old");
        _aws.Edit(Path, secret => secret.Versions[0].Stages.Add(label));
        var other = _aws.AddVersion(Path, "other", label);

        var failure = await FailureAsync(DescribeAsync);

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Garbled, Effect.Rejected));
        failure.Message.Should().Contain(label).And.Contain(version.Value).And.Contain(other);
    }

    [Theory]
    [InlineData("secret-rotator:20261123T010203456Z:x:someone")]
    [InlineData("secret-rotator:20261123T010203456Z:tbase:pipeline/acme/tool/11111111-1111-4111-8111-111111111111")]
    public async Task The_lock_beside_a_label_of_ours_that_can_not_be_read_is_told_and_not_taken(string label)
    {
        var version = _aws.Seed(Path, "old");
        var own = RotationId.New(new SystemRandom()).Value;
        _aws.Edit(
            Path, secret => secret.Versions.Add(
                new() { Id = own, SecretString = "staged", Stages = ["AWSPENDING", label], CreatedDate = DateTimeOffset.UnixEpoch }));
        var before = _aws.Look(Path);

        var described = await FailureAsync(DescribeAsync);
        var claimed = await FailureAsync(() => ClaimAsync(1, version));

        new[] { described.Message, claimed.Message }.Should().OnlyContain(message => message.Contains(label) && message.Contains(own));
        _aws.Look(Path).Should().BeEquivalentTo(before);
    }

    [Fact]
    public async Task A_label_of_ours_on_a_version_that_the_tool_can_not_have_made_is_told()
    {
        var version = _aws.Seed(Path, "old");
        var label = new OwnLabel(Now, new LabelPurpose.Stages(version.Value), Holder(7)).Format();
        _aws.Edit(
            Path, secret => secret.Versions.Add(
                new()
                {
                    Id = "a version made by hand, labelled",
                    SecretString = "staged",
                    Stages = [label],
                    CreatedDate = DateTimeOffset.UnixEpoch
                }));

        (await FailureAsync(DescribeAsync)).Message.Should().Contain(label);
    }

    [Fact]
    public async Task An_empty_pending_version_of_a_failed_rotation_is_someone_else_s_and_stays()
    {
        var version = _aws.Seed(Path, "old");
        var pending = _aws.AddVersion(Path, null, "AWSPENDING");
        var before = _aws.Look(Path);

        var lost = (await ClaimAsync(1, version)).Should().BeOfType<ClaimResult.Lost>().Subject;

        lost.Why.Should().Contain(pending).And.Contain("AWSPENDING");
        _aws.Look(Path).Should().BeEquivalentTo(before);
    }

    [Fact]
    public async Task A_contender_that_died_between_its_calls_holds_nothing_and_is_cleared_away_later()
    {
        var version = _aws.Seed(Path, "old");
        var label = new OwnLabel(Now - Duration.FromHours(2), new LabelPurpose.Stages(version.Value), Holder(7)).Format();
        _aws.AddVersion(Path, "never-used", label);
        var vault = _aws.Connect();
        (await vault.DescribeAsync(Path, Stop)).Open.Should().BeNull();

        await vault.DiscardAsync(Won(await vault.ClaimAsync(Path, Request(1, version), Stop)), Stop);

        _aws.Look(Path).Traces.Should().BeEmpty();
    }

    [Fact]
    public async Task A_contender_that_may_still_be_at_it_keeps_its_label()
    {
        var version = _aws.Seed(Path, "old");
        var label = new OwnLabel(
            _aws.Clock.GetCurrentInstant() - Duration.FromMinutes(5), new LabelPurpose.Stages(version.Value), Holder(7)).Format();
        _aws.AddVersion(Path, "candidate", label);
        var vault = _aws.Connect();
        await vault.DescribeAsync(Path, Stop);

        await vault.DiscardAsync(Won(await vault.ClaimAsync(Path, Request(1, version), Stop)), Stop);

        _aws.Look(Path).Traces.Should().ContainSingle().Which.Should().EndWith(label);
    }

    [Fact]
    public async Task A_finish_that_lost_its_lock_to_someone_else_is_still_open()
    {
        var version = _aws.Seed(Path, "old");
        var vault = _aws.Connect();
        var claim = Won(await ClaimAsync(1, version));
        await vault.PromoteAsync(claim, Mark(default, claim.Rotation), Stop);
        _aws.Edit(Path, secret => secret.Versions.ForEach(v => v.Stages.Remove("AWSPENDING")));

        var open = (await DescribeAsync()).Open!;
        var second = Won(await ClaimAsync(2, version, open));
        await vault.FinishAsync(second, Mark(new(claim.Rotation.Value), claim.Rotation), promoted: true, Stop);

        open.Id.Should().Be(claim.Rotation);
        var view = _aws.Look(Path);
        (view.Version.Value, view.Delivered?.Version.Value).Should().Be((claim.Rotation.Value, claim.Rotation.Value));
        view.Traces.Should().BeEmpty();
    }

    [Fact]
    public async Task A_take_over_of_a_take_over_keeps_rotation_base_and_value_and_leaves_nothing()
    {
        var version = _aws.Seed(Path, "old");
        var first = Won(await ClaimAsync(1, version));
        await ClaimAsync(2, version, (await DescribeAsync()).Open);

        var open = (await DescribeAsync()).Open!;
        var third = Won(await ClaimAsync(3, version, open));

        (open.Id, open.Base, open.Holder).Should().Be((first.Rotation, version, Holder(2)));
        var vault = _aws.Connect();
        using (var staged = await vault.ReadStagedAsync(third, Stop))
            staged!.Value.RevealText().Should().Be("candidate-1");
        var promoted = await vault.PromoteAsync(third, Mark(default, third.Rotation), Stop);
        await vault.FinishAsync(third, Mark(promoted, third.Rotation), promoted: true, Stop);
        var view = _aws.Look(Path);
        (view.Current, view.Version.Value).Should().Be(("candidate-1", first.Rotation.Value));
        view.Traces.Should().BeEmpty();
    }

    [Fact]
    public async Task A_holder_that_was_taken_over_can_not_release_the_new_claim()
    {
        var version = _aws.Seed(Path, "old");
        var first = Won(await ClaimAsync(1, version));
        var second = Won(await ClaimAsync(2, version, (await DescribeAsync()).Open));

        await _aws.Connect().DiscardAsync(first, Stop);

        (await DescribeAsync()).Open!.Holder.Should().Be(second.Holder);
    }

    [Fact]
    public async Task A_delivery_costs_what_the_plan_says()
    {
        var version = _aws.Seed(Path, "old");
        var vault = _aws.Connect();

        using var current = await vault.ReadAsync(Path, version, Stop);
        var claim = Won(await vault.ClaimAsync(Path, Request(1, version), Stop));
        await vault.DescribeAsync(Path, Stop);
        await vault.FinishAsync(claim, Mark(version, claim.Rotation), promoted: false, Stop);

        _aws.Calls.Should().Be(vault.Costs.Deliver);
    }

    [Fact]
    public async Task A_promoted_rotation_whose_delivery_can_not_be_recorded_stays_open()
    {
        var version = _aws.Seed(Path, "old");
        var vault = _aws.Connect();
        var claim = Won(await ClaimAsync(1, version));
        await vault.PromoteAsync(claim, Mark(default, claim.Rotation), Stop);
        _aws.Fault("aws.TagResource#1..=403");

        await FailureAsync(() => vault.FinishAsync(claim, Mark(new(claim.Rotation.Value), claim.Rotation), promoted: true, Stop));

        _aws.Heal();
        (await DescribeAsync()).Open.Should()
            .Match<OpenRotation>(open => open.Id == claim.Rotation && open.Base == version && open.Holder == claim.Holder);
    }

    [Fact]
    public async Task A_promoted_rotation_whose_lock_can_not_be_taken_off_stays_open()
    {
        var version = _aws.Seed(Path, "old");
        var vault = _aws.Connect();
        var claim = Won(await ClaimAsync(1, version));
        await vault.PromoteAsync(claim, Mark(default, claim.Rotation), Stop);
        _aws.Fault("aws.UpdateSecretVersionStage#1..=403");

        await FailureAsync(() => vault.FinishAsync(claim, Mark(new(claim.Rotation.Value), claim.Rotation), promoted: true, Stop));

        _aws.Heal();
        (await DescribeAsync()).Open!.Id.Should().Be(claim.Rotation);
    }

    [Fact]
    public async Task A_delivery_that_can_not_be_recorded_keeps_its_lock()
    {
        var version = _aws.Seed(Path, "old");
        var claim = Won(await ClaimAsync(1, version));
        _aws.Fault("aws.TagResource#1..=403");

        await FailureAsync(() => _aws.Connect().FinishAsync(claim, Mark(version, claim.Rotation), promoted: false, Stop));

        _aws.Heal();
        (await DescribeAsync()).Open!.Id.Should().Be(claim.Rotation);
    }

    [Fact]
    public async Task A_resumption_that_can_not_be_recorded_keeps_its_lock()
    {
        var version = _aws.Seed(Path, "old");
        await ClaimAsync(1, version);
        var vault = _aws.Connect();
        var second = Won(await ClaimAsync(2, version, (await DescribeAsync()).Open));
        await vault.PromoteAsync(second, Mark(default, second.Rotation), Stop);
        _aws.Fault("aws.TagResource#1..=403");

        await FailureAsync(() => vault.FinishAsync(second, Mark(new(second.Rotation.Value), second.Rotation), promoted: true, Stop));

        _aws.Heal();
        (await DescribeAsync()).Open!.Holder.Should().Be(second.Holder);
    }

    [Fact]
    public async Task A_read_that_lags_behind_the_write_is_waited_for()
    {
        var version = _aws.Seed(Path, "old");
        var claim = Won(await ClaimAsync(1, version));
        foreach (var read in new[] { 1, 2, 3 })
            _aws.Fault($"aws.GetSecretValue#{read}=404");
        var time = new SkippingTime();

        using var staged = await _aws.Connect(time).ReadStagedAsync(claim, Stop);

        staged!.Value.RevealText().Should().Be("candidate-1");
        time.Waits.Should().Equal(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(0.4));
    }

    [Fact]
    public async Task A_staged_version_that_is_gone_is_none_after_bounded_patience()
    {
        var version = _aws.Seed(Path, "old");
        var claim = Won(await ClaimAsync(1, version));
        _aws.Edit(Path, secret => secret.Versions.RemoveAll(v => v.Id == claim.Rotation.Value));
        var time = new SkippingTime();

        (await _aws.Connect(time).ReadStagedAsync(claim, Stop)).Should().BeNull();
        time.Waits.Aggregate(TimeSpan.Zero, (sum, wait) => sum + wait).Should().BeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_binary_version_is_refused_in_words()
    {
        var version = _aws.Seed(Path, "old");
        _aws.Edit(Path, secret => (secret.Versions[0].SecretString, secret.Versions[0].SecretBinary) = (null, "AAEC"));

        var failure = await FailureAsync(() => _aws.Connect().ReadAsync(Path, version, Stop));

        failure.Message.Should().Contain("binary");
        failure.Hint.Should().Contain("SecretString");
    }

    [Fact]
    public async Task A_secret_that_is_scheduled_for_deletion_is_refused_with_the_way_back()
    {
        var version = _aws.Seed(Path, "old");
        _aws.Edit(Path, secret => secret.DeletedDate = DateTimeOffset.UnixEpoch);

        var described = await FailureAsync(() => _aws.Connect().DescribeAsync(Path, Stop));
        var read = await FailureAsync(() => _aws.Connect().ReadAsync(Path, version, Stop));

        (described.Kind, read.Kind).Should().Be((FailureKind.Conflict, FailureKind.Conflict));
        new[] { described.Hint, read.Hint }.Should().OnlyContain(hint => hint!.Contains("restore-secret"));
    }

    [Fact]
    public async Task A_secret_without_a_first_value_is_refused()
    {
        _aws.Seed(Path, "old");
        _aws.Edit(Path, secret => secret.Versions.Clear());

        (await FailureAsync(() => _aws.Connect().DescribeAsync(Path, Stop))).Message.Should().Contain("no current version");
    }

    [Fact]
    public async Task A_used_up_quota_is_told_and_leaves_the_lock_alone()
    {
        var version = _aws.Seed(Path, "old");
        _aws.Edit(Path, secret => secret.Versions.AddRange(Enumerable.Range(0, 99).Select(i =>
            new SecretRotator.Sandbox.Aws.AwsVersionState
            {
                Id = $"bbbbbbbb-0000-4000-8000-{i:x12}",
                SecretString = "x",
                Stages = [$"kept-{i}"],
                CreatedDate = DateTimeOffset.UtcNow,
            })));

        var failure = await FailureAsync(() => ClaimAsync(1, version));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Other, Effect.Rejected));
        failure.Hint.Should().Contain("100 versions");
        _aws.Look(Path).Traces.Should().BeEmpty();
    }

    /// <summary>A gateway gave up on its move while another run has the lock. Should that one let it go, the move takes it.</summary>
    [Fact]
    public async Task A_contender_that_lost_though_its_move_may_still_land_does_not_say_that_it_left_nothing()
    {
        var version = _aws.Seed(Path, "old");
        var won = ((ClaimResult.Won)await _aws.Connect().ClaimAsync(Path, Request(2, version), Stop)).Claim;
        _aws.Fault("aws.UpdateSecretVersionStage#1=504");

        var lost = await FailureAsync(() => ClaimAsync(3, version));

        lost.Effect.Should().Be(Effect.Unknown);
        lost.Message.Should().Contain(won.Holder.ToString()).And.Contain("may still take effect");
    }

    [Fact]
    public async Task A_rotation_whose_version_someone_replaced_before_it_finished_is_told_by_the_time_when_it_began()
    {
        var version = _aws.Seed(Path, "old");
        var vault = _aws.Connect();
        var claim = ((ClaimResult.Won)await vault.ClaimAsync(Path, Request(1, version), Stop)).Claim;
        await vault.PromoteAsync(claim, Mark(new(claim.Rotation.Value), claim.Rotation), Stop);
        (await DescribeAsync()).LastTrace.Should().BeNull();
        _aws.RotateElsewhere(Path, "theirs");
        _aws.Edit(Path, secret => secret.Versions.ForEach(v => v.Stages.Remove("AWSPENDING")));

        var described = await DescribeAsync();

        (described.Open, described.LastTrace).Should().Be((null, claim.At));
    }

    [Fact]
    public async Task A_contender_that_lost_leaves_no_trace_of_a_rotation()
    {
        var version = _aws.Seed(Path, "old");
        await _aws.Connect().ClaimAsync(Path, Request(1, version), Stop);
        _aws.Edit(Path, secret => secret.Versions.ForEach(v => v.Stages.Remove("AWSPENDING")));

        (await DescribeAsync()).LastTrace.Should().BeNull();
    }

    [Fact]
    public async Task A_rotation_function_is_asked_and_its_version_becomes_current_once()
    {
        var version = _aws.Seed(Path, """{"user":"ada","password":"old"}""");
        _aws.Edit(
            Path, secret => (secret.RotationEnabled, secret.RotationLambdaArn) =
                (true, "arn:aws:lambda:eu-west-1:123456789012:function:rotate"));
        var vault = _aws.Connect();
        var rotation = new RotationId("cccccccc-0000-4000-8000-000000000001");

        await ((ISelfRotatingVault)vault).RequestRotationAsync(Path, rotation, Stop);
        await ((ISelfRotatingVault)_aws.Connect()).RequestRotationAsync(Path, rotation, Stop);

        (await vault.DescribeAsync(Path, Stop)).Current.Should().Be(version);
        (await vault.DescribeAsync(Path, Stop)).Current.Value.Should().Be(rotation.Value);
        using var read = await vault.ReadAsync(Path, new(rotation.Value), Stop);
        read.Value.RevealText().Should().Contain("\"user\":\"ada\"").And.NotContain("old");
        await ((ISelfRotatingVault)vault).RequestRotationAsync(Path, rotation, Stop);
        (await vault.DescribeAsync(Path, Stop)).Current.Value.Should().Be(rotation.Value);
    }

    [Fact]
    public async Task A_secret_without_a_rotation_function_can_not_be_asked()
    {
        _aws.Seed(Path, "old");

        var failure = await FailureAsync(RequestAsync);

        failure.Effect.Should().Be(Effect.Rejected);
        failure.Hint.Should().Contain("vault-managed");
    }

    [Fact]
    public async Task A_rotation_function_that_can_not_be_invoked_changes_nothing()
    {
        _aws.Seed(Path, "old");
        const string function = "arn:aws:lambda:eu-west-1:123456789012:function:gone";
        _aws.Edit(Path, secret => (secret.RotationEnabled, secret.RotationLambdaArn) = (true, function));
        _aws.MakeUnreachable(function);

        var failure = await FailureAsync(RequestAsync);

        (failure.Kind, failure.Effect).Should().Be((FailureKind.AccessDenied, Effect.Rejected));
        failure.Hint.Should().Contain("lambda:InvokeFunction");
    }

    [Fact]
    public async Task An_earlier_rotation_that_never_ended_is_told_with_the_way_out()
    {
        _aws.Seed(Path, "old");
        _aws.AddVersion(Path, null, "AWSPENDING");
        _aws.Edit(
            Path, secret => (secret.RotationEnabled, secret.RotationLambdaArn) =
                (true, "arn:aws:lambda:eu-west-1:123456789012:function:rotate"));

        var failure = await FailureAsync(RequestAsync);

        failure.Kind.Should().Be(FailureKind.Conflict);
        failure.Hint.Should().Contain("--remove-from-version-id");
    }

    [Fact]
    public async Task Another_region_does_not_know_the_secret()
    {
        _aws.Seed(Path, "old");
        var client = _aws.Client(region: "eu-central-1");

        await client.Invoking(c => c.DescribeSecretAsync(new DescribeSecretRequest { SecretId = Path }, Stop)).Should()
            .ThrowAsync<ResourceNotFoundException>();
    }

    private Task RequestAsync() =>
        ((ISelfRotatingVault)_aws.Connect()).RequestRotationAsync(Path, new("cccccccc-0000-4000-8000-000000000001"), Stop);

    private Task<SecretDescription> DescribeAsync() => _aws.Connect().DescribeAsync(Path, Stop);

    private Task<ClaimResult> ClaimAsync(int number, VersionId version, OpenRotation? takeOver = null) =>
        _aws.Connect().ClaimAsync(Path, Request(number, version, takeOver), Stop);

    /// <summary>The answer to the move is lost after its effect, the second try is refused, and the look that follows is an old
    /// one.</summary>
    [Fact]
    public async Task A_promotion_stays_unknown_while_the_look_after_its_refusal_still_shows_the_base()
    {
        var version = _aws.Seed(Path, "old");
        using var descriptions = new LaggingDescriptions();
        var vault = new AwsVault(
            _aws.Client(configure: config => config.HttpClientFactory = descriptions), _aws.Clock, new SystemRandom(), new SkippingTime());
        var claim = ((ClaimResult.Won)await vault.ClaimAsync(Path, Request(1, version), Stop)).Claim;
        await vault.DescribeAsync(Path, Stop);
        descriptions.AreOld = true;
        _aws.Fault("aws.UpdateSecretVersionStage#1=lost");

        (await FailureAsync(() => vault.PromoteAsync(claim, Mark(new(claim.Rotation.Value), claim.Rotation), Stop))).Effect.Should()
            .Be(Effect.Unknown);

        (await _aws.Connect().DescribeAsync(Path, Stop)).CurrentRotation.Should().Be(claim.Rotation);
    }

    private static ClaimRequest Request(int number, VersionId version, OpenRotation? takeOver = null) => new(
        takeOver?.Id ?? new($"00000000-0000-4000-8000-{number:x12}"), takeOver?.Base ?? version, Holder(number),
        Now + Duration.FromSeconds(number), SecretValue.FromText($"candidate-{number}"), takeOver)
    { Lease = Leases.Endless };

    private static Holder.Pipeline Holder(int number) => new("acme", "secret-rotator", $"11111111-1111-4111-8111-{number:x12}", number);

    private static DeliveryMark Mark(VersionId version, RotationId rotation) =>
        new(version, Now, Now, "0123456789abcdef", VerificationLevel.Listed, rotation);

    private static Claim Won(ClaimResult result) => result.Should().BeOfType<ClaimResult.Won>().Subject.Claim;

    private static async Task<RemoteFailureException> FailureAsync(Func<Task> act) =>
        (await act.Should().ThrowAsync<RemoteFailureException>()).Which;
}
