using System.Diagnostics;
using SecretRotator.Discovery;
using SecretRotator.Output;

namespace SecretRotator.Commands;

/// <summary>What <c>discover</c> found, and what is shown with it.</summary>
/// <param name="Report">What was found.</param>
/// <param name="Workspace">Where.</param>
/// <param name="Stubs">The file that stubs were written to, or null.</param>
/// <param name="Sandbox">Set where it looked at the sandbox.</param>
internal sealed record DiscoveryView(DiscoveryReport Report, string Workspace, string? Stubs, SandboxNote? Sandbox)
{
    /// <summary>A kind's word, such as <c>static-cloud-key</c>. Machines read it: it never changes.</summary>
    public static string Of(FindingKind kind) => kind switch
    {
        FindingKind.Candidate => "candidate",
        FindingKind.PlainSecret => "plain-secret",
        FindingKind.StaticCloudKey => "static-cloud-key",
        _ => throw new UnreachableException("A new kind needs a word."),
    };
}
