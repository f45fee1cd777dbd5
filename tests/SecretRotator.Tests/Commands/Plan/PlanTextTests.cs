using SecretRotator.Commands;
using SecretRotator.Planning;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class PlanTextTests
{
    [Fact]
    public void A_plan_of_one_secret_reads_like_this()
    {
        var plan = Samples.PlanOf([new Decision.Due(Samples.Now - NodaTime.Duration.FromHours(60))]);

        TestTerminal.Written(terminal => PlanText.Write(terminal, new PlanView(plan, 900, null, null))).Should().Be(
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
}
