using SecretRotator.Commands;
using SecretRotator.Output;

namespace SecretRotator.Tests.Output;

/// <summary>The samples that docs/json.md shows.</summary>
internal static class DocumentedSamples
{
    public static PlanView Plan { get; } = Samples.Plan with
    {
        Plan = Samples.PlanOf([Samples.Decisions[0], Samples.Decisions[1], Samples.Decisions[9]]),
        Sandbox = new SandboxNote(Samples.Now, ".sandbox"),
    };

    public static RunView Run { get; } = Samples.Run with
    {
        Result = Samples.RunOf([Samples.Outcomes[0], Samples.Outcomes[3], Samples.Outcomes[5], Samples.Outcomes[6]]),
    };

    public static ErrorView Error { get; } = new(
        "validate",
        ExitCode.Usage,
        [new Problem("Unknown key \"rotate_every\" in a secret", "Did you mean rotate-every?", "rotation.yaml", 12, 5)]);
}
