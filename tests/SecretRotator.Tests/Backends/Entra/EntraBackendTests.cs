using SecretRotator.Backends;
using SecretRotator.Providers.Backends.Entra;

namespace SecretRotator.Tests.Backends.Entra;

public sealed class EntraBackendTests : IssuingBackendContract
{
    private const string Application = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

    private static readonly RotationId Rotation = new("aaaaaaaa-0000-4000-8000-000000000003");

    private protected override BackendDefinition Definition { get; } =
        new EntraDefinition(null, Application, "secretId", "clientSecret", null);

    private protected override string IdField => "secretId";

    private protected override string SecretField => "clientSecret";

    private protected override string List => "graph.getApplication";

    private protected override string Issue => "graph.addPassword";

    private protected override string Disable => "graph.removePassword";

    private protected override string Delete => "graph.removePassword";

    private protected override string Prove => "entra.token";

    private protected override string LimitHint => $"az ad app credential delete --id {Application}";

    private protected override string DisabledCode => "AADSTS7000215";

    private protected override string Right(string operation) => "Application.ReadWrite.OwnedBy";

    [Fact]
    public async Task A_secret_tells_the_rotation_that_made_it()
    {
        using var current = await Stage.CurrentAsync();
        using var issued = await Backend.IssueAsync(Rotation, current, Stop);

        var slots = (await Backend.InspectAsync(current, Stop)).Slots;

        slots.Select(slot => (slot.Id, slot.MadeBy)).Should()
            .BeEquivalentTo([(Backend.SlotOf(current), (RotationId?)null), (Backend.SlotOf(issued), Rotation)]);
    }

    [Fact]
    public async Task One_that_was_cut_off_tells_its_rotation_too()
    {
        using var current = await Stage.CurrentAsync();
        Stage.Fault($"{Issue}=lost");

        await Failing(() => Backend.IssueAsync(Rotation, current, Stop));

        (await Backend.InspectAsync(current, Stop)).Slots.Where(slot => slot.Id != Backend.SlotOf(current)).Should().ContainSingle()
            .Which.MadeBy.Should().Be(Rotation);
    }

    [Fact]
    public async Task Changes_that_come_too_close_upon_each_other_are_repeated_after_a_pause()
    {
        using var current = await Stage.CurrentAsync();
        Stage.Fault($"{Issue}#1=409");
        Stage.Fault($"{Disable}#1=409");

        using var issued = await Backend.IssueAsync(Rotation, current, Stop);
        await Backend.DisableAsync(Backend.SlotOf(issued), Backend.SlotOf(current), Stop);

        (Stage.Count(Issue), Stage.Count(Disable)).Should().Be((2, 2));
        Stage.Time.Waits.Should().HaveCountGreaterThanOrEqualTo(2);
        (await Backend.InspectAsync(current, Stop)).Slots.Should().ContainSingle();
    }

    [Fact]
    public async Task An_expired_secret_is_refused_and_listed_as_such()
    {
        using var current = await Stage.CurrentAsync();
        await Stage.PassAsync(TimeSpan.FromDays(130));

        var proof = await Backend.ProveAsync(current, Stop);

        proof.Acceptance.Should().Be(Acceptance.Refused);
        proof.Why!.Message.Should().Contain("AADSTS7000222");
        (await Backend.InspectAsync(current, Stop)).Slots.Single().Enabled.Should().BeFalse();
    }

    [Fact]
    public async Task A_new_secret_outlives_its_period_by_far()
    {
        using var current = await Stage.CurrentAsync();
        using var issued = await Backend.IssueAsync(Rotation, current, Stop);
        await Stage.PassAsync(TimeSpan.FromDays(59));

        (await Backend.ProveAsync(issued, Stop)).Should().Be(Proof.Accepted);
        await Stage.PassAsync(TimeSpan.FromDays(2));
        (await Backend.ProveAsync(issued, Stop)).Acceptance.Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task A_lifetime_of_the_inventory_s_own_is_kept()
    {
        await using var stage = await IssuerStage.StartAsync(
            ((EntraDefinition)Definition) with { Validity = Duration.FromDays(90) }, atOnce: true);
        using var current = await stage.CurrentAsync();
        using var issued = await stage.Connect().IssueAsync(Rotation, current, Stop);

        var end = await stage.Host.Store.ReadAsync(state => state.Entra.Applications[Application].Secrets[^1].End, Stop);

        (Instant.FromDateTimeOffset(end) - stage.Clock.GetCurrentInstant()).TotalDays.Should().BeApproximately(90, 0.1);
    }

    [Fact]
    public async Task What_is_there_needs_no_enabling()
    {
        using var current = await Stage.CurrentAsync();

        await Backend.EnableAsync(Backend.SlotOf(current), current, Stop);

        Stage.Count(Issue).Should().Be(0);
    }

    [Fact]
    public async Task An_application_that_the_identity_does_not_own_is_not_changed()
    {
        using var current = await Stage.CurrentAsync();
        await Stage.Host.Store.ChangeAsync(state => state.Entra.Applications[Application].Owners.Clear(), Stop);

        var denied = await Failing(() => Backend.IssueAsync(Rotation, current, Stop));

        denied.Kind.Should().Be(FailureKind.AccessDenied);
        denied.Hint.Should().Contain($"az ad app owner add --id {Application}");
    }

    [Fact]
    public async Task An_application_that_is_not_there_is_told_and_proves_nothing()
    {
        using var current = await Stage.CurrentAsync();
        await Stage.Host.Store.ChangeAsync(state => state.Entra.Applications.Clear(), Stop);

        (await Failing(() => Backend.InspectAsync(current, Stop))).Kind.Should().Be(FailureKind.NotFound);
        var proof = await Backend.ProveAsync(current, Stop);
        (proof.Acceptance, proof.Why!.Kind).Should().Be((Acceptance.Unknown, FailureKind.NotFound));
    }

    [Theory]
    [InlineData(7000112, FailureKind.AccessDenied, "accountEnabled=true")]
    [InlineData(53003, FailureKind.AccessDenied, "Conditional Access")]
    [InlineData(50053, FailureKind.Throttled, "Wait")]
    [InlineData(50196, FailureKind.Throttled, "Wait")]
    [InlineData(90013, FailureKind.Other, "login.microsoftonline.com/error")]
    public async Task An_application_that_is_kept_out_is_neither_accepted_nor_refused(int code, FailureKind kind, string hint)
    {
        using var current = await Stage.CurrentAsync();
        await Stage.Host.Store.ChangeAsync(state => state.Entra.Applications[Application].RefusedWith = code, Stop);

        var proof = await Backend.ProveAsync(current, Stop);

        (proof.Acceptance, proof.Why!.Kind).Should().Be((Acceptance.Unknown, kind));
        proof.Why.Message.Should().Contain($"AADSTS{code}");
        proof.Why.Hint.Should().Contain(hint);
    }

    [Fact]
    public async Task A_certificate_that_no_one_trusts_gets_no_secret()
    {
        using var current = await Stage.CurrentAsync();
        var wary = Stage.Connect(trusted: false);

        var proof = await wary.ProveAsync(current, Stop);

        proof.Acceptance.Should().Be(Acceptance.Unknown);
        proof.Why!.Message.Should().Contain("isn't trusted, so nothing was sent");
        (await Failing(() => wary.IssueAsync(Rotation, current, Stop))).Effect.Should().Be(Effect.Rejected);
        (Stage.Count(Prove), Stage.Count(Issue)).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_token_that_can_t_be_had_is_told_as_such()
    {
        using var current = await Stage.CurrentAsync();
        await Stage.Host.Store.ChangeAsync(state => state.Entra.FederatedSubject = "arn:aws:iam::123456789012:role/another", Stop);

        var failure = await Failing(() => Backend.IssueAsync(Rotation, current, Stop));

        (failure.Kind, failure.Effect, failure.Failure.Service).Should()
            .Be((FailureKind.Unauthenticated, Effect.Rejected, "microsoft-entra"));
        failure.Message.Should().Contain("AADSTS700213");
        Stage.Count(Issue).Should().Be(0);
    }
}
