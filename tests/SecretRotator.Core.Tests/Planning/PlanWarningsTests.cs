using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class PlanWarningsTests
{
    [Fact]
    public void A_workspace_target_that_a_repository_hides_is_worth_a_warning() =>
        Warnings(PlanningScenario.Of(Secret("a", Target("workspace", "KEY")), Secret("b", Target("api", "key")))).Should().ContainSingle()
            .Which.Should().Contain("workspace:KEY is shadowed").And.Contain("of api");

    [Fact]
    public void A_repository_target_that_an_environment_hides_is_worth_a_warning() =>
        Warnings(PlanningScenario.Of(Secret("a", Target("api", "KEY")), Secret("b", Target("api/production", "KEY"))))
            .Should().ContainSingle().Which.Should().Contain("of api/production");

    [Fact]
    public void A_variable_that_no_one_manages_hides_as_well() =>
        Warnings(PlanningScenario.Of(Secret("a", Target("api", "KEY")), Secret("b", Target("api/production", "OTHER")))
            .Listing("api/production", Variable(Scope("api/production"), "KEY"), Variable(Scope("api/production"), "OTHER")))
            .Should().ContainSingle();

    [Fact]
    public void Targets_of_the_same_secret_do_not_hide_each_other() =>
        Warnings(PlanningScenario.Of(Secret("a", Target("workspace", "KEY"), Target("api", "KEY"), Target("api/production", "KEY"))))
            .Should().BeEmpty();

    [Fact]
    public void An_environment_of_another_repository_hides_nothing() =>
        Warnings(PlanningScenario.Of(Secret("a", Target("api", "KEY")), Secret("b", Target("web/production", "KEY")))).Should().BeEmpty();

    [Fact]
    public void A_wider_scope_hides_nothing() =>
        Warnings(
            PlanningScenario.Of(
                Secret("a", Target("api/production", "KEY")), Secret("b", Target("api", "KEY")), Secret("c", Target("workspace", "KEY"))))
            .Should().BeEmpty();

    [Theory]
    [InlineData(false, false, false, 1)]
    [InlineData(false, true, false, 0)] // It waits for idle pipelines.
    [InlineData(false, true, true, 1)] // Forced, it doesn't.
    [InlineData(true, false, false, 0)]
    public void A_change_in_place_that_waits_for_no_pipeline_is_worth_a_warning(bool overlaps, bool waits, bool isForced, int count)
    {
        var scenario = PlanningScenario.Of(Secret("a", Target("api", "KEY")) with
        {
            Backend = new ModelBackendDefinition(BackendFamily.Set, overlaps),
            Wait = waits ? new IdleWait(Duration.FromDays(1)) : null,
        }).Overdue();
        scenario = scenario with
        {
            Observation = scenario.Observation with
            {
                Running = ImmutableDictionary<VariableScope.Repository, RunningObservation>.Empty.Add(
                    new("acme", "api"), new RunningObservation.Listed([])),
            },
        };

        Warnings(isForced ? scenario.Forcing("a") : scenario).Where(each => each.Contains("model.internal accepts one value only"))
            .Should().HaveCount(count);
    }

    private static ImmutableArray<string> Warnings(PlanningScenario scenario) => scenario.Plan().Items[0].Warnings;
}
