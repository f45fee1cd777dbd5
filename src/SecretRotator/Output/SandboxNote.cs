namespace SecretRotator.Output;

/// <summary>Says that a result came from the sandbox and not from the real services.</summary>
/// <param name="Clock">The sandbox's time.</param>
/// <param name="State">The directory that keeps its state.</param>
internal sealed record SandboxNote(Instant Clock, string State)
{
    public override string ToString() => $"Sandbox: its clock says {HumanText.Time(Clock)}, its state is in {State}.";
}
