using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor;

/// <summary>What <c>doctor</c> found.</summary>
/// <param name="Results">The answers, by area and within it in the order in which they were asked.</param>
/// <param name="Offline">Whether everything that needs the network was left out.</param>
/// <param name="Sandbox">Set where the sandbox was examined.</param>
internal sealed record DoctorReport(ImmutableArray<CheckResult> Results, bool Offline, SandboxNote? Sandbox)
{
    /// <summary>How many questions were answered so.</summary>
    public int Count(CheckStatus status) => Results.Count(result => result.Status == status);
}
