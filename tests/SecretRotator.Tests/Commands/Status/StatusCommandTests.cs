using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class StatusCommandTests : IDisposable
{
    private readonly CommandFixture _run = new();

    [Fact]
    public async Task It_answers_0_where_nothing_needs_a_person_and_3_where_something_does()
    {
        _run.Sessions.Plan = Samples.PlanOf([new Decision.Due(Samples.Now)]);
        (await _run.RunAsync("status")).Should().Be(0);
        _run.Sessions.Plan = Samples.PlanOf([new Decision.Due(Samples.Now), new Decision.Blocked(FailureKind.Other, "It is.", "Do.")]);

        (await _run.RunAsync("status")).Should().Be(3);
    }

    [Fact]
    public async Task Where_all_is_fine_it_is_a_few_lines()
    {
        _run.Sessions.Plan = Samples.PlanOf(
            [new Decision.NotDue(Samples.Now + Duration.FromDays(8)), new Decision.NotDue(Samples.Now + Duration.FromDays(8))]);

        (await _run.RunAsync("status")).Should().Be(0);
        _run.Out.Should().Be(
            """
            2 secrets: 2 fresh.
            Nothing needs a person.
            Next:
              2026-12-02 01:30 UTC becomes due: payments-db, payments-webhook

            """);
    }

    [Fact]
    public async Task It_tells_what_needs_a_person_first_then_what_comes_next_by_time()
    {
        var plan = Samples.PlanOf(Samples.Decisions);
        var held = plan.Items[7] with { Hold = new(Samples.Now + Duration.FromDays(2), "the new one is refused", ByRollback: true) };
        _run.Sessions.Plan = plan with { Items = plan.Items.SetItem(7, held) };

        (await _run.RunAsync("status")).Should().Be(3);

        _run.Out.Should().Be(
            """
            11 secrets: 2 due, 2 fresh, 1 unfinished, 1 out of step, 2 not adopted, 2
            waiting, 1 blocked; 1 held.
            Needs a person:
              - scada-gateway (never delivered): This tool has never delivered it, so what
                its targets hold isn't known.
                Deliver the vault's current value:
                secret-rotator rotate --only scada-gateway --adopt
              - edge (blocked): The variable scada-bridge/plant-north:GATEWAY_TOKEN is
                missing
                Create it as a secured variable, or add create: true to its target.
            Next:
              now                  due: payments-db, deploy-key
              now                  an open rotation, which the next run finishes or undoes:
                                   billing-queue
              now                  to be delivered again: ledger-db
              now                  due, and left to a later run:
                                   a-secret-with-a-name-that-is-rather-long-for-a-table
              now                  an old version to be retired: mail-relay
              2026-11-26 01:30 UTC held until then by a rollback, the new one is refused:
                                   grid-api
              2026-12-02 01:30 UTC becomes due: payments-webhook

            """);
    }

    [Fact]
    public async Task A_cause_that_many_share_is_told_once_with_the_first_names()
    {
        _run.Sessions.Plan = Samples.PlanOf(Enumerable.Repeat(new Decision.Blocked(FailureKind.Other, "It is.", "Do."), 7));

        await _run.RunAsync("status");

        _run.Out.Should().Contain(
            """
              - 7 secrets (blocked): It is.
                Do.
                payments-db, payments-webhook, billing-queue, ledger-db, scada-gateway and 2
                more (--output json names all)

            """);
    }

    [Fact]
    public async Task It_asks_for_the_secrets_that_are_named_and_knows_no_others()
    {
        await _run.RunAsync("status", "grid-api", "--shard", "1/2");

        _run.Sessions.Requests.Single().Should().BeEquivalentTo(new PlanRequest { Only = ["grid-api"], Shard = (1, 2) });
        (await _run.RunAsync("status", "gird-api")).Should().Be(2);
        _run.Error.Should().Contain("the inventory has no secret gird-api");
    }

    [Fact]
    public async Task It_reads_what_the_runs_of_the_last_30_days_did()
    {
        await _run.RunAsync("status");

        _run.Sessions.EvidenceSince.Should().Equal(Samples.Now - Duration.FromDays(30));
    }

    public void Dispose() => _run.Dispose();
}
