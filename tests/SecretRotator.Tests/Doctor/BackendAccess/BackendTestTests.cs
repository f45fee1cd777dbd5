using SecretRotator.Backends;
using SecretRotator.Doctor.BackendAccess;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Tests.Doctor.BackendAccess;

/// <summary><c>backend test</c> finds what breaks a backend's promises, and leaves everything as it was.</summary>
public sealed class BackendTestTests
{
    private readonly ModelCloud _cloud = new();
    private readonly ModelCredentials _kept = new();

    [Theory]
    [InlineData(BackendFamily.Set, false)]
    [InlineData(BackendFamily.Set, true)]
    [InlineData(BackendFamily.Issue, false)]
    [InlineData(BackendFamily.Issue, true)]
    public async Task A_backend_that_keeps_its_promises_passes_and_is_left_as_it_was(BackendFamily family, bool writes)
    {
        var result = await TestAsync(family, writes);

        result.Results.Where(each => each.Status != CheckStatus.Pass).Should().BeEmpty();
        result.Results.Select(each => each.Id).Should().HaveCount(writes ? 9 : 4).And.OnlyHaveUniqueItems();
        result.LeftBehind.Should().BeFalse();
        _kept.Accepts(ModelBackend.Content("a", "old")).Should().BeTrue();
        _kept.Slots.Where(slot => slot.Value.Enabled).Should().ContainSingle();
        _cloud.Secrets[Secret(family, overlaps: true).Path].Describe().Open.Should().BeNull();
    }

    [Fact]
    public async Task One_that_accepts_anything_is_found_and_not_written_to()
    {
        var result = await TestAsync(BackendFamily.Set, writes: true, backend => new Broken(backend) { AcceptsAnything = true });

        Failed(result).Should().Equal("wrong-refused");
        _kept.Slots["b"].Value.Should().Be("older");
    }

    [Fact]
    public async Task One_that_disables_nothing_is_found() =>
        Failed(await TestAsync(BackendFamily.Set, writes: true, backend => new Broken(backend) { DisablesNothing = true }))
            .Should().Equal("disabled-refused");

    [Fact]
    public async Task One_that_changes_something_when_it_is_looked_at_is_found() =>
        Failed(await TestAsync(
            BackendFamily.Set, writes: false, backend => new Broken(backend) { WhenLookedAt = () => _kept.Slots["b"].Enabled ^= true }))
            .Should().Equal("looking-changes-nothing");

    [Fact]
    public async Task What_could_not_be_taken_away_again_is_left_behind_and_named()
    {
        var result = await TestAsync(BackendFamily.Issue, writes: true, backend => new Broken(backend) { DeletesNothing = true });

        result.LeftBehind.Should().BeTrue();
        Failed(result).Should().Equal("idle-slot-ended");
    }

    [Fact]
    public async Task A_login_that_has_no_answer_is_no_refusal()
    {
        _kept.IsDown = true;

        Failed(await TestAsync(BackendFamily.Set, writes: true)).Should().Equal("current-accepted", "wrong-refused");
    }

    [Fact]
    public async Task A_slot_in_grace_is_not_written_to()
    {
        var secret = Secret(BackendFamily.Set, overlaps: true);
        Prepare(secret);
        var machine = new ModelMachine(_cloud);
        await machine.RotateAsync(Inventories.Of(secret));
        var before = _kept.Slots.Select(slot => (slot.Key, slot.Value.Value, slot.Value.Enabled)).ToList();

        var result = await RunAsync(secret, machine, writes: true, backend => backend);

        result.Results.Should().Contain(each => each.Id == "idle-slot-written" && each.Status == CheckStatus.Unknown);
        _kept.Slots.Select(slot => (slot.Key, slot.Value.Value, slot.Value.Enabled)).Should().Equal(before);
    }

    [Fact]
    public async Task The_only_slot_is_never_written_to()
    {
        var secret = Secret(BackendFamily.Set, overlaps: false);
        Prepare(secret);

        var result = await RunAsync(secret, new ModelMachine(_cloud), writes: true, backend => backend);

        result.Results[^1].Status.Should().Be(CheckStatus.Unknown);
        _kept.Accepts(ModelBackend.Content("a", "old")).Should().BeTrue();
    }

    private static IEnumerable<string> Failed(BackendTestResult result) =>
        result.Results.Where(each => each.Status == CheckStatus.Fail).Select(each => each.Id);

    private Task<BackendTestResult> TestAsync(
        BackendFamily family, bool writes, Func<ICredentialBackend, ICredentialBackend>? breaking = null)
    {
        var secret = Secret(family, overlaps: true);
        Prepare(secret);
        return RunAsync(secret, new ModelMachine(_cloud), writes, breaking ?? (backend => backend));
    }

    private static ManagedSecret Secret(BackendFamily family, bool overlaps) => Inventories.Secret(
        "db",
        family == BackendFamily.Issue
            ? new ValuePolicy.Issued()
            : new ValuePolicy.Json([new GeneratedField("password", new ValueGenerator.Hex(20, null))]),
        new VariableTarget(Inventories.Payments, "DB", "password", MayCreate: false)) with
    {
        Backend = new ModelBackendDefinition(family, overlaps) { Lag = Duration.FromSeconds(15) },
        Grace = overlaps ? new GracePolicy.Lasting(Duration.FromHours(1)) : null,
    };

    private void Prepare(ManagedSecret secret)
    {
        _cloud.Deliver(secret, ModelBackend.Content("a", "old"), Duration.FromDays(40));
        _cloud.Backends["db"] = _kept;
        _kept.Slots["a"] = new ModelCredential { Value = "old" };
        if (secret.Backend!.Traits is { Family: BackendFamily.Set, Overlaps: true })
            _kept.Slots["b"] = new ModelCredential { Value = "older", Enabled = false };
    }

    private Task<BackendTestResult> RunAsync(
        ManagedSecret secret, ModelMachine machine, bool writes, Func<ICredentialBackend, ICredentialBackend> breaking) =>
        new BackendTest(
            secret, machine.Vault, breaking(machine.Tools.Backends(secret)!), RunLimits.Default, machine.Self, _cloud.Clock, machine.Time,
            new SystemRandom()).RunAsync(writes, TestContext.Current.CancellationToken);

    private sealed class Broken(ICredentialBackend inner) : ICredentialBackend
    {
        public bool AcceptsAnything { get; init; }

        public bool DisablesNothing { get; init; }

        public bool DeletesNothing { get; init; }

        public Action WhenLookedAt { get; init; } = () => { };

        public SlotId SlotOf(SecretValue credential) => inner.SlotOf(credential);

        public Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation)
        {
            WhenLookedAt();
            return inner.InspectAsync(current, cancellation);
        }

        public Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation) =>
            AcceptsAnything ? Task.FromResult(Proof.Accepted) : inner.ProveAsync(credential, cancellation);

        public SecretValue Prepare(SecretValue current, SecretValue generated) => inner.Prepare(current, generated);

        public Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation) =>
            inner.SetAsync(rotation, staged, cancellation);

        public Task<SecretValue> IssueAsync(RotationId rotation, SecretValue current, CancellationToken cancellation) =>
            inner.IssueAsync(rotation, current, cancellation);

        public Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) =>
            DisablesNothing ? Task.CompletedTask : inner.DisableAsync(slot, inUse, cancellation);

        public Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation) =>
            inner.EnableAsync(slot, credential, cancellation);

        public Task DeleteAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) => DeletesNothing
            ? throw new RemoteFailureException(FailureKind.AccessDenied, Effect.Rejected, "It may not be deleted.")
            : inner.DeleteAsync(slot, inUse, cancellation);
    }
}
