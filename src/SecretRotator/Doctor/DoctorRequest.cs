using SecretRotator.Configuration;
using SecretRotator.Log;
using SecretRotator.Providers.Doctor;
using SecretRotator.Settings;

namespace SecretRotator.Doctor;

/// <summary>What <c>doctor</c> is asked for.</summary>
/// <param name="Settings">The settings.</param>
/// <param name="Inventory">The inventory, or what is wrong with it.</param>
/// <param name="SandboxRun">Set where the sandbox is to be examined.</param>
/// <param name="Log">For what a person should know meanwhile.</param>
internal sealed record DoctorRequest(RotatorSettings Settings, InventoryResult Inventory, SandboxRun? SandboxRun, RunLog Log)
{
    /// <summary>Leaves out everything that calls anyone.</summary>
    public bool Offline { get; init; }

    /// <summary>Leaves secrets unread: what only their values can prove stays unknown.</summary>
    public bool LeavesValues { get; init; }

    /// <summary>The words of the areas to look at; empty for all.</summary>
    public ImmutableArray<string> Areas { get; init; } = [];

    /// <summary>Whether an area is to be looked at.</summary>
    public bool Includes(CheckArea area) => Areas.IsEmpty || Areas.Contains(WireNames.Of(area), StringComparer.Ordinal);
}
