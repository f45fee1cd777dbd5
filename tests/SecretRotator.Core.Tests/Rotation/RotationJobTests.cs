using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>Runs over several secrets, and the kinds of work besides a plain rotation.</summary>
public sealed class RotationJobTests
{
    private static readonly Duration Old = Duration.FromDays(40);
    private static readonly Duration Young = Duration.FromDays(4);
    private readonly ModelCloud _cloud = new();

    [Fact]
    public async Task Secrets_that_share_a_scope_share_its_verification_listing()
    {
        var secrets = Enumerable.Range(1, 24).Select(i => Inventories.Plain($"s{i}", Inventories.Payments)).ToArray();
        var result = await RunAsync(secrets, Old, parallelism: 4);

        result.Results.Should().OnlyContain(r => r.Outcome is RotationOutcome.Rotated);
        _cloud.Calls.Count(c => c == "list payments").Should().Be(2);
    }

    [Fact]
    public async Task A_secret_that_fails_does_not_keep_the_others_of_its_scope_waiting()
    {
        _cloud.Fate = (call, _) => call == "put payments:S2" ? CallFate.Refused : CallFate.Works;
        var result = await RunAsync(
            [.. Enumerable.Range(1, 4).Select(i => Inventories.Plain($"s{i}", Inventories.Payments))], Old, parallelism: 2);

        result.Results.Select(r => r.Outcome is RotationOutcome.Rotated).Should().Equal(true, false, true, true);
    }

    [Fact]
    public async Task A_verification_listing_that_fails_rolls_back_all_that_wait_for_it()
    {
        _cloud.Fate = (call, number) => call == "list payments" && number == 2 ? CallFate.Refused : CallFate.Works;
        var secrets = new[] { Inventories.Plain("s1", Inventories.Payments), Inventories.Plain("s2", Inventories.Payments) };
        var result = await RunAsync(secrets, Old);

        result.Results.Should().OnlyContain(r => r.Outcome is RotationOutcome.RolledBack);
        secrets.Should().OnlyContain(s => _cloud.Agrees(s));
    }

    [Fact]
    public async Task No_rotation_starts_after_as_many_failures_as_the_inventory_allows()
    {
        _cloud.Fate = (call, _) => call.StartsWith("claim ") ? CallFate.AnswerLost : CallFate.Works;
        var result = await RunAsync(
            [.. Enumerable.Range(1, 6).Select(i => Inventories.Plain($"s{i}", Inventories.Payments))], Old, parallelism: 1);

        result.Results.Count(r => r.Outcome is RotationOutcome.NeedsOperator).Should().Be(3);
        result.Results.Count(r => r.Outcome is RotationOutcome.Untouched { Decision: Decision.Blocked }).Should().Be(3);
    }

    [Fact]
    public async Task Of_many_runs_at_once_one_rotates_and_the_others_change_nothing()
    {
        var secret = Inventories.Plain("db", Inventories.Payments, Inventories.Workspace);
        var inventory = Inventories.Of(secret);
        _cloud.Deliver(secret, "old-value", Old);
        var runs = await Task.WhenAll(Enumerable.Range(1, 20).Select(_ => Task.Run(() => new ModelMachine(_cloud).RotateAsync(inventory))));

        runs.Select(r => r.Results[0].Outcome).Count(o => o is RotationOutcome.Rotated).Should().Be(1);
        runs.Select(r => r.Results[0].Outcome).Should().OnlyContain(o => o is RotationOutcome.Rotated || o is RotationOutcome.Untouched);
        _cloud.Calls.Count(c => c.StartsWith("put ")).Should().Be(2);
        _cloud.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task A_secret_that_was_never_delivered_waits_for_the_operators_word()
    {
        var (secret, outcome) = await RunOneAsync(Young, s => s.Delivered = null, PlanRequest.Everything);

        outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().Be(new Decision.Adopt(Approved: false));
        _cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
        _cloud.Secrets[secret.Path].Delivered.Should().BeNull();
    }

    [Fact]
    public async Task An_adopted_secret_gets_the_vaults_value_and_the_age_of_that_value()
    {
        var (secret, outcome) = await RunOneAsync(Young, s => s.Delivered = null, new PlanRequest { Adopt = true });

        outcome.Should().BeOfType<RotationOutcome.Adopted>();
        _cloud.Agrees(secret).Should().BeTrue();
        _cloud.Secrets[secret.Path].CurrentContent.Should().Be("old-value");
        _cloud.Secrets[secret.Path].Delivered!.ValueSince.Should().Be(ModelCloud.Start - Young);
    }

    [Fact]
    public async Task A_version_made_elsewhere_is_delivered_and_nothing_is_generated()
    {
        var (secret, outcome) = await RunOneAsync(Young, MoveOn, PlanRequest.Everything);

        outcome.Should().BeOfType<RotationOutcome.Redelivered>();
        _cloud.Secrets[secret.Path].CurrentContent.Should().Be("made-elsewhere");
        _cloud.Agrees(secret).Should().BeTrue();
        _cloud.Secrets[secret.Path].Delivered!.Version.Value.Should().Be("elsewhere");
    }

    [Fact]
    public async Task A_redelivery_that_reaches_half_of_its_targets_names_the_rest_and_is_never_undone()
    {
        _cloud.Fate = (call, _) => call == "put workspace:DB" ? CallFate.Refused : CallFate.Works;
        var (secret, outcome) = await RunOneAsync(Young, MoveOn, PlanRequest.Everything);

        outcome.Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().ContainSingle().Which
            .Should().Contain("workspace:DB");
        _cloud.Find(secret.Targets[0])!.Value.Should().Be("made-elsewhere");

        _cloud.Fate = (_, _) => CallFate.Works;
        (await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret))).Results[0].Outcome.Should()
            .BeOfType<RotationOutcome.Redelivered>();
        _cloud.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task An_interrupted_redelivery_is_finished_without_making_the_value_look_young()
    {
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.DiesAfter : CallFate.Works;
        var secret = Inventories.Plain("db", Inventories.Payments, Inventories.Workspace);
        _cloud.Deliver(secret, "old-value", Young);
        MoveOn(_cloud.Secrets[secret.Path]);
        var first = new ModelMachine(_cloud);
        await first.RotateAsync(Inventories.Of(secret));
        _cloud.Fate = (_, _) => CallFate.Works;
        var next = await first.Successor().RotateAsync(Inventories.Of(secret));

        next.Results[0].Outcome.Should().BeOfType<RotationOutcome.Redelivered>();
        _cloud.Secrets[secret.Path].Delivered!.ValueSince.Should().Be(ModelCloud.Start - Duration.FromDays(1));
        _cloud.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task A_forced_secret_is_rotated_though_it_is_not_due()
    {
        var (secret, outcome) = await RunOneAsync(
            Young, _ => { }, new PlanRequest { Force = ["db"], ForceReason = "leaked", ForcedBy = "me" });

        outcome.Should().BeOfType<RotationOutcome.Rotated>();
        _cloud.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task The_vault_rotates_what_it_manages_itself_and_the_tool_delivers_it()
    {
        var secret = VaultManaged();
        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Rotated>();
        _cloud.Secrets[secret.Path].CurrentContent.Should().Contain("made-by-vault");
        _cloud.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task Many_runs_ask_the_vault_for_one_rotation_of_what_it_manages_itself()
    {
        var secret = VaultManaged();
        await Task.WhenAll(
            Enumerable.Range(1, 10).Select(_ => Task.Run(() => new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret)))));

        _cloud.Secrets[secret.Path].Versions.Values
            .Select(v => v.Content)
            .Distinct(StringComparer.Ordinal)
            .Count(c => c.Contains("made-by-vault"))
            .Should().Be(1);
        _cloud.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task A_delivery_that_fails_after_the_vault_rotated_needs_an_operator()
    {
        var secret = VaultManaged();
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.Refused : CallFate.Works;
        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));
        _cloud.Fate = (_, _) => CallFate.Works;
        var next = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.NeedsOperator>();
        next.Results[0].Outcome.Should().BeOfType<RotationOutcome.Redelivered>();
        _cloud.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task Fields_that_are_not_rotated_stay_as_they_are()
    {
        var secret = Inventories.Secret(
            "db",
            new ValuePolicy.Json([new GeneratedField("password", new ValueGenerator.Hex(20, null))]),
            new VariableTarget(Inventories.Payments, "DB_PASSWORD", "password", false),
            new VariableTarget(Inventories.Payments, "DB_USER", "user", false));
        _cloud.Deliver(secret, """{ "user":"app",  "password" : "old", "port":5432 }""", Old);
        await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        _cloud.Secrets[secret.Path].CurrentContent.Should()
            .MatchRegex("""^\{ "user":"app",  "password" : "[0-9a-f]{40}", "port":5432 \}$""");
        _cloud.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task A_field_that_is_not_in_the_secret_blocks_before_any_target_is_touched()
    {
        var secret = Inventories.Secret(
            "db",
            new ValuePolicy.Json([new GeneratedField("password", new ValueGenerator.Hex(20, null))]),
            new VariableTarget(Inventories.Payments, "DB_PASSWORD", "password", false),
            new VariableTarget(Inventories.Payments, "DB_USER", "user", MayCreate: true));
        _cloud.Deliver(secret, """{"password":"old"}""", Old);
        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome
            .Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Blocked>().Which.Why
            .Should().Contain("user");
        _cloud.Calls.Should().NotContain(c => c.StartsWith("put ") || c.StartsWith("create "));
        _cloud.Secrets[secret.Path].Open.Should().BeNull();
    }

    [Fact]
    public async Task A_target_that_may_be_created_is_created()
    {
        var secret = WithCreatedTarget();
        await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        _cloud.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task A_target_that_was_created_is_deleted_again_when_the_rotation_fails()
    {
        var secret = WithCreatedTarget();
        _cloud.Fate = (call, _) => call.StartsWith("promote ") ? CallFate.Refused : CallFate.Works;
        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.RolledBack>();
        _cloud.Find(secret.Targets[1]).Should().BeNull();
    }

    [Fact]
    public async Task A_created_target_whose_answer_was_lost_is_found_and_gets_the_old_value()
    {
        var secret = WithCreatedTarget();
        _cloud.Fate = (call, _) => call.StartsWith("create ") ? CallFate.AnswerLost : CallFate.Works;
        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.RolledBack>();
        _cloud.Find(secret.Targets[1])!.Value.Should().Be("old-value");
    }

    [Theory]
    [InlineData(true, CallFate.Works)]
    [InlineData(false, CallFate.Refused)]
    public async Task A_created_target_whose_old_value_is_not_put_for_good_is_replaced(bool mayLandAgain, CallFate put)
    {
        var secret = WithCreatedTarget();
        _cloud.MayLandAgain = mayLandAgain;
        _cloud.Fate = (call, number) => call switch
        {
            "create workspace:DB" when number == 1 => CallFate.AnswerLost,
            "put workspace:DB" => put,
            _ => CallFate.Works,
        };

        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.RolledBack>();
        _cloud.Find(secret.Targets[1])!.Value.Should().Be("old-value");
        _cloud.Calls.Should().ContainInOrder("put workspace:DB", "delete workspace:DB", "create workspace:DB");
    }

    [Fact]
    public async Task A_creation_that_may_land_late_finds_its_key_taken_by_the_old_value()
    {
        var secret = WithCreatedTarget();
        _cloud.Fate = (call, number) => call == "create workspace:DB" && number == 1
            ? throw new RemoteFailureException(FailureKind.Unavailable, Effect.Unknown, "There was no answer.")
            : CallFate.Works;

        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.RolledBack>();
        _cloud.Find(secret.Targets[1])!.Value.Should().Be("old-value");
        _cloud.Agrees(secret).Should().BeTrue();
        _cloud.Calls.Should().NotContain("put workspace:DB");
    }

    [Fact]
    public async Task A_creation_that_is_refused_as_a_double_of_what_is_not_there_can_not_be_undone_and_says_so()
    {
        var secret = WithCreatedTarget();
        _cloud.Fate = (call, number) => (call, number) switch
        {
            ("create workspace:DB", 1) => throw new RemoteFailureException(FailureKind.Unavailable, Effect.Unknown, "There was no answer."),
            ("create workspace:DB", _) => throw new RemoteFailureException(FailureKind.Conflict, Effect.Rejected, "It exists already."),
            _ => CallFate.Works,
        };

        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().Equal("workspace:DB may hold the new value or none: It exists already.");
    }

    [Fact]
    public async Task A_target_that_might_have_been_created_but_was_there_is_put_back_and_not_deleted()
    {
        var secret = WithCreatedTarget();
        _cloud.Variables[Inventories.Workspace].Add(new ModelVariable(_cloud.NewUuid(), "DB", "old-value", Secured: true));
        _cloud.Fate = (call, _) => call.StartsWith("promote ") ? CallFate.Refused : CallFate.Works;

        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.RolledBack>();
        _cloud.Agrees(secret).Should().BeTrue();
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public async Task Variables_are_replaced_until_the_last_request_of_the_delivery_before_can_not_land_any_more(int seconds, bool replaced)
    {
        var secret = Inventories.Plain("db", Inventories.Payments);
        _cloud.Deliver(secret, "old-value", RunLimits.Default.MinimumInterval + Duration.FromSeconds(seconds));
        MoveOn(_cloud.Secrets[secret.Path]);
        var before = _cloud.Find(secret.Targets[0])!.Uuid;

        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Redelivered>();
        (_cloud.Find(secret.Targets[0])!.Uuid != before).Should().Be(replaced);
    }

    [Fact]
    public async Task A_creation_that_lands_while_it_is_undone_gets_the_old_value()
    {
        var secret = WithCreatedTarget();
        _cloud.Fate = (call, number) =>
        {
            if (call != "create workspace:DB")
                return CallFate.Works;
            if (number == 1)
                throw new RemoteFailureException(FailureKind.Unavailable, Effect.Unknown, "There was no answer.");
            _cloud.Variables[secret.Targets[1].Scope].Add(new ModelVariable(_cloud.NewUuid(), "DB", "landed-late", Secured: true));
            throw new RemoteFailureException(FailureKind.Conflict, Effect.Rejected, "It exists already.");
        };

        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.RolledBack>();
        _cloud.Find(secret.Targets[1])!.Value.Should().Be("old-value");
    }

    [Fact]
    public async Task A_plan_that_is_not_the_reviewed_one_is_not_carried_out()
    {
        var secret = Inventories.Plain("db", Inventories.Payments);
        _cloud.Deliver(secret, "old-value", Old);
        var run = () => new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret), digest: new string('0', 64));

        await run.Should().ThrowAsync<PlanChangedException>();
        _cloud.Calls.Should().OnlyContain(c => c.StartsWith("list ") || c.StartsWith("describe "));
    }

    [Fact]
    public async Task A_rollback_delivers_the_value_of_an_older_version_with_its_age()
    {
        var secret = Inventories.Plain("db", Inventories.Payments, Inventories.Workspace);
        var inventory = Inventories.Of(secret);
        _cloud.Deliver(secret, "old-value", Old);
        var first = new VersionId(_cloud.Secrets[secret.Path].Current);
        await new ModelMachine(_cloud).RotateAsync(inventory);
        var result = await new RotationJob(new ModelMachine(_cloud).Tools)
            .RollbackAsync(inventory, new("db", first.Value, "me", "it broke"), TestContext.Current.CancellationToken);

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Rotated>();
        _cloud.Secrets[secret.Path].CurrentContent.Should().Be("old-value");
        _cloud.Agrees(secret).Should().BeTrue();
        _cloud.Secrets[secret.Path].Delivered!.ValueSince.Should().Be(ModelCloud.Start - Old);
    }

    [Fact]
    public async Task A_rollback_to_the_current_version_changes_nothing()
    {
        var secret = Inventories.Plain("db", Inventories.Payments);
        _cloud.Deliver(secret, "old-value", Old);
        var current = new VersionId(_cloud.Secrets[secret.Path].Current);
        var result = await new RotationJob(new ModelMachine(_cloud).Tools)
            .RollbackAsync(Inventories.Of(secret), new("db", current.Value, "me", "why"), TestContext.Current.CancellationToken);

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Untouched>();
        _cloud.Calls.Should().NotContain(c => c.StartsWith("claim "));
    }

    [Fact]
    public async Task A_target_that_another_run_created_since_the_listing_is_not_created_again()
    {
        var secret = WithCreatedTarget();
        _cloud.Secrets[secret.Path].Delivered = _cloud.Secrets[secret.Path].Delivered! with { ValueSince = ModelCloud.Start - Young };
        _cloud.Fate = (call, number) =>
        {
            if (call == "claim path/db" && number == 1)
            {
                _cloud.Variables[secret.Targets[1].Scope].Add(new ModelVariable(_cloud.NewUuid(), "DB", "old-value", Secured: true));
                _cloud.Secrets[secret.Path].Delivered = _cloud.Secrets[secret.Path].Delivered! with
                {
                    TargetsDigest = _cloud.Digest(secret),
                };
            }

            return CallFate.Works;
        };

        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.NotDue>();
        _cloud.Calls.Should().NotContain(call => call.StartsWith("put ") || call.StartsWith("create "));
        _cloud.Secrets[secret.Path].Open.Should().BeNull();
    }

    [Fact]
    public async Task A_rotation_of_which_only_the_claim_is_left_is_released_and_not_delivered_again()
    {
        var secret = Inventories.Plain("db", Inventories.Payments, Inventories.Workspace);
        _cloud.Deliver(secret, "new-value", Young);
        var vault = _cloud.Secrets[secret.Path];
        var ended = new ModelMachine(_cloud);
        vault.Open = new OpenRotation(new(vault.Current), new("old"), ended.Self, ModelCloud.Start, Staged: false, "claim");

        var result = await ended.Successor().RotateAsync(Inventories.Of(secret));

        result.Results[0].Outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.NotDue>();
        _cloud.Calls.Should().NotContain(call => call.StartsWith("put "));
        vault.Open.Should().BeNull();
    }

    [Theory]
    [InlineData("promote path/db", false)]
    [InlineData("finish path/db", false)]
    [InlineData("claim path/db", true)]
    [InlineData("put workspace:DB", true)]
    public async Task A_run_that_had_done_everything_when_it_was_stopped_was_not_cut_short(string call, bool cutShort)
    {
        var secret = Inventories.Plain("db", Inventories.Payments, Inventories.Workspace);
        _cloud.Deliver(secret, "old-value", Old);
        var machine = new ModelMachine(_cloud);
        var stopped = false;
        _cloud.Fate = (made, _) =>
        {
            stopped |= made == call;
            if (stopped)
                machine.Cancellation.Cancel();
            return CallFate.Works;
        };

        var result = await machine.RotateAsync(Inventories.Of(secret));

        stopped.Should().BeTrue();
        (result.Cancelled, result.Results[0].Outcome is RotationOutcome.Rotated).Should().Be((cutShort, !cutShort));
    }

    private async Task<RunResult> RunAsync(ManagedSecret[] secrets, Duration age, int parallelism = 8)
    {
        foreach (var secret in secrets)
            _cloud.Deliver(secret, "old-value", age);
        // Each secret is delivered before the next one's variables stand beside it, so the digests are made last.
        foreach (var secret in secrets)
            _cloud.Secrets[secret.Path].Delivered = _cloud.Secrets[secret.Path].Delivered! with { TargetsDigest = _cloud.Digest(secret) };
        return await new RotationJob(new ModelMachine(_cloud).Tools with { Parallelism = parallelism })
            .RunAsync(Inventories.Of(secrets), PlanRequest.Everything, null, TestContext.Current.CancellationToken);
    }

    private async Task<(ManagedSecret Secret, RotationOutcome Outcome)> RunOneAsync(
        Duration age, Action<ModelSecret> change, PlanRequest request)
    {
        var secret = Inventories.Plain("db", Inventories.Payments, Inventories.Workspace);
        _cloud.Deliver(secret, "old-value", age);
        change(_cloud.Secrets[secret.Path]);
        var result = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret), request);
        return (secret, result.Results[0].Outcome);
    }

    private ManagedSecret VaultManaged()
    {
        var secret = Inventories.Secret(
            "db", new ValuePolicy.VaultManaged(), new VariableTarget(Inventories.Payments, "DB", "password", false));
        _cloud.Deliver(secret, """{"password":"old"}""", Old);
        _cloud.Secrets[secret.Path].Foreign = new ForeignRotation.ByVault();
        return secret;
    }

    private ManagedSecret WithCreatedTarget()
    {
        var secret = Inventories.Secret(
            "db", new ValuePolicy.Plain(new ValueGenerator.Hex(32, null)),
            new VariableTarget(Inventories.Payments, "DB", null, false),
            new VariableTarget(Inventories.Workspace, "DB", null, MayCreate: true));
        _cloud.Deliver(secret, "old-value", Old);
        return secret;
    }

    private void MoveOn(ModelSecret secret)
    {
        secret.Versions["elsewhere"] = ("made-elsewhere", ModelCloud.Start - Duration.FromDays(1));
        (secret.Previous, secret.Current) = (secret.Current, "elsewhere");
    }
}
