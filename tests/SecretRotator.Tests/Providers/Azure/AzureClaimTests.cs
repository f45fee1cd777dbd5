using SecretRotator.Providers.Azure;
using SecretRotator.Sandbox.Azure;

namespace SecretRotator.Tests.Providers.Azure;

/// <summary>Claims that live beside the vault, and companions that may not be the tool's.</summary>
public sealed class AzureClaimTests : IAsyncLifetime
{
    private const string Path = "grid-api";
    private const string Staged = "grid-api-staged";
    private const string Value = "some-Value-7f3e1c";

    private SandboxedKeyVault _azure = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _azure = await SandboxedKeyVault.OpenAsync();

    public async ValueTask DisposeAsync() => await _azure.DisposeAsync();

    [Fact]
    public void Claims_of_different_secrets_and_vaults_have_different_keys()
    {
        var here = (AzureVault)_azure.Connect();
        var other = new AzureVaultDefinition("azure", new Uri("https://acme-test.vault.azure.net/"));
        using var factory = new AzureVaultFactory(
            new AzureSettings(), () => new SocketsHttpHandler(), new InMemoryLockStore(_azure.Home), SystemClock.Instance,
            new SystemRandom(), _azure.Time);
        var there = (AzureVault)factory.Create(other);

        new[] { here.ClaimKey("a"), here.ClaimKey("b"), there.ClaimKey("a") }.Should().OnlyHaveUniqueItems()
            .And.AllSatisfy(key => key.Should().MatchRegex("^SECRET_ROTATOR_CLAIM_[0-9A-F]{32}$"));
    }

    [Fact]
    public void The_same_secret_has_the_same_key_however_its_name_is_written()
    {
        using var factory = new AzureVaultFactory(
            new AzureSettings(), () => new SocketsHttpHandler(), new InMemoryLockStore(_azure.Home), SystemClock.Instance,
            new SystemRandom(), _azure.Time);
        var plain = (AzureVault)factory.Create(new AzureVaultDefinition("one", new Uri("https://acme-prod.vault.azure.net")));
        var shouted = (AzureVault)factory.Create(new AzureVaultDefinition("two", new Uri("https://ACME-PROD.vault.azure.net:443/")));

        shouted.ClaimKey("GRID-API").Should().Be(plain.ClaimKey("grid-api"));
    }

    [Fact]
    public async Task A_claim_without_anything_staged_is_an_open_rotation()
    {
        var version = _azure.Seed(Path, Value);
        await ContendAsync(1, version);

        var open = (await _azure.Connect().DescribeAsync(Path, Stop)).Open;

        (open?.Id, open?.Staged, open?.Holder).Should().Be((Rotation(1), false, Holder(1)));
    }

    [Fact]
    public async Task What_is_staged_stays_an_open_rotation_when_someone_deletes_the_claim()
    {
        var version = _azure.Seed(Path, Value);
        await StageAsync(version);
        _azure.Home.Erase(_azure.ClaimKey(Path));

        var open = (await _azure.Connect().DescribeAsync(Path, Stop)).Open!;

        (open.Id, open.Base, open.Staged, open.Holder, open.Handle).Should().Be((Rotation(1), version, true, Holder(1), ""));
        (await ContendAsync(2, version, open)).Should().BeOfType<ClaimResult.Won>();
    }

    [Fact]
    public async Task A_new_rotation_is_not_begun_over_a_staged_one_whose_claim_was_deleted()
    {
        var version = _azure.Seed(Path, Value);
        await StageAsync(version);
        _azure.Home.Erase(_azure.ClaimKey(Path));

        var result = await ContendAsync(2, version);

        result.Should().BeOfType<ClaimResult.Lost>().Which.Why.Should().Contain(Rotation(1).Value);
        _azure.Home.Keys.Should().BeEmpty();
    }

    [Fact]
    public async Task A_take_over_whose_own_claim_is_refused_is_unknown_since_the_dead_holder_s_claim_is_gone()
    {
        var version = _azure.Seed(Path, Value);
        await ContendAsync(1, version);
        var open = (await _azure.Connect().DescribeAsync(Path, Stop)).Open!;
        _azure.Fault("bitbucket.post=403");

        (await FailureAsync(() => ContendAsync(2, version, open))).Effect.Should().Be(Effect.Unknown);
    }

    [Fact]
    public async Task A_claim_that_someone_else_wrote_blocks_with_a_hint_and_stays()
    {
        var version = _azure.Seed(Path, Value);
        _azure.Home.Write(_azure.ClaimKey(Path), "hands off!");

        var failure = await FailureAsync(() => _azure.Connect().DescribeAsync(Path, Stop));
        var result = await ContendAsync(1, version);

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Garbled, Effect.Rejected));
        failure.Hint.Should().Contain("delete that variable");
        result.Should().BeOfType<ClaimResult.Lost>();
        _azure.Home.Keys.Should().ContainSingle();
    }

    [Fact]
    public async Task A_claim_whose_holder_is_cancelled_at_once_is_given_back()
    {
        var version = _azure.Seed(Path, Value);
        using var cancelled = new CancellationTokenSource();
        var vault = _azure.Connect();
        using var candidate = SecretValue.FromText(Value);
        _azure.Home.Trouble = (operation, _) =>
        {
            if (operation == "get")
                cancelled.Cancel();
            return ClaimTrouble.None;
        };

        await vault.Invoking(v => v.ClaimAsync(Path, Request(1, version, candidate, null), cancelled.Token)).Should()
            .ThrowAsync<OperationCanceledException>();

        _azure.Home.Keys.Should().BeEmpty();
    }

    [Fact]
    public async Task A_claim_that_can_neither_be_used_nor_given_back_is_told_as_unknown()
    {
        var version = _azure.Seed(Path, Value);
        _azure.Fault("azure.ListVersions#1..=403");
        _azure.Fault("bitbucket.delete=503");

        var failure = await FailureAsync(() => ContendAsync(1, version));

        failure.Effect.Should().Be(Effect.Unknown);
        failure.Hint.Should().Contain(_azure.ClaimKey(Path));
    }

    [Fact]
    public async Task Somebody_s_own_secret_by_the_companion_s_name_is_never_written()
    {
        _azure.Seed(Path, Value);
        _azure.Add(Staged, new AzureVersionState { Value = "theirs" });
        var claim = new Claim(Path, Rotation(1), new("any"), Holder(1), Instant.MinValue, "none") { Lease = Leases.Endless };
        using var candidate = SecretValue.FromText(Value);
        var vault = _azure.Connect();

        var described = await FailureAsync(() => vault.DescribeAsync(Path, Stop));
        await FailureAsync(() => vault.StageAsync(claim, candidate, Stop));

        (described.Kind, described.Effect).Should().Be((FailureKind.Conflict, Effect.Rejected));
        _azure.VersionsOf(Staged).Should().ContainSingle();
    }

    [Fact]
    public async Task A_companion_that_was_made_by_hand_for_its_permissions_serves()
    {
        var version = _azure.Seed(Path, Value);
        _azure.Add(
            Staged, new AzureVersionState
            {
                Value = "none",
                Enabled = false,
                Tags = new(StringComparer.Ordinal) { ["secret-rotator-rotation"] = "none" },
            });

        await StageAsync(version);

        (await _azure.Connect().DescribeAsync(Path, Stop)).Open!.Id.Should().Be(Rotation(1));
    }

    [Fact]
    public async Task A_staged_version_whose_tags_someone_spoilt_blocks()
    {
        var version = _azure.Seed(Path, Value);
        await StageAsync(version);
        _azure.VersionsOf(Staged)[0].Tags["secret-rotator-holder"] = "me";

        (await FailureAsync(() => _azure.Connect().DescribeAsync(Path, Stop))).Kind.Should().Be(FailureKind.Garbled);
    }

    [Fact]
    public async Task A_deleted_companion_is_for_a_person_to_decide_on()
    {
        var version = _azure.Seed(Path, Value);
        _azure.Add(
            Staged, new AzureVersionState
            {
                Value = "old",
                Enabled = false,
                Tags = new(StringComparer.Ordinal) { ["secret-rotator-rotation"] = "x" },
            });
        _azure.Delete(Staged);

        var failure = await FailureAsync(() => StageAsync(version));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Conflict, Effect.Rejected));
        failure.Message.Should().Contain(Staged).And.Contain("ObjectIsDeletedButRecoverable");
        failure.Hint.Should().Contain("az keyvault secret recover").And.Contain("purge");
    }

    [Fact]
    public async Task A_mark_that_someone_spoilt_blocks()
    {
        _azure.Add(
            Path, new AzureVersionState
            {
                Value = Value,
                Tags = new(StringComparer.Ordinal) { ["secret-rotator-delivered"] = "yesterday" },
            });

        var failure = await FailureAsync(() => _azure.Connect().DescribeAsync(Path, Stop));

        failure.Kind.Should().Be(FailureKind.Garbled);
        failure.Hint.Should().Contain("newer version").And.Contain("Remove that tag");
    }

    [Fact]
    public async Task A_secret_with_no_room_for_the_tool_s_tags_blocks()
    {
        _azure.Add(
            Path, new AzureVersionState
            {
                Value = Value,
                Tags = new(Enumerable.Range(0, 13).ToDictionary(n => $"t{n}", _ => "", StringComparer.Ordinal), StringComparer.Ordinal),
            });

        (await FailureAsync(() => _azure.Connect().DescribeAsync(Path, Stop))).Kind.Should().Be(FailureKind.Conflict);
    }

    [Fact]
    public async Task A_secret_of_a_certificate_belongs_to_another_service()
    {
        _azure.Seed(Path, Value);
        _azure.Use(vault => vault.Secrets[Path].Managed = true);

        (await _azure.Connect().DescribeAsync(Path, Stop)).Foreign.Should().BeOfType<ForeignRotation.ByService>();
    }

    [Theory]
    [InlineData("prod/db")]
    [InlineData("")]
    [InlineData("../keys")]
    [InlineData(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_name_that_Key_Vault_can_t_have_is_refused_without_a_call(string path)
    {
        var failure = await FailureAsync(() => _azure.Connect().DescribeAsync(path, Stop));

        failure.Effect.Should().Be(Effect.Rejected);
        _azure.Operations.Should().BeEmpty();
    }

    [Fact]
    public async Task A_value_that_is_too_long_is_rejected()
    {
        var claim = ((ClaimResult.Won)await ContendAsync(1, _azure.Seed(Path, Value))).Claim;
        using var candidate = SecretValue.FromText(new string('v', 25_601));

        var failure = await FailureAsync(() => _azure.Connect().StageAsync(claim, candidate, Stop));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Other, Effect.Rejected));
        failure.Hint.Should().Contain("25 KB");
    }

    private static RotationId Rotation(int number) => new($"00000000-0000-4000-8000-{number:x12}");

    private static Holder.Pipeline Holder(int number) => new("acme", "secret-rotator", $"11111111-1111-4111-8111-{number:x12}", number);

    private static ClaimRequest Request(int number, VersionId version, SecretValue candidate, OpenRotation? takeOver) =>
        new(takeOver?.Id ?? Rotation(number), version, Holder(number), Instant.FromUtc(2026, 11, 23, 1, 0), candidate, takeOver)
        {
            Lease =
            Leases.Endless
        };

    private static async Task<RemoteFailureException> FailureAsync(Func<Task> act)
    {
        var failure = (await act.Should().ThrowAsync<RemoteFailureException>()).Which;
        failure.ToString().Should().NotContain(Value);
        return failure;
    }

    private async Task<ClaimResult> ContendAsync(int number, VersionId version, OpenRotation? takeOver = null)
    {
        using var candidate = SecretValue.FromText(Value);
        return await _azure.Connect().ClaimAsync(Path, Request(number, version, candidate, takeOver), Stop);
    }

    private async Task StageAsync(VersionId version)
    {
        var claim = ((ClaimResult.Won)await ContendAsync(1, version)).Claim;
        using var candidate = SecretValue.FromText(Value);
        await _azure.Connect().StageAsync(claim, candidate, Stop);
    }
}
