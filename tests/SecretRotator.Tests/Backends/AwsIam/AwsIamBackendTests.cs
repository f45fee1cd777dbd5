using SecretRotator.Backends;
using SecretRotator.Providers.Backends.AwsIam;

namespace SecretRotator.Tests.Backends.AwsIam;

public sealed class AwsIamBackendTests : IssuingBackendContract
{
    private const string Role = "arn:aws:iam::123456789012:role/secret-rotator";

    private static readonly RotationId Rotation = new("aaaaaaaa-0000-4000-8000-000000000002");

    private protected override BackendDefinition Definition { get; } =
        new AwsIamDefinition("ci/deploy", Role, "eu-west-1", "accessKeyId", "secretAccessKey");

    private protected override string IdField => "accessKeyId";

    private protected override string SecretField => "secretAccessKey";

    private protected override string List => "iam.ListAccessKeys";

    private protected override string Issue => "iam.CreateAccessKey";

    private protected override string Disable => "iam.UpdateAccessKey";

    private protected override string Delete => "iam.DeleteAccessKey";

    private protected override string Prove => "sts.GetCallerIdentity";

    private protected override string LimitHint => "aws iam delete-access-key --user-name deploy";

    private protected override string DisabledCode => "InvalidClientTokenId";

    private protected override string Right(string operation) =>
        $"Allow iam:{operation["iam.".Length..]} on arn:aws:iam::123456789012:user/ci/deploy for {Role}";

    [Fact]
    public async Task A_deactivated_key_is_listed_as_such_and_works_again_once_activated()
    {
        using var current = await Stage.CurrentAsync();
        using var issued = await Backend.IssueAsync(Rotation, current, Stop);
        var (inUse, other) = (Backend.SlotOf(current), Backend.SlotOf(issued));
        await Backend.DisableAsync(other, inUse, Stop);
        var seen = (await Backend.InspectAsync(current, Stop)).Find(other);

        await Backend.EnableAsync(other, issued, Stop);
        await Backend.EnableAsync(other, issued, Stop);

        seen!.Enabled.Should().BeFalse();
        (await Backend.InspectAsync(current, Stop)).Find(other)!.Enabled.Should().BeTrue();
        (await Backend.ProveAsync(issued, Stop)).Should().Be(Proof.Accepted);
    }

    [Fact]
    public async Task A_key_s_last_use_is_told_with_what_it_was_for()
    {
        using var current = await Stage.CurrentAsync();
        var before = (await Backend.InspectAsync(current, Stop)).Slots.Single();
        await Backend.ProveAsync(current, Stop);

        var after = (await Backend.InspectAsync(current, Stop)).Slots.Single();

        (before.UsedAt, before.UsedFor).Should().Be((null, null));
        (after.UsedAt > Stage.Clock.GetCurrentInstant() - Duration.FromMinutes(1)).Should().BeTrue();
        after.UsedFor.Should().Be("sts in eu-west-1");
    }

    [Fact]
    public async Task A_key_of_another_user_proves_nothing()
    {
        using var current = await Stage.CurrentAsync();
        await Stage.Host.Store.ChangeAsync(
            state => state.Sts.Credentials[Backend.SlotOf(current).Value].Arn = "arn:aws:iam::123456789012:user/else/deployer", Stop);

        var proof = await Backend.ProveAsync(current, Stop);

        proof.Acceptance.Should().Be(Acceptance.Unknown);
        proof.Why!.Message.Should().Contain("user/else/deployer").And.Contain("user/ci/deploy");
    }

    [Fact]
    public async Task A_wrong_clock_refuses_no_key()
    {
        // Never stopped: the SDK remembers until the process ends how far the clock of a host and port is off, so no other test may get
        // that port.
        var late = await IssuerStage.StartAsync(Definition, atOnce: true, "clock-skew");
        using var current = await late.CurrentAsync();

        var proof = await late.Connect().ProveAsync(current, Stop);

        proof.Acceptance.Should().Be(Acceptance.Unknown);
        proof.Why!.Hint.Should().Contain("clock");
    }

    [Fact]
    public async Task A_user_that_is_not_there_is_told()
    {
        using var current = await Stage.CurrentAsync();
        await Stage.Host.Store.ChangeAsync(state => state.Iam.Users.Clear(), Stop);

        var missing = await Failing(() => Backend.InspectAsync(current, Stop));

        missing.Kind.Should().Be(FailureKind.NotFound);
        missing.Hint.Should().Contain("deploy");
    }

    [Fact]
    public async Task Whoever_answers_as_IAM_is_named() =>
        (await Backend.InspectAsync(await Stage.CurrentAsync(), Stop)).Server.Should().Be(Stage.Host.EndpointOf("iam").Authority);

    [Fact]
    public async Task A_role_that_is_not_admitted_is_told_as_the_identity_s_failure()
    {
        using var current = await Stage.CurrentAsync();
        await Stage.Host.Store.ChangeAsync(state => state.Sts.Roles.Clear(), Stop);

        var failure = await Failing(() => Backend.IssueAsync(Rotation, current, Stop));

        (failure.Kind, failure.Effect, failure.Failure.Service).Should().Be((FailureKind.Unauthenticated, Effect.Rejected, "aws-sts"));
        Stage.Count(Issue).Should().Be(0);
    }
}
