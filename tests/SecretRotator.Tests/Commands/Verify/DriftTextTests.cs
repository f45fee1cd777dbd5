using SecretRotator.Commands;
using SecretRotator.Output;
using SecretRotator.Tests.Output;
using SecretRotator.Verification;

namespace SecretRotator.Tests.Commands;

public sealed class DriftTextTests
{
    [Fact]
    public void Findings_are_grouped_by_secret() =>
        TestTerminal.Written(Samples.Drift.WriteText).Should().Be(
            """
            payments-db
              - vault moved
                The vault's current version is 9ab04cd1; the targets got 1f0c2d3e.
                Deliver the current value: secret-rotator rotate --only payments-db
              - unsecured: payments-api:DB_PASSWORD
                The variable isn't secured: its value can be read.
                Tick Secured by hand, then rotate.

            grid-api
              - missing: grid-console/staging:GRID_API_KEY
                The variable doesn't exist.
                The next delivery creates it.

            1 secured variable in no entry of the inventory, which is no drift:
              - grid-console:DEPLOY_TOKEN

            3 findings on 2 of 8 secrets.

            """);

    [Fact]
    public void A_result_of_the_sandbox_says_so() =>
        TestTerminal.Written(
            new DriftView(new DriftReport([], []), 8, new SandboxNote(Samples.Now, ".sandbox")).WriteText)
            .Should().StartWith("Sandbox: its clock says 2026-11-24 01:30 UTC, its state is in .sandbox.\n");
}
