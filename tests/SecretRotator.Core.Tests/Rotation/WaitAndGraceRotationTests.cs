using SecretRotator.Bitbucket;
using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>Rotations that mind the pipelines which run, and old versions that outlive their rotation.</summary>
public sealed class WaitAndGraceRotationTests
{
    private static readonly Duration Old = Duration.FromDays(30) + Duration.FromHours(1);
    private readonly ModelCloud _cloud = new();
    private readonly ModelPipelineReader _pipelines = new();
    private readonly ModelMachine _machine;

    public WaitAndGraceRotationTests() => _machine = new ModelMachine(_cloud);

    [Fact]
    public async Task A_pipeline_that_starts_between_the_plan_and_the_claim_stops_the_rotation()
    {
        var secret = Delivered(Secret() with { Wait = new IdleWait(Duration.FromHours(24)) });
        _pipelines.OnListed = number =>
        {
            if (number == 2)
                _pipelines.Start(12, ModelCloud.Start);
        };

        var outcome = await RunAsync(secret);

        outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Waiting>().Which.Why
            .Should().Contain("payments #12");
        Vault(secret).Open.Should().BeNull();
        _cloud.Calls.Should().NotContain(call => call.StartsWith("put ")).And.NotContain(call => call.StartsWith("promote "));
    }

    [Fact]
    public async Task It_rotates_when_nothing_runs_before_and_under_the_claim()
    {
        var secret = Delivered(Secret() with { Wait = new IdleWait(Duration.FromHours(24)) });

        (await RunAsync(secret)).Should().BeOfType<RotationOutcome.Rotated>();

        _pipelines.Listings.Should().Be(2);
    }

    [Fact]
    public async Task A_list_that_fails_under_the_claim_stops_the_rotation()
    {
        var secret = Delivered(Secret() with { Wait = new IdleWait(Duration.FromHours(24)) });
        _pipelines.OnListed = number =>
        {
            if (number == 2)
                throw new RemoteFailureException(FailureKind.Unavailable, Effect.Rejected, "Bitbucket answered 503.");
        };

        (await RunAsync(secret)).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Blocked>().Which.Why.Should().Contain("Bitbucket answered 503.");
        _cloud.Calls.Should().NotContain(call => call.StartsWith("put "));
    }

    [Fact]
    public async Task The_vault_is_not_asked_to_rotate_by_itself_while_pipelines_run()
    {
        var secret = DeliveredVaultManaged();
        _pipelines.OnListed = number =>
        {
            if (number == 2)
                _pipelines.Start(12, ModelCloud.Start);
        };

        (await RunAsync(secret)).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Waiting>();
        _cloud.Calls.Should().NotContain(call => call.StartsWith("rotate "));
    }

    [Fact]
    public async Task The_vault_is_asked_to_rotate_by_itself_when_nothing_runs_and_what_runs_then_is_not_asked_again()
    {
        var secret = DeliveredVaultManaged();

        (await RunAsync(secret)).Should().BeOfType<RotationOutcome.Rotated>();

        _pipelines.Listings.Should().Be(2);
    }

    [Fact]
    public async Task The_vault_is_asked_to_rotate_by_itself_by_force_whatever_runs()
    {
        var secret = DeliveredVaultManaged();
        _pipelines.Start(12, ModelCloud.Start);

        var outcome = await RunAsync(secret, PlanRequest.Everything with { Force = ["db"], ForcedBy = "ada", ForceReason = "leaked" });

        outcome.Should().BeOfType<RotationOutcome.Rotated>();
    }

    [Fact]
    public async Task Nothing_is_asked_about_a_secret_that_waits_for_nothing()
    {
        (await RunAsync(Delivered(Secret()))).Should().BeOfType<RotationOutcome.Rotated>();

        _pipelines.Listings.Should().Be(0);
    }

    [Fact]
    public async Task A_claim_that_was_released_is_not_taken_again_while_pipelines_run()
    {
        var trial = await ReleasedAsync(Secret() with { Wait = new IdleWait(Duration.FromHours(24)) });
        _pipelines.OnListed = number =>
        {
            if (number == 2)
                _pipelines.Start(12, ModelCloud.Start);
        };

        (await RunAsync(trial.ModelCloud, trial.Secret)).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Waiting>();
        trial.ModelCloud.Calls.Count(call => call.StartsWith("claim ")).Should().Be(2, "the killed run claimed it as well");
    }

    [Fact]
    public async Task A_claim_that_was_released_is_taken_again_without_a_question_where_the_secret_waits_for_nothing()
    {
        var trial = await ReleasedAsync(Secret());

        (await RunAsync(trial.ModelCloud, trial.Secret)).Should().BeOfType<RotationOutcome.Rotated>();
        _pipelines.Listings.Should().Be(0);
    }

    [Fact]
    public async Task Nothing_is_asked_about_a_secret_that_is_not_due()
    {
        var secret = Delivered(Secret() with { Wait = new IdleWait(Duration.FromHours(24)) }, Duration.FromDays(5));

        await RunAsync(secret);

        _pipelines.Listings.Should().Be(0);
    }

    [Fact]
    public async Task The_pipeline_of_this_run_counts_for_none()
    {
        var secret = Delivered(Secret() with { Wait = new IdleWait(Duration.FromHours(24)) });
        var self = new Holder.Pipeline("acme", "payments", "11111111-1111-4111-8111-000000000007", 7);
        _pipelines.Start(7, ModelCloud.Start, self.Uuid);

        var result = await new RotationJob(Tools(_machine) with { Self = self })
            .RunAsync(Inventories.Of(secret), PlanRequest.Everything, null, Stop);

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Rotated>();
    }

    [Theory]
    [InlineData("attest-secrets", true)]
    [InlineData("attest-secrets-production", true)]
    [InlineData("attest-secretsx", false)]
    [InlineData(null, false)]
    public async Task Pipelines_that_only_prove_what_they_see_count_for_none(string? custom, bool rotates)
    {
        var secret = Delivered(Secret() with { Wait = new IdleWait(Duration.FromHours(24)) });
        _pipelines.Running.Add(
            new RunningPipeline(new("acme", "payments"), "uuid-9", 9, "main", ModelCloud.Start, IsPending: false) { Custom = custom });
        var inventory = Inventories.Of(secret) with
        {
            Attestation = new AttestationPolicy("attest-secrets", "main", AttestationPolicy.UsualLimit, new("acme", "payments")),
        };

        var result = await new RotationJob(Tools(_machine)).RunAsync(inventory, PlanRequest.Everything, null, Stop);

        (result.Results[0].Outcome is RotationOutcome.Rotated).Should().Be(rotates);
    }

    [Fact]
    public async Task The_old_version_is_retired_by_a_later_run_once_the_pipelines_have_finished_that_ran_then()
    {
        var secret = Delivered(Secret() with { Grace = new GracePolicy.UntilPipelinesFinish(Duration.FromHours(6)) });
        var old = Vault(secret).Current;
        _pipelines.Start(12, ModelCloud.Start - Duration.FromMinutes(3));
        (await RunAsync(secret)).Should().BeOfType<RotationOutcome.Rotated>();

        Pass(Duration.FromHours(1));
        (await RunAsync(secret)).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.NotDue>();
        Vault(secret).Retired.Should().BeEmpty();

        _pipelines.Running.Clear();
        _pipelines.Start(13, _cloud.Clock.GetCurrentInstant());
        _cloud.Calls.Clear();
        (await RunAsync(secret)).Should().Be(new RotationOutcome.Retired(new(old)));

        Vault(secret).Retired.Should().Equal(old);
        Vault(secret).Open.Should().BeNull();
        _cloud.Agrees(secret).Should().BeTrue();
        _cloud.Calls.Should().NotContain(call => call.StartsWith("put "));
        Steps(RotationStep.Retire).Select(step => (step.State, step.Detail)).Should().Equal((StepState.Begun, null), (StepState.Done, old));
    }

    [Fact]
    public async Task Nothing_is_retired_where_nothing_was_asked_for()
    {
        var secret = Delivered(Secret());
        await RunAsync(secret);
        Pass(Duration.FromDays(20));

        await RunAsync(secret);

        Vault(secret).Grace.Should().BeNull();
        Vault(secret).Retired.Should().BeEmpty();
    }

    [Fact]
    public async Task A_retirement_that_is_refused_is_rolled_back_and_tried_again()
    {
        var secret = await InGraceOverAsync();
        _cloud.Fate = (call, _) => call.StartsWith("retire ") ? CallFate.Refused : CallFate.Works;

        (await RunAsync(secret)).Should().Be(new RotationOutcome.RolledBack(
                new(FailureKind.Unavailable, "retire path/db was refused.") { Effect = Effect.Rejected }, Cancelled: false));
        Vault(secret).Open.Should().BeNull();
        _cloud.Fate = (_, _) => CallFate.Works;

        (await RunAsync(secret)).Should().BeOfType<RotationOutcome.Retired>();
    }

    [Fact]
    public async Task A_retirement_without_an_answer_is_told_as_unknown_and_done_by_the_next_run()
    {
        var secret = await InGraceOverAsync();
        _cloud.Fate = (call, _) => call.StartsWith("retire ") ? CallFate.RequestLost : CallFate.Works;

        (await RunAsync(secret))
            .Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().ContainSingle().Which
            .Should().Contain("isn't known");
        _cloud.Fate = (_, _) => CallFate.Works;

        (await RunAsync(secret)).Should().BeOfType<RotationOutcome.Retired>();
    }

    [Fact]
    public async Task A_retirement_without_an_answer_whose_claim_is_left_as_well_tells_both()
    {
        var secret = await InGraceOverAsync();
        _cloud.Fate = (
            call, _) => call.StartsWith("retire ") ? CallFate.RequestLost : call.StartsWith("discard ") ? CallFate.Refused : CallFate.Works;

        (await RunAsync(secret)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone.Should().SatisfyRespectively(
            retirement => retirement.Should().Contain("isn't known"),
            claim => claim.Should().Be("The claim is left in the vault: discard path/db was refused. The next run releases it."));
    }

    [Fact]
    public async Task A_claim_that_a_retirement_could_not_release_is_told()
    {
        var secret = await InGraceOverAsync();
        _cloud.Fate = (call, _) => call.StartsWith("discard ") ? CallFate.Refused : CallFate.Works;

        (await RunAsync(secret))
            .Should().BeOfType<RotationOutcome.NeedsOperator>().Which.Cause.Message
            .Should().Contain("is retired, but its claim could not be released");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whenever_a_retirement_is_killed_later_runs_finish_it(bool claimStages)
    {
        foreach (var fate in new[] { CallFate.DiesBefore, CallFate.DiesAfter })
        {
            for (var number = 1; number < 20; number++)
            {
                var trial = new Trial(claimStages);
                if (!await trial.KillAsync(number, fate))
                    break;
                await trial.ShouldEndRetiredAsync();
            }
        }
    }

    [Fact]
    public async Task A_due_rotation_retires_the_version_whose_grace_is_over_first()
    {
        var secret = await InGraceOverAsync();
        var (oldest, old) = (Vault(secret).Previous!, Vault(secret).Current);
        Pass(Duration.FromDays(31));
        _cloud.Calls.Clear();

        (await RunAsync(secret)).Should().BeOfType<RotationOutcome.Rotated>();

        Vault(secret).Retired.Should().Equal(oldest);
        Vault(secret).Grace!.Version.Value.Should().Be(old);
        _cloud.Calls.FindIndex(call => call.StartsWith("retire ")).Should()
            .BeLessThan(_cloud.Calls.FindIndex(call => call.StartsWith("put ")));
    }

    [Fact]
    public async Task A_forced_rotation_retires_a_version_that_is_still_in_its_grace()
    {
        var secret = Delivered(Secret() with { Grace = new GracePolicy.Lasting(Duration.FromHours(6)) });
        var oldest = Vault(secret).Current;
        await RunAsync(secret);
        Pass(Duration.FromHours(1));

        (await RunAsync(secret, PlanRequest.Everything with { Force = ["db"], ForcedBy = "ada", ForceReason = "leaked" })).Should()
            .BeOfType<RotationOutcome.Rotated>();

        Vault(secret).Retired.Should().Equal(oldest);
        _machine.Evidence.OfType<EvidenceRecord.Decided>()
            .Last().Overrides
            .Should().ContainSingle().Which
            .Should().StartWith($"grace: version {oldest}");
    }

    [Fact]
    public async Task A_retirement_that_fails_on_the_way_of_a_rotation_leaves_everything_as_it_was()
    {
        var secret = await InGraceOverAsync();
        Pass(Duration.FromDays(31));
        _cloud.Calls.Clear();
        _cloud.Fate = (call, _) => call.StartsWith("retire ") ? CallFate.Refused : CallFate.Works;

        (await RunAsync(secret)).Should().BeOfType<RotationOutcome.RolledBack>();

        _cloud.Calls.Should().NotContain(call => call.StartsWith("put "));
        _cloud.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task Going_back_to_an_old_version_in_its_grace_does_not_retire_it()
    {
        var secret = Delivered(Secret() with { Grace = new GracePolicy.Lasting(Duration.FromHours(6)) });
        var old = Vault(secret).Current;
        await RunAsync(secret);
        Pass(Duration.FromHours(1));

        var result = await new RotationJob(Tools(_machine)).RollbackAsync(Inventories.Of(secret), new("db", old, "ada", "it broke"), Stop);

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Rotated>();
        Vault(secret).Retired.Should().BeEmpty();
        Vault(secret).CurrentContent.Should().Be("old-value");
    }

    [Fact]
    public async Task Going_back_waits_for_nothing_even_if_no_one_knows_what_runs()
    {
        var secret = Delivered(Secret() with { Wait = new IdleWait(Duration.FromHours(24)) });
        Vault(secret).Versions["older"] = ("older-value", ModelCloud.Start - Duration.FromDays(90));
        _pipelines.OnListed = _ => throw new RemoteFailureException(FailureKind.Unavailable, Effect.Rejected, "Bitbucket answered 503.");

        var result = await new RotationJob(Tools(_machine))
            .RollbackAsync(Inventories.Of(secret), new("db", "older", "ada", "it broke"), Stop);

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Rotated>();
        _machine.Evidence.OfType<EvidenceRecord.Decided>().Single().Overrides.Should().Equal("wait: what ran was not known");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static ManagedSecret Secret() => Inventories.Plain("db", Inventories.Payments, Inventories.Production);

    private ModelSecret Vault(ManagedSecret secret) => _cloud.Secrets[secret.Path];

    private IEnumerable<EvidenceRecord.Step> Steps(RotationStep kind) =>
        _machine.Evidence.OfType<EvidenceRecord.Step>().Where(step => step.Kind == kind);

    private ManagedSecret Delivered(ManagedSecret secret, Duration? age = null)
    {
        _cloud.Deliver(secret, "old-value", age ?? Old);
        return secret;
    }

    private async Task<ManagedSecret> InGraceOverAsync()
    {
        var secret = Delivered(Secret() with { Grace = new GracePolicy.Lasting(Duration.FromHours(1)) });
        await RunAsync(secret);
        Pass(Duration.FromHours(2));
        return secret;
    }

    private ManagedSecret DeliveredVaultManaged()
    {
        var target = new VariableTarget(Inventories.Payments, "DB", "password", false);
        var secret = Inventories.Secret("db", new ValuePolicy.VaultManaged(), target) with { Wait = new IdleWait(Duration.FromHours(24)) };
        _cloud.Deliver(secret, """{"password":"old-value"}""", Old);
        Vault(secret).Foreign = new ForeignRotation.ByVault();
        return secret;
    }

    /// <summary>A cloud in which a run was killed under its claim, before it had staged anything.</summary>
    private static async Task<(ModelCloud ModelCloud, ManagedSecret Secret)> ReleasedAsync(ManagedSecret secret)
    {
        var cloud = new ModelCloud { ClaimStages = false };
        cloud.Deliver(secret, "old-value", Old);
        cloud.Fate = (call, _) => call.StartsWith("stage ") ? CallFate.DiesBefore : CallFate.Works;
        var tools = new ModelMachine(cloud).Tools with { InFlight = new ModelPipelineReader() };
        await new RotationJob(tools).RunAsync(Inventories.Of(secret), PlanRequest.Everything, null, Stop);
        cloud.Fate = (_, _) => CallFate.Works;
        return (cloud, secret);
    }

    private async Task<RotationOutcome> RunAsync(ModelCloud cloud, ManagedSecret secret)
    {
        var request = PlanRequest.Everything with { TakeOver = ["db"] };
        return (await new RotationJob(Tools(new ModelMachine(cloud)))
            .RunAsync(Inventories.Of(secret), request, null, Stop)).Results[0].Outcome;
    }

    private void Pass(Duration time) => _cloud.Clock.Advance(time);

    private RotationTools Tools(ModelMachine machine) => machine.Tools with { InFlight = _pipelines };

    private async Task<RotationOutcome> RunAsync(ManagedSecret secret, PlanRequest? request = null) =>
        (await new RotationJob(Tools(_machine))
            .RunAsync(Inventories.Of(secret), request ?? PlanRequest.Everything, null, Stop)).Results[0].Outcome;

    /// <summary>One cloud in which a retirement is killed at one of its calls.</summary>
    private sealed class Trial
    {
        private readonly ModelCloud _cloud;
        private readonly ManagedSecret _secret = Secret() with { Grace = new GracePolicy.Lasting(Duration.FromHours(1)) };
        private ModelMachine _machine;

        public Trial(bool claimStages)
        {
            _cloud = new ModelCloud { ClaimStages = claimStages };
            _cloud.Deliver(_secret, "old-value", Old);
            _machine = new ModelMachine(_cloud);
        }

        public async Task<bool> KillAsync(int number, CallFate fate)
        {
            await _machine.RotateAsync(Inventories.Of(_secret));
            _cloud.Clock.Advance(Duration.FromHours(2));
            _cloud.Calls.Clear();
            var calls = 0;
            _cloud.Fate = (_, _) => Interlocked.Increment(ref calls) == number ? fate : CallFate.Works;
            try
            {
                await _machine.RotateAsync(Inventories.Of(_secret));
            }
            catch (ProcessDiedException)
            {
            }

            _cloud.Fate = (_, _) => CallFate.Works;
            return _machine.IsDead;
        }

        public async Task ShouldEndRetiredAsync()
        {
            for (var run = 0; run < 3; run++)
            {
                _machine = _machine.Successor();
                await _machine.RotateAsync(Inventories.Of(_secret));
            }

            var vault = _cloud.Secrets[_secret.Path];
            vault.Retired.Should().Equal(vault.Previous!);
            vault.Open.Should().BeNull();
            _cloud.Agrees(_secret).Should().BeTrue();
        }
    }
}
