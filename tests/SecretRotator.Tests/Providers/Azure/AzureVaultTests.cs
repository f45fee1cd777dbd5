using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Net;
using SecretRotator.Sandbox.Azure;

namespace SecretRotator.Tests.Providers.Azure;

/// <summary>What is true of Key Vault and of no other vault: versions, companions, marks.</summary>
public sealed class AzureVaultTests : IAsyncLifetime
{
    private const string Path = "grid-api";
    private const string Staged = "grid-api-staged";
    private const string Old = "old-Value-7f3e1c";
    private const string New = "new-Value-b81d04";

    private SandboxedKeyVault _azure = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Instant Start => Instant.FromUtc(2026, 11, 23, 1, 2, 3);

    public async ValueTask InitializeAsync() => _azure = await SandboxedKeyVault.OpenAsync();

    public async ValueTask DisposeAsync() => await _azure.DisposeAsync();

    [Fact]
    public async Task A_version_made_in_the_same_second_as_the_one_it_replaces_is_told_apart_without_reading_a_value()
    {
        var (vault, claim) = await StagedAsync(_azure.Seed(Path, Old));
        var promoted = await vault.PromoteAsync(claim, Mark(claim), Stop);
        foreach (var version in _azure.VersionsOf(Path))
            version.Created = DateTimeOffset.UnixEpoch;
        var reads = _azure.ValueReads;

        (await vault.DescribeAsync(Path, Stop)).Current.Should().Be(promoted);
        (_azure.ValueReads - reads).Should().Be(0);
    }

    [Theory]
    [InlineData("ffffffffffffffffffffffffffffffff")]
    [InlineData("00000000000000000000000000000000")]
    public async Task Of_two_versions_that_someone_else_made_in_one_second_one_read_tells_the_newest(string id)
    {
        _azure.Add(Path, new AzureVersionState { Id = "77777777777777777777777777777777", Value = Old });
        _azure.Add(Path, new AzureVersionState { Id = id, Value = New });

        (await _azure.Connect().DescribeAsync(Path, Stop)).Current.Value.Should().Be(id);
        _azure.ValueReads.Should().Be(1);
    }

    [Fact]
    public async Task Of_two_versions_of_one_second_the_newest_is_told_even_where_it_is_disabled()
    {
        _azure.Add(Path, new AzureVersionState { Value = Old });
        var disabled = _azure.Add(Path, new AzureVersionState { Value = New, Enabled = false });

        (await _azure.Connect().DescribeAsync(Path, Stop)).Current.Should().Be(disabled);
    }

    [Fact]
    public async Task A_disabled_newest_version_is_current_and_reading_it_tells_what_to_do()
    {
        _azure.Add(Path, new AzureVersionState { Value = Old });
        var disabled = _azure.Add(
            Path, new AzureVersionState { Value = New, Enabled = false, Created = DateTimeOffset.UnixEpoch.AddDays(1) });
        var vault = _azure.Connect();

        (await vault.DescribeAsync(Path, Stop)).Current.Should().Be(disabled);
        var failure = await FailureAsync(() => vault.ReadAsync(Path, disabled, Stop));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.AccessDenied, Effect.Rejected));
        failure.Message.Should().Contain("SecretDisabled");
        failure.Hint.Should().Contain("Enable it");
    }

    [Fact]
    public async Task A_newest_version_that_isn_t_valid_yet_is_current()
    {
        _azure.Add(Path, new AzureVersionState { Value = Old });
        var later = _azure.Add(Path, new AzureVersionState
        {
            Value = New,
            Created = DateTimeOffset.UnixEpoch.AddDays(1),
            NotBefore = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero),
        });

        (await _azure.Connect().DescribeAsync(Path, Stop)).Current.Should().Be(later);
    }

    [Fact]
    public async Task The_newest_of_many_versions_is_found_on_whatever_page_it_stands()
    {
        for (var day = 0; day < 60; day++)
            _azure.Add(
                Path, new AzureVersionState { Value = $"value {day}", Created = DateTimeOffset.UnixEpoch.AddDays(day == 41 ? 1000 : day) });

        (await _azure.Connect().DescribeAsync(Path, Stop)).Current.Value.Should().Be(_azure.VersionsOf(Path)[41].Id);
    }

    [Fact]
    public async Task Promotion_carries_on_content_type_foreign_tags_the_span_of_the_end_and_a_beginning()
    {
        var made = DateTimeOffset.UnixEpoch.AddDays(20_000);
        var @base = _azure.Add(Path, new AzureVersionState
        {
            Value = Old,
            ContentType = "application/json",
            Created = made,
            Expires = made.AddDays(90),
            NotBefore = made,
            Tags = new(StringComparer.Ordinal) { ["team"] = "grid", ["secret-rotator-rotation"] = "an older one" },
        });
        var (vault, claim) = await StagedAsync(@base);

        var promoted = await vault.PromoteAsync(claim, Mark(claim), Stop);

        var version = _azure.VersionsOf(Path).Single(v => v.Id == promoted.Value);
        version.ContentType.Should().Be("application/json");
        version.Tags.Should().Contain("team", "grid").And
            .Contain("secret-rotator-rotation", claim.Rotation.Value).And
            .Contain("secret-rotator-replaces", @base.Value);
        (version.Expires - version.Created).Should().BeCloseTo(TimeSpan.FromDays(90), TimeSpan.FromSeconds(5));
        version.NotBefore.Should().BeCloseTo(version.Created, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_beginning_that_is_yet_to_come_is_the_new_version_s_too()
    {
        var begin = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var made = DateTimeOffset.UnixEpoch.AddDays(20_000);
        var @base = _azure.Add(Path, new AzureVersionState { Value = Old, Created = made, NotBefore = begin });
        var (vault, claim) = await StagedAsync(@base);

        var promoted = await vault.PromoteAsync(claim, Mark(claim), Stop);

        _azure.VersionsOf(Path).Single(v => v.Id == promoted.Value).NotBefore.Should().Be(begin);
    }

    [Fact]
    public async Task A_policy_that_asks_for_an_end_admits_every_version_of_a_rotation()
    {
        var made = DateTimeOffset.UnixEpoch.AddDays(20_000);
        var @base = _azure.Add(Path, new AzureVersionState { Value = Old, Created = made, Expires = made.AddDays(90) });
        _azure.Use(vault => vault.WantsExpiry = true);

        var (vault, claim) = await StagedAsync(@base);
        var promoted = await vault.PromoteAsync(claim, Mark(claim), Stop);
        await vault.FinishAsync(claim, Mark(claim) with { Version = promoted }, promoted: true, Stop);

        var staged = _azure.VersionsOf(Path + "-staged").Should().ContainSingle().Subject;
        (staged.Expires - staged.Created).Should().BeCloseTo(TimeSpan.FromDays(90), TimeSpan.FromSeconds(5));
        staged.Enabled.Should().BeFalse();
    }

    [Fact]
    public async Task A_policy_that_the_next_version_will_not_meet_is_told_before_any_target_is_touched()
    {
        var @base = _azure.Seed(Path, Old);
        _azure.Use(vault => vault.WantsExpiry = true);

        var failure = await FailureAsync(() => StagedAsync(@base));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.AccessDenied, Effect.Rejected));
        failure.Message.Should().Contain("ForbiddenByPolicy");
        failure.Hint.Should().Contain("Azure Policy").And.Contain("--expires");
    }

    [Fact]
    public async Task A_staged_version_says_where_the_claims_of_its_rotation_are_kept()
    {
        await StagedAsync(_azure.Seed(Path, Old));

        _azure.VersionsOf(Path + "-staged").Single().Tags.Should().Contain("secret-rotator-home", "acme/secret-rotator");
    }

    [Fact]
    public async Task A_promotion_whose_answer_is_lost_is_looked_up_and_never_put_twice()
    {
        var (vault, claim) = await StagedAsync(_azure.Seed(Path, Old));
        _azure.Fault("azure.PutSecret#1..=lost");

        var promoted = await vault.PromoteAsync(claim, Mark(claim), Stop);

        _azure.VersionsOf(Path).Should().HaveCount(2);
        _azure.VersionsOf(Path)[^1].Id.Should().Be(promoted.Value);
    }

    [Theory]
    [InlineData("503", FailureKind.Unavailable)]
    [InlineData("500", FailureKind.Unavailable)]
    [InlineData("garbage", FailureKind.Garbled)]
    public async Task A_promotion_that_was_answered_unclearly_is_sent_once_and_told_as_unknown(string fault, FailureKind kind)
    {
        var (vault, claim) = await StagedAsync(_azure.Seed(Path, Old));
        var puts = Puts();
        _azure.Fault($"azure.PutSecret#1..={fault}");

        var failure = await FailureAsync(() => vault.PromoteAsync(claim, Mark(claim), Stop));

        (failure.Kind, failure.Effect).Should().Be((kind, Effect.Unknown));
        (Puts() - puts).Should().Be(1);
    }

    [Fact]
    public async Task A_promotion_that_was_throttled_did_nothing_and_is_sent_again()
    {
        var (vault, claim) = await StagedAsync(_azure.Seed(Path, Old));
        _azure.Fault("azure.PutSecret#1=429");

        await vault.PromoteAsync(claim, Mark(claim), Stop);

        _azure.VersionsOf(Path).Should().HaveCount(2);
        _azure.Time.Waits.Should().Contain(TimeSpan.FromSeconds(1), "that is what Retry-After said");
    }

    [Fact]
    public async Task A_name_that_is_being_recovered_is_waited_for()
    {
        var claim = await ClaimAsync(_azure.Connect(), _azure.Seed(Path, Old));
        _azure.Fault("azure.PutSecret#1=409");
        using var candidate = SecretValue.FromText(New);

        await _azure.Connect().StageAsync(claim, candidate, Stop);

        _azure.VersionsOf(Staged).Should().ContainSingle();
    }

    [Fact]
    public async Task A_stage_that_failed_on_the_way_is_tried_again()
    {
        var claim = await ClaimAsync(_azure.Connect(), _azure.Seed(Path, Old));
        _azure.Fault("azure.PutSecret#1=503");
        using var candidate = SecretValue.FromText(New);

        await _azure.Connect().StageAsync(claim, candidate, Stop);

        _azure.VersionsOf(Staged).Should().ContainSingle();
    }

    [Fact]
    public async Task A_stage_whose_answer_was_lost_stages_once()
    {
        var claim = await ClaimAsync(_azure.Connect(), _azure.Seed(Path, Old));
        _azure.Fault("azure.PutSecret#1=lost");
        using var candidate = SecretValue.FromText(New);

        await _azure.Connect().StageAsync(claim, candidate, Stop);

        _azure.VersionsOf(Staged).Should().ContainSingle();
    }

    [Fact]
    public async Task What_was_staged_twice_is_read_from_the_first_and_dropped_whole()
    {
        var (_, claim) = await StagedAsync(_azure.Seed(Path, Old));
        var first = _azure.VersionsOf(Staged)[0];
        _azure.Add(
            Staged, new AzureVersionState
            {
                Value = "late-Value",
                Created = first.Created.AddSeconds(1),
                Tags = new(first.Tags.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal),
            });
        var elsewhere = _azure.Connect();

        using (var read = await elsewhere.ReadStagedAsync(claim, Stop))
            read!.Value.RevealText().Should().Be(New);
        await elsewhere.DiscardAsync(claim, Stop);

        _azure.VersionsOf(Staged).Should().HaveCount(2).And.OnlyContain(v => !v.Enabled);
    }

    [Fact]
    public async Task A_delivery_is_recorded_without_touching_the_other_tags()
    {
        var version = _azure.Add(Path, new AzureVersionState { Value = Old, Tags = new(StringComparer.Ordinal) { ["team"] = "grid" } });
        var vault = _azure.Connect();
        var claim = await ClaimAsync(vault, version);

        await vault.FinishAsync(claim, Mark(claim) with { Version = version }, promoted: false, Stop);

        _azure.VersionsOf(Path).Should().ContainSingle().Which.Tags.Keys.Should().BeEquivalentTo("team", "secret-rotator-delivered");
    }

    [Fact]
    public async Task A_redelivery_costs_what_the_plan_says()
    {
        var version = _azure.Seed(Path, Old);
        var vault = _azure.Connect();
        await vault.DescribeAsync(Path, Stop);
        var before = _azure.Operations.Count;

        using (await vault.ReadAsync(Path, version, Stop))
        {
            var claim = await ClaimAsync(vault, version);
            await vault.FinishAsync(claim, Mark(claim) with { Version = version }, promoted: false, Stop);
        }

        (_azure.Operations.Count - before).Should().Be(vault.Costs.Deliver);
    }

    [Fact]
    public async Task The_companion_is_disabled_and_never_deleted_and_serves_again()
    {
        for (var number = 1; number <= 2; number++)
        {
            var @base = number == 1 ? _azure.Seed(Path, Old) : new VersionId(_azure.VersionsOf(Path)[^1].Id);
            var (vault, claim) = await StagedAsync(@base, number);
            var promoted = await vault.PromoteAsync(claim, Mark(claim), Stop);
            await vault.FinishAsync(claim, Mark(claim) with { Version = promoted }, promoted: true, Stop);
        }

        _azure.VersionsOf(Staged).Should().HaveCount(2).And.OnlyContain(v => !v.Enabled && v.Tags.ContainsKey("secret-rotator-rotation"));
        _azure.Operations.Should().NotContain(o => o.StartsWith("Delete", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_resumed_rotation_records_what_the_second_run_delivered()
    {
        var (vault, dead) = await StagedAsync(_azure.Seed(Path, Old));
        var promoted = await vault.PromoteAsync(dead, Mark(dead), Stop);
        var later = Mark(dead) with { Version = promoted, DeliveredAt = Start + Duration.FromHours(3), TargetsDigest = "fedcba9876543210" };

        await _azure.Connect().FinishAsync(dead, later, promoted: true, Stop);

        (await _azure.Connect().DescribeAsync(Path, Stop)).Delivered.Should().Be(later);
    }

    [Fact]
    public async Task A_rotation_elsewhere_shows_as_a_delivery_of_an_older_version()
    {
        var first = await RotatedAsync();

        var external = _azure.Add(Path, new AzureVersionState { Value = "external", Created = DateTimeOffset.UnixEpoch.AddYears(200) });

        var described = await _azure.Connect().DescribeAsync(Path, Stop);
        (described.Current, described.CurrentRotation, described.Delivered!.Version).Should().Be((external, null, first));
    }

    [Fact]
    public async Task A_rotation_elsewhere_that_copied_the_tool_s_tags_is_noticed_all_the_same()
    {
        var first = await RotatedAsync();
        var tags = _azure.VersionsOf(Path)[^1].Tags.ToDictionary(StringComparer.Ordinal);

        var external = _azure.Add(
            Path, new AzureVersionState
            {
                Value = "external",
                Created = DateTimeOffset.UnixEpoch.AddYears(200),
                Tags = new(tags, StringComparer.Ordinal),
            });

        var described = await _azure.Connect().DescribeAsync(Path, Stop);
        (described.Current, described.CurrentRotation, described.Delivered!.Version).Should().Be((external, null, first));
    }

    [Fact]
    public async Task A_proxy_that_quotes_the_request_in_its_error_page_puts_no_value_into_the_failure()
    {
        var claim = await ClaimAsync(_azure.Connect(), _azure.Seed(Path, Old));
        using var candidate = SecretValue.FromText(New);
        var vault = _azure.Connect(settings => settings, handler => new QuotingProxy(handler));

        var failure = await FailureAsync(() => vault.StageAsync(claim, candidate, Stop));

        failure.Effect.Should().Be(Effect.Unknown);
        failure.Message.Should().Contain("Key Vault answered 502");
    }

    [Fact]
    public async Task The_library_logs_no_value_even_to_a_listener_that_wants_everything()
    {
        var messages = new ConcurrentQueue<string>();
        using (new global::Azure.Core.Diagnostics.AzureEventSourceListener((_, message) => messages.Enqueue(message), EventLevel.LogAlways))
            await RotatedAsync();

        messages.Should().NotContain(message => message.Contains(New, StringComparison.Ordinal));
    }

    private sealed class QuotingProxy(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method != HttpMethod.Put || request.Headers.Authorization is null)
                return await base.SendAsync(request, cancellationToken);
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            body.Should().Contain(New);
            return new HttpResponseMessage(HttpStatusCode.BadGateway)
            {
                Content =
                new StringContent($"Could not forward: {body}"),
                RequestMessage = request
            };
        }
    }

    private int Puts() => _azure.Operations.Count(o => o.StartsWith("PutSecret", StringComparison.Ordinal));

    private static DeliveryMark Mark(Claim claim) =>
        new(new("unknown"), Start, Start, "0123456789abcdef", VerificationLevel.Listed, claim.Rotation);

    private static async Task<RemoteFailureException> FailureAsync(Func<Task> act)
    {
        var failure = (await act.Should().ThrowAsync<RemoteFailureException>()).Which;
        failure.ToString().Should().NotContain(Old).And.NotContain(New);
        return failure;
    }

    private static async Task<Claim> ClaimAsync(ISecretVault vault, VersionId @base, int number = 1)
    {
        using var candidate = SecretValue.FromText(New);
        var holder = new Holder.Pipeline("acme", "secret-rotator", $"11111111-1111-4111-8111-{number:x12}", number);
        var result = await vault.ClaimAsync(
            Path, new ClaimRequest(new($"00000000-0000-4000-8000-{number:x12}"), @base, holder, Start, candidate, null)
            {
                Lease =
                Leases.Endless
            }, Stop);
        return result.Should().BeOfType<ClaimResult.Won>().Subject.Claim;
    }

    private async Task<(ISecretVault Vault, Claim Claim)> StagedAsync(VersionId @base, int number = 1)
    {
        var vault = _azure.Connect();
        var claim = await ClaimAsync(vault, @base, number);
        using var candidate = SecretValue.FromText(New);
        await vault.StageAsync(claim, candidate, Stop);
        return (vault, claim);
    }

    private async Task<VersionId> RotatedAsync()
    {
        var (vault, claim) = await StagedAsync(_azure.Seed(Path, Old));
        var promoted = await vault.PromoteAsync(claim, Mark(claim), Stop);
        await vault.FinishAsync(claim, Mark(claim) with { Version = promoted }, promoted: true, Stop);
        return promoted;
    }
}
