using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Attestations;

/// <summary>Rotations whose targets ask for the proof of a pipeline.</summary>
public sealed class AttestedRotationTests
{
    private static readonly VariableScope.Repository Home = new("acme", "secret-rotator");
    private readonly ModelCloud _cloud = new();

    [Fact]
    public async Task A_rotation_whose_targets_all_prove_it_is_attested()
    {
        var secret = Deliver(Attested("db", Inventories.Payments, Inventories.Production, Inventories.Workspace));

        var outcome = await RotateAsync(secret);

        outcome.Should().BeOfType<RotationOutcome.Rotated>().Which.Level.Should().Be(VerificationLevel.Attested);
        _cloud.Secrets[secret.Path].Delivered!.Level.Should().Be(VerificationLevel.Attested);
        _cloud.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task Each_place_has_its_own_pipeline()
    {
        await RotateAsync(Deliver(Attested("db", Inventories.Payments, Inventories.Production, Inventories.Workspace)));

        _cloud.Calls.Where(c => c.StartsWith("run ")).Should()
            .BeEquivalentTo("run payments:attest", "run payments:attest-production", "run secret-rotator:attest");
    }

    [Fact]
    public async Task A_pipeline_is_asked_for_the_key_as_Bitbucket_writes_it()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        _cloud.Variables[Inventories.Payments] = [_cloud.Variables[Inventories.Payments][0] with { Key = "Db" }];

        (await RotateAsync(secret)).Should().BeOfType<RotationOutcome.Rotated>();
    }

    [Fact]
    public async Task The_secrets_of_a_run_share_the_pipeline_of_a_place()
    {
        var secrets = new[]
        {
            Deliver(Attested("db", Inventories.Payments)),
            Deliver(Attested("queue", Inventories.Payments)),
            Deliver(Attested("mail", Inventories.Payments)),
        };

        var result = await new ModelMachine(_cloud).RotateAsync(Of(secrets));

        result.Results.Select(r => r.Outcome).Should().AllBeOfType<RotationOutcome.Rotated>();
        _cloud.Calls.Count(c => c.StartsWith("run ")).Should().Be(1);
    }

    [Fact]
    public async Task A_secret_that_fails_early_lets_the_others_be_proven()
    {
        var secrets = new[] { Deliver(Attested("db", Inventories.Payments)), Deliver(Attested("queue", Inventories.Payments)) };
        _cloud.Fate = (call, _) => call == "put payments:QUEUE" ? CallFate.Refused : CallFate.Works;

        var result = await new ModelMachine(_cloud).RotateAsync(Of(secrets));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Rotated>().Which.Level.Should().Be(VerificationLevel.Attested);
        result.Results[1].Outcome.Should().BeOfType<RotationOutcome.RolledBack>();
    }

    [Fact]
    public async Task A_pipeline_runs_after_every_variable_was_put_and_listed()
    {
        await RotateAsync(Deliver(Attested("db", Inventories.Payments)));

        var run = _cloud.Calls.FindIndex(c => c.StartsWith("run "));
        run.Should().BeGreaterThan(_cloud.Calls.FindLastIndex(c => c.StartsWith("put "))).And
            .BeGreaterThan(_cloud.Calls.FindLastIndex(c => c == "list payments"));
        run.Should().BeLessThan(_cloud.Calls.FindIndex(c => c.StartsWith("promote ")));
    }

    [Fact]
    public async Task A_secret_has_the_level_of_its_weakest_target()
    {
        var secret = Attested("db", Inventories.Payments, Inventories.Production);
        secret = Deliver(secret with { Targets = [secret.Targets[0], secret.Targets[1] with { Verify = VerificationLevel.Listed }] });

        (await RotateAsync(secret)).Should().BeOfType<RotationOutcome.Rotated>().Which.Level.Should().Be(VerificationLevel.Listed);
    }

    [Fact]
    public async Task Evidence_names_each_target_that_was_proven()
    {
        var secret = Attested("db", Inventories.Payments, Inventories.Production);
        secret = Deliver(secret with { Targets = [secret.Targets[0], secret.Targets[1] with { Verify = VerificationLevel.Listed }] });
        var machine = new ModelMachine(_cloud);
        await machine.RotateAsync(Of(secret));

        machine.Evidence.OfType<EvidenceRecord.Step>().Where(s => s is { Kind: RotationStep.Verify, State: StepState.Done })
            .Select(s => (s.Target, s.Detail))
            .Should().Equal(("payments:DB", "attested"), (null, "listed"));
    }

    [Fact]
    public async Task A_step_that_does_not_list_the_key_proves_nothing_and_the_rotation_is_rolled_back()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        _cloud.UnlistedKeys.Add("DB");

        (await RotateAsync(secret)).Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message
            .Should().EndWith("doesn't answer for DB. Add it to the list sr_allowed in the script of its step.");
        ShouldBeOld(secret);
    }

    [Fact]
    public async Task A_shadowed_target_is_rolled_back_and_named()
    {
        var secret = Deliver(Attested("db", Inventories.Payments, Inventories.Workspace));
        _cloud.Variables[Home] = [new ModelVariable(_cloud.NewUuid(), "DB", "someone-elses", Secured: true)];

        (await RotateAsync(secret)).Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message
            .Should().StartWith("workspace:DB: pipeline #").And
            .Contain("sees another value").And
            .Contain("shadowed by a variable DB of the repository secret-rotator");
        ShouldBeOld(secret);
    }

    [Fact]
    public async Task A_step_that_still_sees_the_value_from_before_is_told_apart()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        _cloud.Variables[new VariableScope.Environment("acme", "payments", "attest")] =
        [
            new ModelVariable(_cloud.NewUuid(), "DB", "old-value", Secured: true),
        ];

        (await RotateAsync(secret, new AttestationPolicy("on-attest", "main", Duration.FromMinutes(15), Home))).Should()
            .BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message
            .Should().Contain("still sees the value from before");
        ShouldBeOld(secret);
    }

    [Fact]
    public async Task A_variable_that_the_step_lacks_is_rolled_back()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        _cloud.OnPipeline = p => p.Log = "secret-rotator attestation 1 DB missing\n";

        (await RotateAsync(secret))
            .Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message
            .Should().Contain("has no variable DB");
        ShouldBeOld(secret);
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret-rotator attestation 1 DB deadbeef\n")]
    [InlineData("secret-rotator attestation 1 DB $DB\n")]
    [InlineData("<!DOCTYPE html><html><body>Please sign in</body></html>")]
    public async Task A_log_without_a_readable_answer_is_rolled_back(string log)
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        _cloud.OnPipeline = p => p.Log = log;

        (await RotateAsync(secret))
            .Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message
            .Should().Contain("gave no answer for DB");
        ShouldBeOld(secret);
    }

    [Fact]
    public async Task Two_answers_for_one_key_are_none()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        _cloud.OnPipeline = p => p.Log += $"secret-rotator attestation 1 DB {new string('0', 64)}\n";

        (await RotateAsync(secret)).Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld(secret);
    }

    [Fact]
    public async Task An_answer_under_another_nonce_is_refused()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        await RotateAsync(secret);
        var replayed = _cloud.Pipelines[0].Log;
        var machine = new ModelMachine(_cloud);
        _cloud.OnPipeline = p => p.Log = replayed;
        // The same value is delivered again, so that only the nonce differs.
        _cloud.Secrets[secret.Path].Delivered = null;
        _cloud.Clock.AdvanceDays(1);

        var result = await machine.RotateAsync(Of(secret), PlanRequest.Everything with { Adopt = true });

        result.Results[0].Outcome
            .Should().BeOfType<RotationOutcome.NeedsOperator>().Which.Cause.Message
            .Should().Contain("sees another value");
        _cloud.Nonces.Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData("ERROR")]
    [InlineData("STOPPED")]
    [InlineData("EXPIRED")]
    public async Task A_pipeline_that_ended_in_another_way_proves_nothing(string result)
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        _cloud.OnPipeline = p => p.Result = result;

        (await RotateAsync(secret))
            .Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message
            .Should().Contain($"ended as {result}");
        ShouldBeOld(secret);
    }

    [Fact]
    public async Task A_failed_pipeline_proves_nothing_and_its_log_says_why()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        _cloud.OnPipeline = p => (p.Result, p.Log) = ("FAILED", p.Log + "secret-rotator attestation 1 - no-openssl\n");

        (await RotateAsync(secret)).Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message.Should().Contain("has no openssl");
        ShouldBeOld(secret);
    }

    [Theory]
    [InlineData("run payments:attest")]
    [InlineData("look payments")]
    [InlineData("log payments")]
    public async Task A_call_that_fails_is_a_proof_that_fails(string failing)
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        _cloud.Fate = (call, _) => call == failing ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(secret))
            .Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message
            .Should().Contain("could not be proven").And
            .Contain(failing);
        ShouldBeOld(secret);
    }

    [Fact]
    public async Task A_pipeline_that_never_ends_is_stopped_at_the_limit()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        _cloud.OnPipeline = p => p.Looks = int.MaxValue;
        var time = new SkippingTime();

        var result = await new ModelMachine(_cloud) { Time = time }.RotateAsync(Of(secret));

        result.Results[0].Outcome
            .Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message
            .Should().Contain("didn't end within 15 minutes").And
            .Contain("PENDING");
        _cloud.Pipelines.Single().IsStopped.Should().BeTrue();
        time.Waits.Take(3).Should().Equal(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(7.5), TimeSpan.FromSeconds(11.25));
        _cloud.Calls.Count(c => c == "look payments").Should().BeLessThan(40);
        ShouldBeOld(secret);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_stops_its_pipeline_and_puts_everything_back()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        var machine = new ModelMachine(_cloud);
        _cloud.OnPipeline = p =>
        {
            p.Looks = int.MaxValue;
            machine.Cancellation.Cancel();
        };

        var result = await machine.RotateAsync(Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.RolledBack>().Which.Cancelled.Should().BeTrue();
        _cloud.Pipelines.Single().IsStopped.Should().BeTrue();
        ShouldBeOld(secret);
    }

    [Fact]
    public async Task A_delivery_that_is_not_proven_only_goes_forward()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        _cloud.Secrets[secret.Path].Delivered = null;
        _cloud.OnPipeline = p => p.Log = "";

        var result = await new ModelMachine(_cloud).RotateAsync(Of(secret), PlanRequest.Everything with { Adopt = true });

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.NeedsOperator>();
        _cloud.Secrets[secret.Path].Delivered.Should().BeNull();
    }

    [Fact]
    public async Task A_rotation_that_is_resumed_is_proven_anew()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        var died = new ModelMachine(_cloud);
        _cloud.Fate = (call, _) => call == "log payments" ? CallFate.DiesBefore : CallFate.Works;
        await died.Invoking(m => m.RotateAsync(Of(secret))).Should().NotThrowAsync();
        _cloud.Fate = (_, _) => CallFate.Works;

        var result = await died.Successor().RotateAsync(Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Rotated>().Which.Level.Should().Be(VerificationLevel.Attested);
        _cloud.Pipelines.Should().HaveCount(2);
        _cloud.Nonces.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Neither_nonce_nor_value_stands_in_evidence_and_both_are_wiped()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        var machine = new ModelMachine(_cloud);
        await machine.RotateAsync(Of(secret));

        var evidence = string.Join('\n', machine.Evidence.Select(r => r.ToString()));
        evidence.Should().NotContain(_cloud.Nonces.Single()).And.NotContain(_cloud.Find(secret.Targets[0])!.Value);
        machine.Values.Should().AllSatisfy(value => value.Invoking(v => v.Copy()).Should().Throw<ObjectDisposedException>());
    }

    [Fact]
    public async Task The_plan_announces_one_pipeline_a_place()
    {
        var secrets = new[] { Deliver(Attested("db", Inventories.Payments)), Deliver(Attested("queue", Inventories.Payments)) };
        var listed = secrets.Select(s => s with { Targets = [s.Targets[0] with { Verify = VerificationLevel.Listed }] }).ToArray();

        var (attested, usual) = (await PlanAsync(secrets), await PlanAsync(listed));

        (attested.ActionCost.Bitbucket - usual.ActionCost.Bitbucket).Should().Be(8);
    }

    [Fact]
    public async Task Retiring_needs_no_proof_and_is_announced_without_one()
    {
        var secret = await InGraceOverAsync("db");
        var listed = secret with { Targets = [secret.Targets[0] with { Verify = VerificationLevel.Listed }] };

        var (attested, usual) = (await PlanAsync([secret]), await PlanAsync([listed]));

        attested.Items.Single().Decision.Should().BeOfType<Decision.Retire>();
        attested.ActionCost.Should().Be(usual.ActionCost);
    }

    // The limit is for a run that waits for ever.
    [Fact(Timeout = 60_000)]
    public async Task A_retirement_beside_it_holds_up_no_proof_of_the_same_place()
    {
        var old = await InGraceOverAsync("db");
        var due = Deliver(Attested("queue", Inventories.Payments));

        var result = await new ModelMachine(_cloud).RotateAsync(Of(old, due)).WaitAsync(TestContext.Current.CancellationToken);

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Retired>();
        result.Results[1].Outcome.Should().BeOfType<RotationOutcome.Rotated>().Which.Level.Should().Be(VerificationLevel.Attested);
    }

    [Fact]
    public async Task A_reviewed_plan_holds_only_while_the_proof_that_it_asks_for_stays()
    {
        var secret = Deliver(Attested("db", Inventories.Payments));
        var listed = secret with { Targets = [secret.Targets[0] with { Verify = VerificationLevel.Listed }] };

        (await PlanAsync([secret])).Digest.Should().NotBe((await PlanAsync([listed])).Digest);
    }

    [Fact]
    public async Task What_no_target_asks_for_is_not_run()
    {
        var secret = Deliver(Inventories.Plain("db", Inventories.Payments));

        await RotateAsync(secret);

        _cloud.Pipelines.Should().BeEmpty();
    }

    private async Task<RotationPlan> PlanAsync(ManagedSecret[] secrets)
    {
        var machine = new ModelMachine(_cloud);
        var observation = await new Observer(_ => machine.Vault, machine.Variables, machine, _cloud.Clock, 8)
            .ObserveAsync(Of(secrets), PlanRequest.Everything, TestContext.Current.CancellationToken);
        return Planner.Plan(Of(secrets), observation, PlanRequest.Everything, _cloud.Clock.GetCurrentInstant(), _ => machine.Vault.Costs);
    }

    private async Task<RotationOutcome> RotateAsync(ManagedSecret secret, AttestationPolicy? policy = null) =>
        (await new ModelMachine(_cloud).RotateAsync(Of(secret) with { Attestation = policy ?? Policy })).Results.Single().Outcome;

    private static AttestationPolicy Policy => new("attest", "main", AttestationPolicy.UsualLimit, Home);

    private static RotationInventory Of(params ManagedSecret[] secrets) => Inventories.Of(secrets) with { Attestation = Policy };

    private static ManagedSecret Attested(string name, params VariableScope[] scopes)
    {
        var secret = Inventories.Plain(name, scopes);
        return secret with { Targets = [.. secret.Targets.Select(t => t with { Verify = VerificationLevel.Attested })] };
    }

    private async Task<ManagedSecret> InGraceOverAsync(string name)
    {
        var secret = Deliver(Attested(name, Inventories.Payments) with { Grace = new GracePolicy.Lasting(Duration.FromHours(1)) });
        (await RotateAsync(secret)).Should().BeOfType<RotationOutcome.Rotated>();
        _cloud.Clock.Advance(Duration.FromHours(2));
        return secret;
    }

    private ManagedSecret Deliver(ManagedSecret secret)
    {
        _cloud.Deliver(secret, "old-value", Duration.FromDays(40));
        return secret;
    }

    private void ShouldBeOld(ManagedSecret secret)
    {
        _cloud.Secrets[secret.Path].CurrentContent.Should().Be("old-value");
        _cloud.Agrees(secret).Should().BeTrue();
        _cloud.Secrets[secret.Path].Open.Should().BeNull();
    }
}
