using SecretRotator.Commands;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class PlanTextTests
{
    [Fact]
    public void A_plan_of_one_secret_reads_like_this()
    {
        var plan = Samples.PlanOf([new Decision.Due(Samples.Now - NodaTime.Duration.FromHours(60))]);

        TestTerminal.Written(new PlanView(plan, null, null).WriteText).Should().Be(
            """

             Secret        Decision   Why                                         Calls
            ──────────────────────────────────────────────────────────────────────────────
             payments-db   due        Since 2026-11-21 13:30 UTC (2 d 12 h ago)   1 + 6

            Warning: payments-db: payments-api:DB_PASSWORD is hidden in production by a
            variable of that environment.
            1 secret: 1 due.
            Calls, observation included: 21 of Bitbucket (at most 900 an hour), 38 of
            vaults.
            Digest 4f9be057f0ea5d2ba72fd2c810e8d7b9aa98b469b8b6e7dc5b1d37ae0d0f5a11

            """);
    }

    [Theory]
    [InlineData(1, 1, "1 secret waits for later runs: 1 more run, at one an hour the last one at 2026-11-24 02:30 UTC.")]
    [InlineData(1758, 8, "1758 secrets wait for later runs: 8 more runs, at one an hour the last one at 2026-11-24 09:30 UTC.")]
    public void A_plan_says_when_the_last_rotation_begins(int secrets, int runs, string expected)
    {
        var plan = Samples.PlanOf([new Decision.Due(Samples.Now)]) with { Backlog = new Backlog(secrets, runs) };

        TestTerminal.Written(new PlanView(plan, null, null).WriteText).ReplaceLineEndings(" ").Should()
            .Contain(expected);
    }
}
