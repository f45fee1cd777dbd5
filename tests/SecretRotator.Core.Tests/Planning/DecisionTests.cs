using SecretRotator.Bitbucket;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class DecisionTests
{
    private static readonly PlanningScenario One = PlanningScenario.Of(Secret("db"));

    [Fact]
    public void A_fresh_secret_is_not_due_until_its_period_has_passed() =>
        One.Decide("db").Should().Be(new Decision.NotDue(Noon + Duration.FromDays(20)));

    [Fact]
    public void A_secret_is_due_at_the_very_instant_that_its_period_ends() =>
        One.Aged("db", Duration.FromDays(30)).Decide("db").Should().Be(new Decision.Due(Noon));

    [Fact]
    public void A_due_secret_that_was_delivered_a_moment_ago_waits_for_the_minimum_interval() =>
        One.Overdue().Seen("db", d => d with { Delivered = d.Delivered! with { DeliveredAt = Noon - Duration.FromMinutes(9) } })
            .Decide("db")
            .Should().BeOfType<Decision.Waiting>().Which.Until.Should().Be(Noon + Duration.FromMinutes(1));

    [Fact]
    public void A_forced_secret_that_was_delivered_a_moment_ago_waits_for_the_minimum_interval() =>
        (One.Seen("db", d => d with { Delivered = d.Delivered! with { DeliveredAt = Noon - Duration.FromMinutes(9) } }) with
        {
            Request = new PlanRequest { Force = ["db"], ForcedBy = "ada", ForceReason = "leaked" },
        }).Decide("db").Should().BeOfType<Decision.Waiting>().Which.Until.Should().Be(Noon + Duration.FromMinutes(1));

    [Fact]
    public void A_secret_that_the_vault_did_not_describe_is_blocked_and_says_why() =>
        One.With("db", new SecretObservation.Undescribed(new(FailureKind.Unavailable, "access denied", "grant it"))).Decide("db")
            .Should().BeOfType<Decision.Blocked>().Which
            .Should().Match<Decision.Blocked>(b => b.Why.Contains("access denied") && b.Hint == "grant it");

    [Fact]
    public void A_secret_that_was_not_observed_at_all_is_blocked() =>
        (One with { Observation = One.Observation with { Secrets = One.Observation.Secrets.Clear() } }).Planned("db")
            .Should().BeOfType<Decision.Blocked>();

    [Fact]
    public void A_scope_that_was_not_observed_at_all_blocks() =>
        (One with { Observation = One.Observation with { Scopes = One.Observation.Scopes.Clear() } }).Planned("db")
            .Should().BeOfType<Decision.Blocked>();

    [Fact]
    public void A_listing_that_failed_blocks_every_secret_that_it_could_concern()
    {
        var scenario = PlanningScenario.Of(
            Secret("a", Target("api", "A"), Target("web", "A")), Secret("b", Target("web", "B")), Secret("c", Target("job", "C")))
            .With("web", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "503"))).Overdue();

        scenario.Plan().Items.Select(i => i.Decision is Decision.Blocked).Should().Equal(true, true, false);
    }

    [Fact]
    public void A_target_that_a_delivery_deleted_is_delivered_again_and_named()
    {
        var scenario = CutShort("KEY_DB");

        scenario.Decide("db")
            .Should().BeOfType<Decision.Redeliver>().Which.Why
            .Should().Contain("Missing now, because a run deleted them").And
            .Contain("api:KEY_DB");
        scenario.Seen("db", d => d with { Current = new("v2") })
            .Decide("db")
            .Should().BeOfType<Decision.Redeliver>().Which.Why
            .Should().Contain("api:KEY_DB");
    }

    [Fact]
    public void A_target_that_someone_else_deleted_blocks_though_a_delivery_was_cut_short() =>
        CutShort("OTHER").Decide("db").Should().BeOfType<Decision.Blocked>().Which.Why.Should().Contain("api:KEY_DB doesn't exist");

    [Fact]
    public void A_delivery_that_was_cut_short_is_made_again_though_every_target_is_there() =>
        One.Seen("db", d => d with { Delivering = Begun("KEY_DB") }).Decide("db")
            .Should().BeOfType<Decision.Redeliver>().Which.Why.Should().Be("A delivery that began 2026-06-17T11:00:00Z was not finished.");

    [Fact]
    public void A_first_delivery_that_was_cut_short_needs_the_operator_s_word_no_second_time() =>
        CutShort("KEY_DB").Seen("db", d => d with { Delivered = null }).Decide("db").Should().BeOfType<Decision.Redeliver>();

    [Fact]
    public void A_rotation_that_is_due_creates_what_a_delivery_deleted_and_the_plan_warns_of_it()
    {
        var scenario = CutShort("KEY_DB").Overdue();

        scenario.Decide("db").Should().BeOfType<Decision.Due>();
        scenario.Plan().Items.Single().Warnings.Should().ContainSingle(warning => warning.StartsWith("api:KEY_DB is missing now"));
    }

    [Fact]
    public void A_plan_is_another_one_once_a_delivery_was_cut_short() =>
        One.Seen("db", d => d with { Delivering = Begun("KEY_DB") }).Plan().Digest.Should().NotBe(One.Plan().Digest);

    private static DeliveringMark Begun(string variable) =>
        DeliveringMark.Of(new("r2"), Noon - Duration.FromHours(1), [Target("api", variable)]);

    private static PlanningScenario CutShort(string variable) =>
        One.Listing("api").Seen("db", d => d with { Delivering = Begun(variable) });

    [Fact]
    public void A_secret_that_another_service_owns_is_left_alone() =>
        One.Overdue().Seen("db", d => d with { Foreign = new ForeignRotation.ByService("rds") }).Decide("db")
            .Should().BeOfType<Decision.Blocked>().Which.Why.Should().Contain("rds");

    [Fact]
    public void Somebody_elses_open_rotation_blocks() =>
        One.Overdue().Seen("db", d => d with { Foreign = new ForeignRotation.Pending(new("v9")) }).Decide("db")
            .Should().BeOfType<Decision.Blocked>().Which.Why.Should().Contain("v9");

    [Fact]
    public void A_vaults_own_rotation_asks_for_the_kind_vault_managed() =>
        One.Overdue().Seen("db", d => d with { Foreign = new ForeignRotation.ByVault() }).Decide("db")
            .Should().BeOfType<Decision.Blocked>().Which.Hint.Should().Contain("vault-managed");

    [Fact]
    public void A_vault_managed_secret_that_the_vault_does_not_rotate_is_blocked() =>
        PlanningScenario.Of(Secret("db") with { Value = new ValuePolicy.VaultManaged() }).Overdue().Decide("db")
            .Should().BeOfType<Decision.Blocked>();

    [Fact]
    public void A_vault_managed_secret_that_the_vault_rotates_becomes_due() =>
        PlanningScenario.Of(Secret("db") with { Value = new ValuePolicy.VaultManaged() }).Overdue()
            .Seen("db", d => d with { Foreign = new ForeignRotation.ByVault() }).Decide("db")
            .Should().BeOfType<Decision.Due>();

    [Fact]
    public void A_running_holder_blocks_and_is_named() =>
        One.Seen("db", d => d with { Open = Open(Noon) }, HolderState.Running).Decide("db")
            .Should().BeOfType<Decision.Blocked>().Which.Why.Should().Contain("pipeline acme/secret-rotator #17");

    [Fact]
    public void A_take_over_by_name_counts_although_the_holder_is_said_to_run_and_the_plan_says_so() =>
        One.Seen("db", d => d with { Open = Open(Noon) }, HolderState.Running)
            .Asked(r => r with { TakeOver = ["db"] })
            .Decide("db")
            .Should().BeOfType<Decision.Unfinished>().Which.Why
            .Should().Contain("said to be running");

    [Fact]
    public void A_running_holder_that_is_not_named_is_never_taken_over() =>
        One.Seen("db", d => d with { Open = Open(Noon - Duration.FromDays(9)) }, HolderState.Running)
            .Asked(r => r with { TakeOver = ["another"] }).Decide("db").Should().BeOfType<Decision.Blocked>();

    [Fact]
    public void A_rotation_whose_holder_has_ended_is_unfinished() =>
        One.Seen("db", d => d with { Open = Open(Noon) }, HolderState.Ended).Decide("db")
            .Should().BeOfType<Decision.Unfinished>().Which.Open.Should().Be(Open(Noon));

    [Theory]
    [InlineData(119, false)]
    [InlineData(120, true)]
    public void A_holder_that_can_not_be_asked_counts_as_alive_for_the_claims_time_limit(int minutes, bool unfinished) =>
        (One.Seen("db", d => d with { Open = Open(Noon - Duration.FromMinutes(minutes)) }).Decide("db") is Decision.Unfinished)
            .Should().Be(unfinished);

    [Fact]
    public void A_claim_from_the_future_counts_as_held() =>
        One.Seen("db", d => d with { Open = Open(Noon + Duration.FromDays(1)) }).Decide("db").Should().BeOfType<Decision.Blocked>();

    [Fact]
    public void The_operators_word_takes_over_a_claim_whose_holder_can_not_be_asked() =>
        One.Seen("db", d => d with { Open = Open(Noon) }).Asked(r => r with { TakeOver = ["db"] }).Decide("db")
            .Should().BeOfType<Decision.Unfinished>();

    [Fact]
    public void A_missing_target_blocks_unless_it_may_be_created() =>
        One.Overdue().Listing("api").Decide("db").Should().BeOfType<Decision.Blocked>().Which.Hint.Should().Contain("create: true");

    [Fact]
    public void A_target_that_is_not_secured_blocks() =>
        One.Overdue().Listing("api", Variable(Scope("api"), "KEY_DB", secured: false)).Decide("db")
            .Should().BeOfType<Decision.Blocked>().Which.Why.Should().Contain("api:KEY_DB");

    [Fact]
    public void Two_variables_whose_keys_differ_in_case_alone_block() =>
        One.Overdue().Listing("api", Variable(Scope("api"), "KEY_DB"), Variable(Scope("api"), "Key_db")).Decide("db")
            .Should().BeOfType<Decision.Blocked>().Which.Why.Should().Contain("Key_db");

    [Fact]
    public void A_secret_that_was_never_delivered_waits_for_the_operators_word() =>
        One.Seen("db", d => d with { Delivered = null }).Decide("db").Should().Be(new Decision.Adopt(Approved: false));

    [Fact]
    public void The_operators_word_adopts() =>
        One.Seen("db", d => d with { Delivered = null }).Asked(r => r with { Adopt = true }).Decide("db")
            .Should().Be(new Decision.Adopt(Approved: true));

    [Fact]
    public void Force_does_not_adopt() =>
        One.Seen("db", d => d with { Delivered = null }).Forcing("db").Decide("db").Should().Be(new Decision.Adopt(Approved: false));

    [Fact]
    public void A_version_that_was_made_elsewhere_is_redelivered_even_when_due_or_forced() =>
        One.Overdue().Seen("db", d => d with { Current = new("v2") }).Forcing("db").Decide("db").Should().BeOfType<Decision.Redeliver>();

    [Fact]
    public void A_target_that_was_created_anew_is_redelivered() =>
        One.Listing("api", new ObservedVariable("another-uuid", "KEY_DB", Secured: true)).Decide("db")
            .Should().BeOfType<Decision.Redeliver>();

    [Fact]
    public void A_missing_target_that_may_be_created_is_redelivered() =>
        PlanningScenario.Of(Secret("db", Target("api", "KEY", create: true)))
            .Listing("api")
            .Decide("db")
            .Should().BeOfType<Decision.Redeliver>();

    [Fact]
    public void A_rotation_that_is_due_now_mends_changed_targets_on_its_way() =>
        PlanningScenario.Of(Secret("db", Target("api", "KEY", create: true)))
            .Overdue()
            .Listing("api")
            .Decide("db")
            .Should().BeOfType<Decision.Due>();

    [Fact]
    public void Changed_targets_are_mended_at_once_when_the_due_rotation_has_to_wait() =>
        PlanningScenario.Of(Secret("db", Target("api", "KEY", create: true)) with { Window = Daily("01:00", "02:00") }).Overdue()
            .Listing("api").Decide("db")
            .Should().BeOfType<Decision.Redeliver>();

    [Fact]
    public void Force_names_who_and_why() =>
        One.Forcing("db").Decide("db").Should().Be(new Decision.Forced("ada", "leaked"));

    [Fact]
    public void Force_overrides_window_and_freeze() =>
        PlanningScenario.Of(Secret("db") with { Window = Daily("01:00", "02:00") }).Frozen(new(2026, 6, 1, 0, 0), new(2026, 7, 1, 0, 0))
            .Forcing("db")
            .Decide("db").Should().BeOfType<Decision.Forced>();

    [Fact]
    public void Force_respects_the_minimum_interval() =>
        One.Aged("db", Duration.FromMinutes(9)).Forcing("db").Decide("db")
            .Should().BeOfType<Decision.Waiting>().Which.Until.Should().Be(Noon + Duration.FromMinutes(1));

    [Fact]
    public void Force_does_not_override_what_blocks() =>
        One.Listing("api").Forcing("db").Decide("db").Should().BeOfType<Decision.Blocked>();

    [Fact]
    public void Force_does_not_override_an_open_rotation() =>
        One.Seen("db", d => d with { Open = Open(Noon) }, HolderState.Ended)
            .Forcing("db")
            .Decide("db")
            .Should().BeOfType<Decision.Unfinished>();

    [Fact]
    public void A_value_from_the_future_is_blocked_and_never_taken_for_fresh() =>
        One.Aged("db", -Duration.FromMinutes(6))
            .Forcing("db")
            .Decide("db")
            .Should().BeOfType<Decision.Blocked>().Which.Hint
            .Should().Contain("clock");

    [Fact]
    public void Clocks_that_differ_by_a_moment_are_no_reason_to_block() =>
        One.Aged("db", -Duration.FromSeconds(30)).Decide("db").Should().BeOfType<Decision.NotDue>();

    [Fact]
    public void Outside_its_window_a_due_secret_waits_for_the_next_opening() =>
        PlanningScenario.Of(Secret("db") with { Window = Daily("01:00", "02:00") }).Overdue().Decide("db")
            .Should().BeOfType<Decision.Waiting>().Which.Until.Should().Be(Instant.FromUtc(2026, 6, 18, 1, 0));

    [Fact]
    public void In_a_freeze_a_due_secret_waits_until_the_freeze_has_ended_and_its_window_opens() =>
        PlanningScenario.Of(Secret("db") with { Window = Daily("01:00", "02:00") }).Overdue()
            .Frozen(new(2026, 6, 17, 0, 0), new(2026, 6, 20, 1, 30))
            .Decide("db").Should().BeOfType<Decision.Waiting>()
            .Which.Should()
            .Match<Decision.Waiting>(w => w.Why.Contains("year-end close") && w.Until == Instant.FromUtc(2026, 6, 20, 1, 30));

    [Fact]
    public void Open_rotations_are_finished_in_a_freeze() =>
        One.Frozen(new(2026, 6, 1, 0, 0), new(2026, 7, 1, 0, 0)).Seen("db", d => d with { Open = Open(Noon) }, HolderState.Ended)
            .Decide("db").Should().BeOfType<Decision.Unfinished>();

    [Fact]
    public void Torn_targets_are_mended_in_a_freeze() =>
        One.Frozen(new(2026, 6, 1, 0, 0), new(2026, 7, 1, 0, 0)).Seen("db", d => d with { Current = new("v2") })
            .Decide("db").Should().BeOfType<Decision.Redeliver>();
}
