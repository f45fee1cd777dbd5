using SecretRotator.Providers.Google;

namespace SecretRotator.Tests.Providers.Google;

/// <summary>What is true of Secret Manager and of no other vault: annotations, companions, versions by number.</summary>
public sealed class GoogleVaultTests : IAsyncLifetime
{
    private const string Path = "prod-db";
    private const string Staged = "prod-db-staged";
    private const string Old = "old-Value-7f3e1c";
    private const string New = "new-Value-b81d04";

    private static readonly RotationId Id = new("00000000-0000-4000-8000-000000000001");
    private static readonly Holder Self = new Holder.Pipeline("acme", "secret-rotator", "11111111-1111-4111-8111-111111111111", 1);
    private static readonly Holder Heir = new Holder.Pipeline("acme", "secret-rotator", "22222222-2222-4222-8222-222222222222", 2);
    private static readonly Instant Start = Instant.FromUtc(2026, 11, 23, 1, 2, 3);
    private static readonly HoldMark Hold = new(Start + Duration.FromDays(7), Id, "rolled back");

    private GoogleVaultUnderTest _google = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _google = await GoogleVaultUnderTest.OpenAsync(largestPage: 2);

    public async ValueTask DisposeAsync() => await _google.DisposeAsync();

    [Fact]
    public async Task A_holder_that_died_between_its_promotion_and_the_record_of_it_is_found_out_by_the_values()
    {
        var (vault, claim) = await StagedAsync(_google.Seed(Path, Old), Hold);
        await PromoteUnrecordedAsync(vault, claim);

        var seen = await _google.Connect().DescribeAsync(Path, Stop);
        (seen.Current, seen.CurrentRotation, seen.Hold).Should().Be((new VersionId("2"), null, null));
        var (heir, won) = await TakeOverAsync(seen);

        (won.Seen!.CurrentRotation, won.Seen.Hold, won.Claim.Hold).Should().Be((Id, Hold, Hold));
        (await heir.PromoteAsync(won.Claim, Mark(default), Stop)).Should().Be(new VersionId("2"));
        _google.Look(Path).Versions.Should().Be(2);
    }

    [Fact]
    public async Task A_version_of_someone_else_is_never_taken_for_the_promotion_of_a_dead_holder()
    {
        await StagedAsync(_google.Seed(Path, Old));
        _google.RotateElsewhere(Path, "made-elsewhere");

        var (heir, won) = await TakeOverAsync(await _google.Connect().DescribeAsync(Path, Stop));

        won.Seen!.CurrentRotation.Should().BeNull();
        (await FailureOfAsync(() => heir.PromoteAsync(won.Claim, Mark(default), Stop))).Kind.Should().Be(FailureKind.Superseded);
    }

    [Fact]
    public async Task A_promotion_that_lands_after_the_claim_was_taken_over_counts_and_is_not_repeated()
    {
        await StagedAsync(_google.Seed(Path, Old));
        var (heir, won) = await TakeOverAsync(await _google.Connect().DescribeAsync(Path, Stop));
        _google.RotateElsewhere(Path, New);

        (await heir.PromoteAsync(won.Claim, Mark(default), Stop)).Should().Be(new VersionId("2"));

        _google.Look(Path).Versions.Should().Be(2);
        (await _google.Connect().DescribeAsync(Path, Stop)).CurrentRotation.Should().Be(Id);
    }

    [Fact]
    public async Task A_promotion_that_lands_after_its_rotation_was_undone_is_a_version_of_someone_else()
    {
        var (vault, claim) = await StagedAsync(_google.Seed(Path, Old), Hold);
        await vault.DiscardAsync(claim, Stop);
        _google.RotateElsewhere(Path, New);

        var seen = await _google.Connect().DescribeAsync(Path, Stop);

        (seen.Current, seen.CurrentRotation, seen.Open, seen.Hold).Should().Be((new VersionId("2"), null, null, null));
    }

    [Fact]
    public async Task A_claim_whose_answer_is_lost_is_held_and_no_try_of_it_can_land_later()
    {
        var version = _google.Seed(Path, Old);
        var vault = _google.Connect();
        await vault.DescribeAsync(Path, Stop);
        _google.Fault("google.PatchSecret#1=lost");

        var won = (await vault.ClaimAsync(Path, Request(version), Stop)).Should().BeOfType<ClaimResult.Won>().Subject;

        won.Seen!.Open!.Handle.Should().Be(won.Claim.Handle);
        _google.Operations.Count(operation => operation == $"PatchSecret {Path}").Should().Be(2, "the second one has found out");
    }

    [Fact]
    public async Task A_change_that_rests_on_an_outdated_look_is_refused_and_made_anew()
    {
        var version = _google.Seed(Path, Old);
        var vault = _google.Connect();
        await vault.DescribeAsync(Path, Stop);
        _google.Annotate(Path, "team", "payments");

        (await vault.ClaimAsync(Path, Request(version), Stop)).Should().BeOfType<ClaimResult.Won>();

        _google.Use(google => google.Secrets[GoogleVaultUnderTest.Whole(Path)].Annotations["team"]).Should().Be("payments");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("europe-west1")]
    public async Task The_first_rotation_makes_the_companion_as_the_secret_is(string? location)
    {
        var definition = GoogleVaultUnderTest.Definition with { Location = location };
        var replication = location is null ? """{"userManaged":{"replicas":[{"location":"europe-west3"}]}}""" : null;
        var version = _google.Seed(Path, Old);
        _google.Use(google =>
        {
            google.Secrets.Remove(GoogleVaultUnderTest.Whole(Staged));
            var secret = google.Secrets[definition.PlaceOf(Path)] = google.Secrets[GoogleVaultUnderTest.Whole(Path)];
            secret.Annotations.Clear();
            return secret.Replication = replication;
        });
        var vault = _google.Connect(definition);
        var claim = ((ClaimResult.Won)await vault.ClaimAsync(Path, Request(version), Stop)).Claim;
        using var candidate = SecretValue.FromText(New);

        await vault.StageAsync(claim, candidate, Stop);

        var made = _google.Use(google => google.Secrets[definition.PlaceOf(Staged)]);
        made.Replication.Should().Be(replication);
        made.Annotations.Should().ContainSingle().Which.Should().Be(KeyValuePair.Create("secret-rotator-companion-of", Path));
        await vault.DiscardAsync(claim, Stop);
        made.Versions.Should().ContainSingle().Which.State.Should().Be("DISABLED");
    }

    [Fact]
    public async Task A_companion_that_may_not_be_made_is_asked_for_with_the_command()
    {
        var version = _google.Seed(Path, Old);
        _google.Use(google =>
            google.Secrets.Remove(GoogleVaultUnderTest.Whole(Staged)) & google.Denied.Add("secretmanager.secrets.create"));

        var failure = await FailureOfAsync(() => StagedAsync(version));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.AccessDenied, Effect.Rejected));
        failure.Hint.Should().Be(
            $"Make it once: gcloud secrets create {Staged} --project=acme-prod --set-annotations=secret-rotator-companion-of={Path}");
    }

    [Fact]
    public async Task A_secret_of_someone_else_with_the_companions_name_is_left_alone()
    {
        var version = _google.Seed(Path, Old);
        _google.Use(google => google.Secrets[GoogleVaultUnderTest.Whole(Path)].Annotations.Remove("secret-rotator-companion"));
        _google.Use(google => google.Secrets[GoogleVaultUnderTest.Whole(Staged)].Annotations.Remove("secret-rotator-companion-of"));
        _google.Add(Staged, "theirs");

        var failure = await FailureOfAsync(() => StagedAsync(version));

        failure.Kind.Should().Be(FailureKind.Conflict);
        _google.Use(google => google.Secrets[GoogleVaultUnderTest.Whole(Staged)].Versions.Count).Should().Be(1);
    }

    [Fact]
    public async Task What_landed_late_in_the_companion_is_disabled_by_the_next_rotation()
    {
        var (vault, claim) = await StagedAsync(_google.Seed(Path, Old));
        await vault.DiscardAsync(claim, Stop);
        _google.Add(Staged, "late");

        var (next, second) = await StagedAsync(new VersionId("1"));
        await next.DiscardAsync(second, Stop);

        _google.Use(google => google.Secrets[GoogleVaultUnderTest.Whole(Staged)].Versions.Select(version => version.State)).Should()
            .Equal("DISABLED", "DISABLED", "DISABLED");
    }

    [Fact]
    public async Task A_value_that_has_another_checksum_on_the_way_is_not_used()
    {
        var version = _google.Seed(Path, Old);
        var vault = _google.Connect(GoogleVaultUnderTest.Definition, handler => new Corrupting(handler));
        await vault.DescribeAsync(Path, Stop);

        (await FailureOfAsync(() => vault.ReadAsync(Path, version, Stop))).Kind.Should().Be(FailureKind.Garbled);
    }

    [Fact]
    public async Task A_binary_value_is_refused()
    {
        var version = _google.Seed(Path, Old);
        _google.Use(google => google.Secrets[GoogleVaultUnderTest.Whole(Path)].Versions[0].Data = Convert.ToBase64String([0xff, 0xfe]));

        var failure = await FailureOfAsync(() => _google.Connect().ReadAsync(Path, version, Stop));

        failure.Message.Should().Be(
            "Version 1 of prod-db in vault google could not be read: It is binary, and a Bitbucket variable is text.");
    }

    [Theory]
    [InlineData("DISABLED")]
    [InlineData("DESTROYED")]
    public async Task The_newest_version_is_current_though_no_one_can_read_it(string state)
    {
        _google.Seed(Path, Old);
        var newest = _google.RotateElsewhere(Path, New);
        _google.Use(google => google.Secrets[GoogleVaultUnderTest.Whole(Path)].Versions[1].State = state);
        var vault = _google.Connect();

        (await vault.DescribeAsync(Path, Stop)).Current.Should().Be(newest);
        (await vault.ListVersionsAsync(Path, Stop)).Select(version => version.Place).Should()
            .Equal(VersionPlace.Disabled, VersionPlace.Previous);
        (await FailureOfAsync(() => vault.ReadAsync(Path, newest, Stop))).Kind.Should().Be(FailureKind.Conflict);
    }

    [Fact]
    public async Task Versions_are_listed_page_after_page_the_newest_one_first()
    {
        _google.Seed(Path, Old);
        foreach (var number in Enumerable.Range(2, 4))
            _google.RotateElsewhere(Path, $"value-{number}");

        (await _google.Connect().ListVersionsAsync(Path, Stop)).Select(version => version.Id.Value).Should().Equal("5", "4", "3", "2", "1");
        _google.Operations.Count(operation => operation == $"ListVersions {Path}").Should().Be(3);
    }

    [Theory]
    [InlineData("ya29.ended", true)]
    [InlineData("ya29.sandbox-google-access-token", false)]
    public async Task A_token_that_is_refused_is_replaced_once(string first, bool isReplaced)
    {
        _google.Seed(Path, Old);
        _google.Given.First = first;
        if (!isReplaced)
            _google.Fault("google.GetSecret#1..=401");

        var describing = _google.Connect().Awaiting(vault => vault.DescribeAsync(Path, Stop));

        if (isReplaced)
            await describing.Should().NotThrowAsync();
        else
            (await describing.Should().ThrowAsync<RemoteFailureException>()).Which.Kind.Should().Be(FailureKind.Unauthenticated);
        _google.Given.Refused.Where(refused => refused is not null).Should().OnlyContain(refused => refused == first).And.NotBeEmpty();
        _google.Operations.Should().HaveCountLessThanOrEqualTo(4);
    }

    [Fact]
    public async Task A_permission_that_is_missing_is_named()
    {
        _google.Seed(Path, Old);
        _google.Use(google => google.Denied.Add("secretmanager.versions.list"));

        var failure = await FailureOfAsync(() => _google.Connect().DescribeAsync(Path, Stop));

        failure.Kind.Should().Be(FailureKind.AccessDenied);
        failure.Hint.Should().StartWith("Give the identity the permission secretmanager.versions.list on that secret");
    }

    [Theory]
    [InlineData("secret-rotator-claim", "mine")]
    [InlineData("secret-rotator-staged", "v=x at=now")]
    [InlineData("secret-rotator-made", "v=1")]
    [InlineData("secret-rotator-companion", "-1")]
    [InlineData("secret-rotator-grace-1", "")]
    public async Task A_mark_that_the_tool_has_not_written_is_a_failed_look_that_names_it(string key, string value)
    {
        _google.Seed(Path, Old);
        _google.Annotate(Path, key, value);

        var failure = await FailureOfAsync(() => _google.Connect().DescribeAsync(Path, Stop));

        failure.Kind.Should().Be(FailureKind.Garbled);
        failure.Message.Should().Contain(key);
    }

    [Fact]
    public async Task Annotations_of_others_that_leave_no_room_block()
    {
        _google.Seed(Path, Old);
        _google.Annotate(Path, "notes", new string('x', GoogleMarks.RoomForOthers));

        (await FailureOfAsync(() => _google.Connect().DescribeAsync(Path, Stop))).Kind.Should().Be(FailureKind.Conflict);
    }

    [Fact]
    public async Task A_rollback_that_fails_keeps_the_hold_and_the_grace_of_the_version_before()
    {
        var first = _google.Seed(Path, Old);
        var (vault, claim) = await StagedAsync(first, Hold);
        var mark = Mark(await vault.PromoteAsync(claim, Mark(default), Stop)) with { InGrace = first };
        await vault.FinishAsync(claim, mark, promoted: true, Stop);
        var before = await _google.Connect().DescribeAsync(Path, Stop);
        before.Grace!.Version.Should().Be(first);

        var second = new RotationId("00000000-0000-4000-8000-000000000002");
        var (again, next) = await StagedAsync(mark.Version, Hold with { Rotation = second }, second);
        await again.DiscardAsync(next, Stop);

        (await _google.Connect().DescribeAsync(Path, Stop)).Should().Be(before);
    }

    [Fact]
    public async Task Taking_over_and_finishing_costs_no_more_than_the_plan_says()
    {
        await StagedAsync(_google.Seed(Path, Old));
        var vault = _google.Connect();
        var seen = await vault.DescribeAsync(Path, Stop);
        var calls = _google.Calls;

        using var old = await vault.ReadAsync(Path, seen.Current, Stop);
        using var copy = SecretValue.FromText(Old);
        var won = (ClaimResult.Won)await vault.ClaimAsync(Path, Request(seen.Current, seen.Open), Stop);
        using var resumed = await vault.ReadStagedAsync(won.Claim, Stop);
        using var verified = await vault.ReadStagedAsync(won.Claim, Stop);
        var mark = Mark(await vault.PromoteAsync(won.Claim, Mark(default), Stop));
        await vault.FinishAsync(won.Claim, mark, promoted: true, Stop);

        (_google.Calls - calls).Should().Be(vault.Costs.Resume);
    }

    [Fact]
    public async Task A_delivery_is_recorded_and_its_claim_released_in_one_call()
    {
        var version = _google.Seed(Path, Old);
        var vault = _google.Connect();
        await vault.DescribeAsync(Path, Stop);
        var claim = ((ClaimResult.Won)await vault.ClaimAsync(Path, Request(version), Stop)).Claim;
        var calls = _google.Calls;

        await vault.FinishAsync(claim, Mark(version), promoted: false, Stop);

        (_google.Calls - calls).Should().Be(1);
    }

    private static DeliveryMark Mark(VersionId version) =>
        new(version, Start, Start + Duration.FromMinutes(1), "0123456789abcdef", VerificationLevel.Listed, Id);

    private static ClaimRequest Request(
        VersionId version, OpenRotation? takeOver = null, HoldMark? hold = null, RotationId? id = null) =>
        new(id ?? Id, version, takeOver is null ? Self : Heir, Start, SecretValue.FromText("unused"), takeOver)
        {
            Lease = Leases.Endless,
            Hold = hold,
        };

    private async Task<(ISecretVault Vault, Claim Claim)> StagedAsync(VersionId version, HoldMark? hold = null, RotationId? id = null)
    {
        var vault = _google.Connect();
        var claim = ((ClaimResult.Won)await vault.ClaimAsync(Path, Request(version, hold: hold, id: id), Stop)).Claim;
        using var candidate = SecretValue.FromText(New);
        await vault.StageAsync(claim, candidate, Stop);
        return (vault, claim);
    }

    private async Task PromoteUnrecordedAsync(ISecretVault vault, Claim claim)
    {
        _google.Fault("google.PatchSecret=503");
        await vault.PromoteAsync(claim, Mark(default), Stop);
        _google.Heal();
    }

    private async Task<(ISecretVault Vault, ClaimResult.Won Won)> TakeOverAsync(SecretDescription seen)
    {
        var heir = _google.Connect();
        return (heir, (ClaimResult.Won)await heir.ClaimAsync(Path, Request(seen.Open!.Base, seen.Open), Stop));
    }

    private static async Task<RemoteFailureException> FailureOfAsync(Func<Task> act)
    {
        var failure = (await act.Should().ThrowAsync<RemoteFailureException>()).Which;
        failure.ToString().Should().NotContain(Old).And.NotContain(New);
        return failure;
    }

    private sealed class Corrupting(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (request.RequestUri!.AbsolutePath.EndsWith(":access", StringComparison.Ordinal))
                answer.Content = new StringContent(
                    (await answer.Content.ReadAsStringAsync(cancellationToken)).Replace(
                        Convert.ToBase64String(Encoding.UTF8.GetBytes(Old)), Convert.ToBase64String(Encoding.UTF8.GetBytes(New)),
                        StringComparison.Ordinal));
            return answer;
        }
    }
}
