using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class RunTextTests
{
    [Fact]
    public void A_rolled_back_rotation_says_cause_state_and_next_step() =>
        TestTerminal.Written((Samples.Run with { Result = Samples.RunOf([Samples.Outcomes[3]]) }).WriteText).Should().Be(
            """

             Secret        Outcome       Versions   Targets
            ──────────────────────────────────────────────────
             payments-db   rolled back   -          3

            payments-db: rolled back
              Cause Bitbucket answered 503 to the PUT of payments-api/production:DB_PASSWORD
              Now   The vault's current version is the old one, and all 3 targets hold the
                    old value.
              Next  Fix the cause, then:
                    secret-rotator rotate --only payments-db

            1 secret: 1 rolled back.
            Evidence: evidence/20261124T013000Z-rotate.jsonl

            """);
}
