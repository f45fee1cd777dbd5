using SecretRotator.Providers.HashiCorp;

namespace SecretRotator.Tests.Providers.HashiCorp;

/// <summary>What is particular to a KV engine; what every vault keeps is in the contract suite.</summary>
public sealed class HashiCorpVaultTests : IAsyncLifetime
{
    private const string Path = "prod/payments/db";
    private const string Old = "old-Value-7f3e1c";
    private const string New = "new-Value-b81d04";

    private static readonly Instant Start = Instant.FromUtc(2026, 11, 23, 1, 2, 3);
    private static readonly RotationId Rotation = new("00000000-0000-4000-8000-000000000001");
    private static readonly Holder Holder = new Holder.Pipeline("acme", "secret-rotator", "11111111-1111-4111-8111-000000000001", 1);

    private SandboxedHashiCorp _hcp = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _hcp = await SandboxedHashiCorp.OpenAsync();

    public ValueTask DisposeAsync() => _hcp.DisposeAsync();

    [Fact]
    public async Task Rights_that_reach_no_value_are_enough_for_a_description_whatever_is_open()
    {
        var claim = await StagedAsync(_hcp.Connect(), _hcp.Seed(Path, Old));
        _hcp.Token = "hvs.looks";

        var seen = await _hcp.Connect().DescribeAsync(Path, Stop);

        (seen.Open!.Staged, seen.Open.Handle).Should().Be((true, claim.Handle));
        _hcp.Operations.TakeLast(3).Should().BeEquivalentTo(
            [$"ReadMetadata {Path}", $"ReadSecret {Path}-staged/marks", $"ReadMetadata {Path}-staged"]);
    }

    [Fact]
    public async Task Without_rights_on_values_it_is_not_known_whose_version_follows_the_base()
    {
        var vault = _hcp.Connect();
        await vault.PromoteAsync(await StagedAsync(vault, _hcp.Seed(Path, Old)), Mark(default), Stop);
        _hcp.Token = "hvs.looks";

        var seen = await _hcp.Connect().DescribeAsync(Path, Stop);

        (seen.Current.Value, seen.CurrentRotation, seen.Open?.Id).Should().Be(("2", null, Rotation));
    }

    [Fact]
    public async Task Another_value_behind_the_base_of_an_open_rotation_is_someone_else_s()
    {
        await StagedAsync(_hcp.Connect(), _hcp.Seed(Path, Old));
        _hcp.RotateElsewhere(Path, "made-elsewhere");

        (await _hcp.Connect().DescribeAsync(Path, Stop)).CurrentRotation.Should().BeNull();
    }

    [Fact]
    public async Task A_rotation_that_died_between_the_two_writes_of_its_end_is_known_to_be_promoted()
    {
        var vault = _hcp.Connect();
        var claim = await StagedAsync(vault, _hcp.Seed(Path, Old));
        await vault.PromoteAsync(claim, Mark(default), Stop);
        _hcp.Fault("hashicorp.WriteSecret@/marks#1..=503");
        await vault.Awaiting(v => v.FinishAsync(claim, Mark(new("2")), promoted: true, Stop)).Should().ThrowAsync<RemoteFailureException>();
        _hcp.Heal();
        var reads = _hcp.ValueReads;

        var seen = await _hcp.Connect().DescribeAsync(Path, Stop);

        (seen.CurrentRotation, seen.Open!.Staged, _hcp.ValueReads).Should().Be((Rotation, true, reads));
    }

    [Fact]
    public async Task A_claim_that_is_refused_and_whose_look_is_refused_is_not_held()
    {
        var version = _hcp.Seed(Path, Old);
        var vault = _hcp.Connect();
        await vault.DescribeAsync(Path, Stop);
        await ClaimedAsync(_hcp.Connect(), version);
        _hcp.Fault("hashicorp.ReadSecret@/marks#1=403");

        (await vault.Awaiting(v => ClaimedAsync(v, version)).Should().ThrowAsync<RemoteFailureException>())
            .Which.Effect.Should().Be(Effect.Rejected);
    }

    [Fact]
    public async Task A_promotion_whose_answer_is_lost_and_whose_look_is_refused_may_have_happened()
    {
        var vault = _hcp.Connect();
        var claim = await StagedAsync(vault, _hcp.Seed(Path, Old));
        _hcp.Fault("hashicorp.WriteSecret#1=lost");
        _hcp.Fault("hashicorp.ReadMetadata#1=403");

        (await vault.Awaiting(v => v.PromoteAsync(claim, Mark(default), Stop)).Should().ThrowAsync<RemoteFailureException>())
            .Which.Effect.Should().Be(Effect.Unknown);
    }

    [Fact]
    public async Task A_promotion_whose_answer_is_lost_is_found_by_its_value_and_makes_one_version()
    {
        var vault = _hcp.Connect();
        var claim = await StagedAsync(vault, _hcp.Seed(Path, Old));
        _hcp.Fault("hashicorp.WriteSecret#1=lost");

        (await vault.PromoteAsync(claim, Mark(default), Stop)).Should().Be(new VersionId("2"));

        (_hcp.Look(Path).Versions, _hcp.Look(Path).Current).Should().Be((2, New));
    }

    [Fact]
    public async Task A_staged_value_that_arrives_after_its_claim_was_released_finds_its_place_taken()
    {
        var vault = _hcp.Connect();
        var claim = await ClaimedAsync(vault, _hcp.Seed(Path, Old));
        using var value = SecretValue.FromText(New);
        _hcp.Fault("hashicorp.WriteSecret#1..=504");
        await vault.Awaiting(v => v.StageAsync(claim, value, Stop)).Should().ThrowAsync<RemoteFailureException>();
        _hcp.Heal();

        await vault.DiscardAsync(claim, Stop);

        var late = new KvEngine(_hcp.Reach(), SandboxedHashiCorp.Definition);
        await late.Awaiting(e => e.StageAsync(Path, value, Rotation, 0, Stop)).Should().ThrowAsync<OtherVersionException>();
        _hcp.Look(Path).Traces.Should().BeEmpty();
        (await StagedAsync(_hcp.Connect(), new("1"))).Base.Value.Should().Be("1");
    }

    [Fact]
    public async Task What_ends_that_were_cut_short_leave_is_deleted_with_the_next_staged_value()
    {
        var vault = _hcp.Connect();
        _hcp.Seed(Path, Old);
        _hcp.Fault("hashicorp.DeleteVersions#1..=403");
        for (var cut = 0; cut < 3; cut++)
        {
            var claim = await StagedAsync(vault, new("1"));
            await vault.Awaiting(v => v.DiscardAsync(claim, Stop)).Should().ThrowAsync<RemoteFailureException>();
        }

        _hcp.Heal();
        (_hcp.Look(Path).Claimed, _hcp.Look(Path).Staged.Length).Should().Be((false, 3));

        await vault.DiscardAsync(await StagedAsync(vault, new("1")), Stop);

        _hcp.Look(Path).Staged.Should().BeEmpty();
    }

    [Fact]
    public async Task Members_that_no_rotation_makes_stay_as_they_are_whatever_they_are()
    {
        _hcp.Form = KvForm.Fields;
        var version = _hcp.Add(Path, """{"z":{"b":[1,2.5,null],"a":"<&>"},"port":5432,"on":true,"password":"old"}""");
        var vault = _hcp.Connect();
        using var old = await vault.ReadAsync(Path, version, Stop);
        old.Value.RevealText().Should().Be("""{"on":true,"password":"old","port":5432,"z":{"a":"<&>","b":[1,2.5,null]}}""");
        using var candidate = SecretValue.FromText(old.Value.RevealText().Replace("\"old\"", "\"n<e\\\"w\"", StringComparison.Ordinal));
        var claim = await ClaimedAsync(vault, version);
        await vault.StageAsync(claim, candidate, Stop);

        using (var staged = await vault.ReadStagedAsync(claim, Stop))
            staged!.Value.FixedTimeEquals(candidate).Should().BeTrue();
        await vault.PromoteAsync(claim, Mark(default), Stop);

        _hcp.DataOf(Path)!.ToJsonString().Should().Contain("5432").And.Contain("2.5").And.Contain("null");
        _hcp.DataOf(Path)!["password"]!.GetValue<string>().Should().Be("n<e\"w");
        using var current = await _hcp.Connect().ReadAsync(Path, new("2"), Stop);
        current.Value.FixedTimeEquals(candidate).Should().BeTrue();
        (await _hcp.Connect().DescribeAsync(Path, Stop)).CurrentRotation.Should().Be(Rotation);
    }

    [Fact]
    public async Task A_text_with_other_members_beside_it_is_refused_and_not_quoted()
    {
        var version = _hcp.Add(Path, $$"""{"value":"{{Old}}","user":"a"}""");

        var failure = (await _hcp.Connect()
            .Awaiting(v => v.ReadAsync(Path, version, Stop))
            .Should()
            .ThrowAsync<RemoteFailureException>()).Which;

        failure.Kind.Should().Be(FailureKind.InvalidContent);
        $"{failure} {failure.Hint}".Should().NotContain(Old);
    }

    [Fact]
    public async Task Content_that_is_no_object_is_refused_before_anything_is_staged()
    {
        _hcp.Form = KvForm.Fields;
        var vault = _hcp.Connect();
        var claim = await ClaimedAsync(vault, _hcp.Add(Path, """{"a":"b"}"""));
        var writes = _hcp.Writes;
        using var text = SecretValue.FromText(New);

        (await vault.Awaiting(v => v.StageAsync(claim, text, Stop)).Should().ThrowAsync<RemoteFailureException>())
            .Which.Kind.Should().Be(FailureKind.InvalidContent);

        _hcp.Writes.Should().Be(writes);
    }

    [Theory]
    [InlineData("""{"value":"x"}""", "x")]
    [InlineData("""{"value":1}""", """{"value":1}""")]
    [InlineData("""{"token":"x"}""", """{"token":"x"}""")]
    public async Task What_the_inventory_does_not_list_is_what_it_looks_like(string data, string content)
    {
        _hcp.Form = KvForm.Either;
        var version = _hcp.Add(Path, data);

        using var read = await _hcp.Connect().ReadAsync(Path, version, Stop);

        read.Value.RevealText().Should().Be(content);
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(0, 1, 2)]
    public async Task A_secret_of_which_one_version_is_kept_is_refused(int own, int mounts, int versions)
    {
        _hcp.Use(mount => mount.MaxVersions = mounts);
        for (var number = 0; number < versions; number++)
            _hcp.RotateElsewhere(Path, Old);
        _hcp.Use(mount => mount.Secrets[Path].MaxVersions = own);

        var failure = await FailureAsync();

        failure.Kind.Should().Be(FailureKind.Conflict);
        failure.Message.Should().Contain("max_versions");
    }

    [Fact]
    public async Task A_current_version_that_was_deleted_is_refused_with_the_way_to_bring_it_back()
    {
        _hcp.Seed(Path, Old);
        _hcp.Use(mount => mount.Secrets[Path].Versions[1].Deletion = DateTimeOffset.UnixEpoch);

        (await FailureAsync()).Hint.Should().Contain("vault kv undelete -mount=secret -versions=1 prod/payments/db");
    }

    [Fact]
    public async Task Where_the_marks_would_delete_themselves_nothing_is_claimed()
    {
        var version = _hcp.Seed(Path, Old);
        _hcp.Use(mount => mount.DeleteVersionAfter = 3600);
        using var value = SecretValue.FromText(New);

        var failure = (await _hcp.Connect().Awaiting(v => v.ClaimAsync(Path, Request(version, value), Stop))
            .Should().ThrowAsync<RemoteFailureException>()).Which;

        failure.Message.Should().Contain("delete_version_after");
        _hcp.Look(Path).Claimed.Should().BeFalse();
    }

    [Fact]
    public async Task A_mount_of_version_1_is_refused_as_one()
    {
        _hcp.Use(mount => mount.Version = 1);

        var failure = await FailureAsync();

        (failure.Kind, failure.Hint).Should().Be((FailureKind.Unsupported, "Version 1 keeps no older versions. Enable version 2: vault kv "
            + "enable-versioning secret"));
    }

    [Theory]
    [InlineData("503", FailureKind.Unavailable, "sealed")]
    [InlineData("307", FailureKind.Unavailable, "standby")]
    [InlineData("473", FailureKind.Unavailable, "standby")]
    [InlineData("412", FailureKind.Unavailable, "not up to date yet")]
    public async Task What_a_server_answers_that_can_not_serve_is_told(string status, FailureKind kind, string told)
    {
        _hcp.Seed(Path, Old);
        _hcp.Fault($"hashicorp.ReadMetadata#1..={status}");

        var failure = await FailureAsync();

        (failure.Kind, failure.Effect).Should().Be((kind, Effect.Rejected));
        failure.Message.Should().Contain(told);
    }

    [Fact]
    public async Task A_standby_that_lags_behind_is_asked_again_with_the_index_of_the_last_write()
    {
        var version = _hcp.Seed(Path, Old);
        var sent = new List<string>();
        var vault = _hcp.Connect(inner => new Recording(inner, sent));
        _hcp.Fault("hashicorp.ReadMetadata#1=412");
        using var value = SecretValue.FromText(New);

        (await vault.ClaimAsync(Path, Request(version, value), Stop)).Should().BeOfType<ClaimResult.Won>();

        sent.Should().Equal("GET ", "POST ", "GET 1", "GET 1");
    }

    [Fact]
    public async Task A_token_that_is_none_is_told_and_not_quoted()
    {
        _hcp.Seed(Path, Old);
        _hcp.Token = "hvs.worthless-and-wrong";

        var failure = await FailureAsync();

        failure.Kind.Should().Be(FailureKind.Unauthenticated);
        $"{failure} {failure.Hint}".Should().NotContain("wrong");
    }

    [Fact]
    public async Task What_someone_else_keeps_where_values_are_staged_is_left_alone()
    {
        var version = _hcp.Seed(Path, Old);
        _hcp.Add(Path + SandboxedHashiCorp.Companion, """{"value":"precious"}""");
        _hcp.Add(Path + SandboxedHashiCorp.Companion, """{"value":"precious"}""");
        var vault = _hcp.Connect();
        var claim = await ClaimedAsync(vault, version);
        using var value = SecretValue.FromText(New);

        (await vault.Awaiting(v => v.StageAsync(claim, value, Stop)).Should().ThrowAsync<RemoteFailureException>())
            .Which.Kind.Should().Be(FailureKind.Conflict);

        _hcp.DataOf(Path + SandboxedHashiCorp.Companion)!["value"]!.GetValue<string>().Should().Be("precious");
    }

    [Fact]
    public async Task Marks_that_the_tool_did_not_write_are_not_taken_for_none()
    {
        _hcp.Seed(Path, Old);
        _hcp.Add(Path + SandboxedHashiCorp.Marks, """{"claim":"mine"}""");

        (await FailureAsync()).Kind.Should().Be(FailureKind.Garbled);
    }

    [Fact]
    public async Task Marks_that_a_person_deleted_are_none_and_can_be_written_again()
    {
        var version = _hcp.Seed(Path, Old);
        await ClaimedAsync(_hcp.Connect(), version);
        _hcp.Use(mount => mount.Secrets[Path + SandboxedHashiCorp.Marks].Versions[1].Deletion = DateTimeOffset.UnixEpoch);

        (await ClaimedAsync(_hcp.Connect(), version)).Base.Should().Be(version);
    }

    private static DeliveryMark Mark(VersionId version) =>
        new(version, Start, Start + Duration.FromMinutes(1), "0123456789abcdef", VerificationLevel.Listed, Rotation);

    private static ClaimRequest Request(VersionId version, SecretValue candidate) =>
        new(Rotation, version, Holder, Start, candidate, null) { Lease = Leases.Endless };

    private static async Task<Claim> ClaimedAsync(ISecretVault vault, VersionId version)
    {
        using var value = SecretValue.FromText(New);
        return (await vault.ClaimAsync(Path, Request(version, value), Stop)).Should().BeOfType<ClaimResult.Won>().Subject.Claim;
    }

    private static async Task<Claim> StagedAsync(ISecretVault vault, VersionId version)
    {
        var claim = await ClaimedAsync(vault, version);
        using var value = SecretValue.FromText(New);
        await vault.StageAsync(claim, value, Stop);
        return claim;
    }

    private async Task<RemoteFailureException> FailureAsync() =>
        (await _hcp.Connect().Awaiting(vault => vault.DescribeAsync(Path, Stop)).Should().ThrowAsync<RemoteFailureException>()).Which;

    private sealed class Recording(HttpMessageHandler inner, List<string> sent) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            sent.Add($"{request.Method} {(request.Headers.TryGetValues("X-Vault-Index", out var index) ? index.Single() : "")}");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
