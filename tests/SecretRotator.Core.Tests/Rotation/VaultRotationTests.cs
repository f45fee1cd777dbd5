using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>A rotation that the vault makes itself: asked for, waited for, delivered.</summary>
public sealed class VaultRotationTests
{
    private readonly ModelCloud _cloud = new();
    private readonly ModelMachine _machine;
    private readonly ManagedSecret _secret = Inventories.Secret(
        "db", new ValuePolicy.VaultManaged(), new VariableTarget(Inventories.Payments, "DB", "password", false));

    public VaultRotationTests()
    {
        _machine = new ModelMachine(_cloud);
        _cloud.Deliver(_secret, """{"password":"old"}""", Duration.FromDays(40));
        Vault.Foreign = new ForeignRotation.ByVault();
    }

    private ModelSecret Vault => _cloud.Secrets[_secret.Path];

    [Fact]
    public async Task It_is_waited_for_and_asked_for_once()
    {
        Vault.LooksUntilRotated = 6;
        var before = Vault.Current;
        var outcome = (await RotateAsync()).Should().BeOfType<RotationOutcome.Rotated>().Which;

        (outcome.From.Value, outcome.To.Value).Should().Be((before, Vault.Current));
        _cloud.Calls.Count(c => c.StartsWith("rotate ")).Should().Be(1);
        _cloud.Agrees(_secret).Should().BeTrue();
        _machine.Evidence.OfType<SecretRotator.Evidence.EvidenceRecord.Step>().Should()
            .Contain(s => s.Detail == $"{before} -> {Vault.Current}");
    }

    [Fact]
    public async Task The_claim_says_that_the_vault_rotates_it_so_that_nothing_of_the_vault_s_is_used()
    {
        await RotateAsync();
        var other = Inventories.Plain("other", Inventories.Payments);
        _cloud.Deliver(other, "old", Duration.FromDays(40));
        await _machine.RotateAsync(Inventories.Of(other));

        _cloud.Claims.Select(claim => claim.VaultRotates).Should().Equal(true, false);
    }

    [Fact]
    public async Task What_another_run_has_delivered_meanwhile_is_not_delivered_again()
    {
        _cloud.Fate = (call, _) =>
        {
            if (call.StartsWith("claim "))
                Vault.Delivered = Vault.Delivered! with
                {
                    Version = new(Vault.Current),
                    ValueSince = ModelCloud.Start,
                    DeliveredAt = ModelCloud.Start,
                };
            return CallFate.Works;
        };

        (await RotateAsync()).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.NotDue>();
        _cloud.Calls.Should().NotContain(call => call.StartsWith("put "));
        Vault.Open.Should().BeNull();
    }

    [Fact]
    public async Task No_claim_is_told_to_stage_later_where_the_value_is_there_before_it_or_is_the_current_one()
    {
        await RotateAsync();
        var other = Inventories.Plain("other", Inventories.Payments);
        _cloud.Deliver(other, "old", Duration.FromDays(40));
        await _machine.RotateAsync(Inventories.Of(other));

        _cloud.Claims.Should().HaveCount(2).And.OnlyContain(claim => !claim.StagesLater);
    }

    [Fact]
    public async Task A_rotation_of_the_vault_s_own_during_the_delivery_is_noticed_and_the_next_run_delivers_what_came_of_it()
    {
        Vault.Delivered = Vault.Delivered! with { Version = new("before") };
        _cloud.At("put payments:DB", Move);

        (await RotateAsync())
            .Should().BeOfType<RotationOutcome.NeedsOperator>().Which.Cause.Message
            .Should().Contain("The vault rotated it meanwhile");
        (await RotateAsync()).Should().BeOfType<RotationOutcome.Redelivered>();
        _cloud.Agrees(_secret).Should().BeTrue();
    }

    private void Move()
    {
        Vault.Versions["later"] = ("""{"password":"later"}""", ModelCloud.Start);
        Vault.Current = "later";
    }

    [Fact]
    public async Task It_is_asked_for_with_an_id_that_depends_on_secret_and_version_alone()
    {
        await RotateAsync();
        var other = new ModelCloud();
        other.Deliver(_secret, """{"password":"old"}""", Duration.FromDays(40));
        other.Secrets[_secret.Path].Foreign = new ForeignRotation.ByVault();
        await new ModelMachine(other).RotateAsync(Inventories.Of(_secret));
        other.Secrets[_secret.Path].Delivered = other.Secrets[_secret.Path].Delivered! with
        {
            ValueSince = ModelCloud.Start - Duration.FromDays(40),
        };
        other.Clock.AdvanceHours(1);
        await new ModelMachine(other).RotateAsync(Inventories.Of(_secret));

        other.Secrets[_secret.Path].Previous.Should().Be(Vault.Current);
        other.Secrets[_secret.Path].Current.Should().NotBe(Vault.Current);
    }

    [Fact]
    public async Task It_is_asked_for_with_a_uuid_of_version_4()
    {
        foreach (var name in Enumerable.Range(1, 8).Select(number => $"db{number}"))
        {
            var (cloud, secret) = (new ModelCloud(), Inventories.Secret(name, new ValuePolicy.VaultManaged(), _secret.Targets[0]));
            cloud.Deliver(secret, """{"password":"old"}""", Duration.FromDays(40));
            cloud.Secrets[secret.Path].Foreign = new ForeignRotation.ByVault();
            await new ModelMachine(cloud).RotateAsync(Inventories.Of(secret));

            cloud.Secrets[secret.Path].Current.Should().MatchRegex("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$");
        }
    }

    [Fact]
    public async Task It_is_looked_for_ever_less_often_until_its_limit_has_passed()
    {
        Vault.LooksUntilRotated = int.MaxValue;
        var time = new SkippingTime();
        // The first seven pauses together: at the very limit it is waited for once more.
        var tools = new ModelMachine(_cloud) { Time = time }.Tools with { VaultRotationLimit = Duration.FromSeconds(30.78) };
        await new RotationJob(tools).RunAsync(Inventories.Of(_secret), PlanRequest.Everything, null, TestContext.Current.CancellationToken);

        time.Waits.Select(wait => wait.TotalSeconds).Should().Equal(1, 1.5, 2.25, 3.375, 5.062, 7.593, 10, 10);
    }

    [Fact]
    public async Task Refused_nothing_was_changed()
    {
        _cloud.Fate = (call, _) => call.StartsWith("rotate ") ? CallFate.Refused : CallFate.Works;

        (await RotateAsync()).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Blocked>().Which
            .Should().Be(new Decision.Blocked(
                new(FailureKind.Unavailable, "rotate path/db was refused.", "Fix what it says, then run again.")
                {
                    Effect =
                    Effect.Rejected
                }));
        _cloud.Calls.Should().NotContain(c => c.StartsWith("claim "));
    }

    [Theory]
    [InlineData("rotate path/db", CallFate.AnswerLost)]
    [InlineData("read path/db", CallFate.Refused)]
    public async Task Once_it_may_have_happened_an_operator_is_told_and_the_next_run_delivers_it(string call, CallFate fate)
    {
        _cloud.Fate = (made, number) => made == call && number == 1 ? fate : CallFate.Works;

        (await RotateAsync())
            .Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().ContainSingle().Which
            .Should().Contain("was asked to rotate");
        (await new ModelMachine(_cloud).RotateAsync(Inventories.Of(_secret))).Results
            .Single().Outcome
            .Should().BeOfType<RotationOutcome.Redelivered>();
        _cloud.Agrees(_secret).Should().BeTrue();
    }

    [Fact]
    public async Task One_that_never_comes_ends_at_its_limit()
    {
        Vault.LooksUntilRotated = int.MaxValue;
        var run = await new RotationJob(_machine.Tools with { VaultRotationLimit = Duration.Zero })
            .RunAsync(Inventories.Of(_secret), PlanRequest.Everything, null, TestContext.Current.CancellationToken);

        var outcome = run.Results.Single().Outcome.Should().BeOfType<RotationOutcome.NeedsOperator>().Which;
        FailureMessages.Text(outcome.Cause).Should().Contain("didn't move within 0 minutes").And.Contain("rotation function's log");
        _cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
    }

    private async Task<RotationOutcome> RotateAsync() => (await _machine.RotateAsync(Inventories.Of(_secret))).Results.Single().Outcome;
}
