using SecretRotator.Discovery;
using SecretRotator.Output;

namespace SecretRotator.Commands;

/// <summary>What <c>discover</c> found, and what is shown with it.</summary>
/// <param name="Report">What was found.</param>
/// <param name="Workspace">Where.</param>
/// <param name="Stubs">The file that stubs were written to, or null.</param>
/// <param name="Sandbox">Set where it looked at the sandbox.</param>
internal sealed record DiscoveryView(DiscoveryReport Report, string Workspace, string? Stubs, SandboxNote? Sandbox);
