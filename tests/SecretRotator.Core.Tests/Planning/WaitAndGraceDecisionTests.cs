using SecretRotator.Backends;
using SecretRotator.Bitbucket;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

/// <summary>What is decided because of pipelines that run, and of old versions that they may hold.</summary>
public sealed class WaitAndGraceDecisionTests
{
    private static readonly VariableScope.Repository Api = new("acme", "api");
    private static readonly VariableScope.Repository Web = new("acme", "web");
    private static readonly Instant DueSince = Noon - Duration.FromHours(1);
    private static readonly GraceMark OldVersion = new(new("v0"), Noon - Duration.FromHours(3), new("r1"));

    [Fact]
    public void A_secret_that_does_not_ask_rotates_whatever_runs() =>
        Due(Waiting(null), Runs(Api, 1)).Decide("db").Should().Be(new Decision.Due(DueSince));

    [Fact]
    public void A_due_secret_waits_while_a_pipeline_runs_and_names_it() =>
        Due(Waiting(Day), Runs(Api, 12)).Decide("db").Should().BeOfType<Decision.Waiting>().Which
            .Should().Match<Decision.Waiting>(
                w => w.Until == null && w.Why.Contains("api #12 (main) running since 2026-06-17T11:50:00Z")
                    && w.Why.Contains("rotates from 2026-06-18T11:00:00Z on"));

    [Theory]
    [InlineData(5, "")]
    [InlineData(7, " and 2 more")]
    public void Five_pipelines_are_named_the_oldest_first_and_more_are_counted(int count, string more)
    {
        // The second and the third are of the same age: then it is their names that count.
        var running = Enumerable.Range(1, count).Reverse()
            .Select(i => (Build: i, Since: Noon - Duration.FromMinutes(i == 3 ? 58 : 60 - i)))
            .Select(p => new RunningPipeline(Api, $"uuid-{p.Build}", p.Build, "main", p.Since, IsPending: false));
        var decision = Due(Waiting(Day), (Api, new RunningObservation.Listed([.. running]))).Decide("db");

        decision.Should().BeOfType<Decision.Waiting>().Which.Why
            .Should().Contain("api #1 (main) running since 2026-06-17T11:01:00Z, api #2 (main) running since 2026-06-17T11:02:00Z, api #3")
            .And.Contain($"api #5 (main) running since 2026-06-17T11:05:00Z{more}. It rotates from ");
    }

    [Fact]
    public void Who_can_not_tell_what_runs_says_what_to_do_about_it()
    {
        Due(Waiting(Day)).Decide("db").Should().BeOfType<Decision.Blocked>().Which.Hint
            .Should().Contain("scope pipeline").And.Contain("--force");
        var nowhere = PlanningScenario.Of(Secret("db", Target("workspace", "KEY")) with { Wait = new IdleWait(Day) });
        nowhere.Aged("db", Duration.FromDays(30) + Duration.FromHours(1)).Decide("db").Should().BeOfType<Decision.Blocked>().Which.Hint
            .Should().Contain("wait: none");
    }

    [Fact]
    public void A_pipeline_that_has_yet_to_start_counts_too() =>
        Due(Waiting(Day), Runs(Api, 12, pending: true))
            .Decide("db")
            .Should().BeOfType<Decision.Waiting>().Which.Why
            .Should().Contain("pending since");

    [Fact]
    public void It_rotates_when_nothing_runs() =>
        Due(Waiting(Day), (Api, new RunningObservation.Listed([]))).Decide("db").Should().Be(new Decision.Due(DueSince));

    [Fact]
    public void What_runs_elsewhere_does_not_matter() =>
        Due(Waiting(Day), (Api, new RunningObservation.Listed([])), Runs(Web, 3)).Decide("db").Should().BeOfType<Decision.Due>();

    [Fact]
    public void A_list_that_failed_is_never_taken_for_idle() =>
        Due(Waiting(Day), (Api, new RunningObservation.Unlisted(new(FailureKind.Unavailable, "Bitbucket answered 403.", "Add the scope."))))
            .Decide("db")
            .Should().Be(new Decision.Blocked(
                FailureKind.Unavailable, "It waits for idle pipelines. What runs in api could not be determined. Bitbucket answered 403.",
                "Add the scope."));

    [Fact]
    public void A_repository_that_no_one_asked_is_never_taken_for_idle() =>
        Due(Waiting(Day))
            .Decide("db")
            .Should().BeOfType<Decision.Blocked>().Which.Why
            .Should().Be("It waits for idle pipelines. What runs was not observed.");

    [Fact]
    public void After_its_limit_it_rotates_with_a_warning()
    {
        var plan = Due(Waiting(Duration.FromHours(1)), Runs(Api, 12)).Plan();

        plan.Items[0].Decision.Should().BeOfType<Decision.Due>();
        plan.Items[0].Warnings
            .Should().ContainSingle().Which
            .Should().Contain("longer than `wait` allows (1 hours)").And
            .Contain("api #12");
    }

    [Fact]
    public void After_its_limit_it_rotates_even_if_no_one_knows_what_runs() =>
        Due(Waiting(Duration.FromHours(1)), (Api, new RunningObservation.Unlisted(new(FailureKind.Unavailable, "503")))).Plan().Items[0]
            .Should().Match<PlanItem>(i => i.Decision is Decision.Due && i.Warnings[0].Contains("isn't known what runs"));

    [Fact]
    public void Just_before_its_limit_it_waits() =>
        Due(Waiting(Duration.FromHours(1) + Duration.FromSeconds(1)), Runs(Api, 12)).Decide("db").Should().BeOfType<Decision.Waiting>();

    [Fact]
    public void Force_goes_over_it_and_that_is_told()
    {
        var scenario = Due(Waiting(Day), Runs(Api, 12)).Forcing("db");
        var item = scenario.Plan().Items[0];

        item.Decision.Should().BeOfType<Decision.Forced>();
        Overrides.Of(scenario.Inventory, item.Secret, item.Decision, Noon, item.InFlight).Should()
            .Equal("wait: api #12 (main) running since 2026-06-17T11:50:00Z");
    }

    [Fact]
    public void Force_over_nothing_that_runs_overrides_nothing()
    {
        var scenario = Due(Waiting(Day), (Api, new RunningObservation.Listed([]))).Forcing("db");
        var item = scenario.Plan().Items[0];

        Overrides.Of(scenario.Inventory, item.Secret, item.Decision, Noon, item.InFlight).Should().BeEmpty();
    }

    [Fact]
    public void A_workspace_variable_matters_to_every_repository_that_the_inventory_names()
    {
        var scenario = PlanningScenario.Of(
            Secret("db", Target("workspace", "KEY")) with { Wait = new IdleWait(Day) }, Secret("other", Target("web/production", "X")));
        scenario = Seeing(scenario.Aged("db", Duration.FromDays(30) + Duration.FromHours(1)), Runs(Web, 4));

        scenario.Decide("db").Should().BeOfType<Decision.Waiting>().Which.Why.Should().Contain("web #4");
    }

    [Fact]
    public void A_workspace_variable_of_no_known_repository_blocks()
    {
        var scenario = PlanningScenario.Of(Secret("db", Target("workspace", "KEY")) with { Wait = new IdleWait(Day) });

        scenario.Aged("db", Duration.FromDays(30) + Duration.FromHours(1))
            .Decide("db")
            .Should().BeOfType<Decision.Blocked>().Which.Why
            .Should().Contain("No target of the inventory names a repository");
    }

    [Fact]
    public void Nothing_is_retired_without_a_grace() => InGrace(null).Decide("db").Should().BeOfType<Decision.NotDue>();

    [Fact]
    public void An_old_version_is_retired_when_its_time_has_passed() =>
        InGrace(new GracePolicy.Lasting(Duration.FromHours(3)))
            .Decide("db")
            .Should().Be(new Decision.Retire(new("v0"), "Its grace has passed."));

    [Fact]
    public void Until_then_it_stays_valid_and_the_plan_says_until_when()
    {
        var item = InGrace(new GracePolicy.Lasting(Duration.FromHours(4))).Plan().Items[0];

        item.Decision.Should().BeOfType<Decision.NotDue>();
        item.InFlight!.Grace.Should().Be(new VersionInGrace(new("v0"), OldVersion.Since, Noon + Duration.FromHours(1), [], null));
    }

    [Fact]
    public void An_old_version_is_retired_when_the_pipelines_have_finished_that_ran_then() =>
        InGrace(SixHours, Runs(Api, 12))
            .Decide("db")
            .Should().BeOfType<Decision.Retire>().Which.Why
            .Should().Be("The pipelines that may have held it have finished.");

    [Fact]
    public void An_old_version_stays_while_a_pipeline_runs_that_was_there_before_it_was_replaced() =>
        InGrace(SixHours, Runs(Api, 12, since: OldVersion.Since - Duration.FromMinutes(1))).Plan().Items[0]
            .Should().Match<PlanItem>(
                i => i.Decision is Decision.NotDue && i.InFlight!.Grace!.Users.Length == 1 && i.InFlight.Grace.OverBecause == null);

    [Fact]
    public void A_clock_of_Bitbucket_that_is_a_little_behind_hides_no_pipeline() =>
        InGrace(SixHours, Runs(Api, 12, since: OldVersion.Since + Duration.FromMinutes(4)))
            .Decide("db")
            .Should().BeOfType<Decision.NotDue>();

    [Fact]
    public void A_pipeline_that_began_when_clocks_can_not_be_that_far_apart_any_more_holds_the_new_version() =>
        InGrace(SixHours, Runs(Api, 12, since: OldVersion.Since + Duration.FromMinutes(5))).Decide("db")
            .Should().BeOfType<Decision.Retire>();

    [Fact]
    public void A_due_rotation_that_waits_for_a_grace_names_the_old_version() =>
        InGrace(new GracePolicy.Lasting(Duration.FromHours(4))).Aged("db", Duration.FromDays(31)).Decide("db")
            .Should().BeOfType<Decision.Waiting>().Which.Why.Should().Contain("the version before, v0, is still in its grace");

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void What_runs_is_asked_for_a_secret_that_waits_and_becomes_due_within_the_hour(int seconds, bool matters)
    {
        var scenario = Due(Waiting(Day)).Aged("db", Duration.FromDays(30) - Duration.FromHours(1) - Duration.FromSeconds(seconds));

        Matters(scenario).Should().Be(matters);
    }

    [Fact]
    public void What_runs_is_not_asked_for_a_secret_that_was_never_delivered() =>
        Matters(Due(Waiting(Day)).Seen("db", d => d with { Delivered = null })).Should().BeFalse();

    [Fact]
    public void What_runs_is_asked_for_an_old_version_that_pipelines_may_hold_and_for_no_other()
    {
        Matters(InGrace(SixHours)).Should().BeTrue();
        Matters(InGrace(SixHours).Seen("db", d => d with { Grace = null })).Should().BeFalse();
        Matters(InGrace(new GracePolicy.Lasting(Duration.FromHours(4)))).Should().BeFalse();
    }

    [Fact]
    public void Whoever_can_not_tell_what_runs_retires_nothing() =>
        InGrace(SixHours, (Api, new RunningObservation.Unlisted(new(FailureKind.Unavailable, "503"))))
            .Decide("db")
            .Should().BeOfType<Decision.NotDue>();

    [Fact]
    public void At_its_limit_an_old_version_is_retired_whatever_runs() =>
        InGrace(new GracePolicy.UntilPipelinesFinish(Duration.FromHours(3)), Runs(Api, 12, since: OldVersion.Since - Day)).Decide("db")
            .Should().BeOfType<Decision.Retire>().Which.Why
            .Should().StartWith("Its grace has reached its limit, though it may still be held by api #12");

    [Fact]
    public void At_its_limit_an_old_version_is_retired_even_if_no_one_knows_what_runs() =>
        InGrace(new GracePolicy.UntilPipelinesFinish(Duration.FromHours(3)))
            .Decide("db")
            .Should().Be(new Decision.Retire(new("v0"), "Its grace has reached its limit."));

    [Fact]
    public void Nothing_is_retired_while_the_targets_are_not_those_that_were_delivered_to() =>
        InGrace(new GracePolicy.Lasting(Duration.FromHours(1)))
            .Seen("db", d => d with { Delivered = d.Delivered! with { TargetsDigest = "0000000000000000" } })
            .Decide("db").Should().BeOfType<Decision.Redeliver>();

    [Fact]
    public void Nothing_is_retired_while_another_version_is_current() =>
        InGrace(new GracePolicy.Lasting(Duration.FromHours(1)))
            .Seen("db", d => d with { Current = new("v2") })
            .Decide("db")
            .Should().BeOfType<Decision.Redeliver>();

    [Fact]
    public void A_due_rotation_waits_for_the_grace_of_the_version_before() =>
        InGrace(new GracePolicy.Lasting(Duration.FromHours(4))).Aged("db", Duration.FromDays(31)).Decide("db")
            .Should().BeOfType<Decision.Waiting>().Which.Until.Should().Be(Noon + Duration.FromHours(1));

    [Fact]
    public void A_due_rotation_does_not_wait_for_a_grace_that_is_over() =>
        InGrace(new GracePolicy.Lasting(Duration.FromHours(1)))
            .Aged("db", Duration.FromDays(31))
            .Decide("db")
            .Should().BeOfType<Decision.Due>();

    [Theory]
    [InlineData(null, 1, "")] // Never used.
    [InlineData(-200, 1, "")] // Used before the new one was delivered.
    [InlineData(-150, 1, "")] // Used within its grace.
    [InlineData(-30, 1, "after its grace: someone uses it whom the inventory doesn't know")]
    [InlineData(-150, 6, "it is disabled when the grace reaches its limit")] // Its pipelines have finished, and its limit isn't reached.
    public void An_old_credential_that_is_used_is_not_retired_and_a_due_rotation_waits(int? usedAfter, int limit, string why)
    {
        var scenario = InGrace(new GracePolicy.UntilPipelinesFinish(Duration.FromHours(limit)), (Api, new RunningObservation.Listed([])));
        scenario = scenario with
        {
            Observation = scenario.Observation with
            {
                OldCredentials = ImmutableDictionary<string, Slot?>.Empty.Add("db", new Slot(new("AKIA1"), Enabled: true)
                {
                    UsedAt = usedAfter is { } minutes ? Noon + Duration.FromMinutes(minutes) : null,
                    UsedFor = "s3",
                }),
            },
        };
        var due = scenario.Aged("db", Duration.FromDays(31));

        if (why.Length == 0)
            (scenario.Planned("db").IsStarted, due.Planned("db")).Should().Be((true, new Decision.Due(Noon - Duration.FromDays(1))));
        else
            (scenario.Planned("db") as Decision.Waiting)!.Why.Should().StartWith("The old credential AKIA1 was used at").And
                .Contain("(s3)").And.Contain(why);
        (due.Planned("db") is Decision.Waiting).Should().Be(why.Length > 0);
        due.Forcing("db").Planned("db").Should().BeOfType<Decision.Forced>();
    }

    [Fact]
    public void Force_ends_a_grace_and_that_is_told()
    {
        var scenario = InGrace(new GracePolicy.Lasting(Duration.FromHours(4))).Forcing("db");
        var item = scenario.Plan().Items[0];

        item.Decision.Should().BeOfType<Decision.Forced>();
        item.Warnings.Should().ContainSingle().Which.Should().Contain("v0").And.Contain("retires it now");
        Overrides.Of(scenario.Inventory, item.Secret, item.Decision, Noon, item.InFlight).Should()
            .Equal("grace: version v0 until 2026-06-17T13:00:00Z");
    }

    [Fact]
    public void Retiring_counts_against_no_limit_of_rotations_and_comes_last()
    {
        var scenario = PlanningScenario.Of(Secret("a"), Secret("b") with { Grace = new GracePolicy.Lasting(Duration.FromHours(1)) });
        scenario = scenario.Aged("a", Duration.FromDays(40)).Seen("b", d => d with { Grace = OldVersion })
            .Limited(l => l with { RotationsPerRun = 1 });

        scenario.Plan().Items.Select(i => i.Decision.IsStarted).Should().Equal(true, true);
    }

    [Fact]
    public void Retiring_costs_a_claim_and_no_call_of_a_target()
    {
        var item = InGrace(new GracePolicy.Lasting(Duration.FromHours(1))).Plan().Items[0];

        item.Cost.Should().Be(new CallCost(PlanningScenario.Costs.ClaimBitbucketCalls, PlanningScenario.Costs.Deliver));
    }

    [Fact]
    public void Two_calls_for_each_repository_are_reckoned_with_when_it_waits_and_two_more_when_it_rotates()
    {
        var asks = Due(Waiting(Day), (Api, new RunningObservation.Listed([]))).Plan();
        var silent = Due(Waiting(null)).Plan();

        (asks.ObservationCost.Bitbucket - silent.ObservationCost.Bitbucket,
            asks.ActionCost.Bitbucket - silent.ActionCost.Bitbucket).Should().Be((2, 2));
    }

    private static bool Matters(PlanningScenario scenario) => PipelineRepositories.Matter(
        scenario.Inventory.Secrets[0], scenario.Observation.Secrets["db"], scenario.Request, scenario.Inventory.Limits, Noon);

    private static Duration Day => Duration.FromHours(24);

    private static GracePolicy SixHours => new GracePolicy.UntilPipelinesFinish(Duration.FromHours(6));

    private static ManagedSecret Waiting(Duration? limit) =>
        Secret("db", Target("api", "KEY")) with { Wait = limit is { } some ? new IdleWait(some) : null };

    private static PlanningScenario Due(ManagedSecret secret, params (VariableScope.Repository, RunningObservation)[] running) =>
        Seeing(PlanningScenario.Of(secret).Aged("db", Duration.FromDays(30) + Duration.FromHours(1)), running);

    private static PlanningScenario InGrace(GracePolicy? policy, params (VariableScope.Repository, RunningObservation)[] running) =>
        Seeing(PlanningScenario.Of(Secret("db", Target("api", "KEY")) with { Grace = policy })
            .Seen("db", d => d with { Grace = OldVersion }), running);

    private static PlanningScenario Seeing(
        PlanningScenario scenario, params (VariableScope.Repository Repository, RunningObservation Seen)[] running) => scenario with
        {
            Observation = scenario.Observation with { Running = running.ToImmutableDictionary(r => r.Repository, r => r.Seen) },
        };

    private static (VariableScope.Repository, RunningObservation) Runs(
        VariableScope.Repository repository, int build, bool pending = false, Instant? since = null) =>
        (repository,
            new RunningObservation.Listed(
                [new RunningPipeline(repository, $"uuid-{build}", build, "main", since ?? Noon - Duration.FromMinutes(10), pending)]));
}
