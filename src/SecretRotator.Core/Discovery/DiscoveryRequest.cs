using System.Collections.Immutable;

namespace SecretRotator.Discovery;

/// <summary>Where to look.</summary>
/// <param name="Workspace">The workspace's slug, in lower case.</param>
/// <param name="Project">Only repositories of the project with this key; null for all.</param>
/// <param name="Repositories">Only these repositories; empty for all. The workspace's own variables are looked at only where neither
/// narrows it.</param>
/// <param name="MostCalls">How many calls it may cost; null for as many as the hourly budget has left.</param>
internal sealed record DiscoveryRequest(string Workspace, string? Project, ImmutableArray<string> Repositories, int? MostCalls);
