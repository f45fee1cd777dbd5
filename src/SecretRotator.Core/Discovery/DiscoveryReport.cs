namespace SecretRotator.Discovery;

/// <summary>Why a variable that no entry covers is worth a look.</summary>
internal enum FindingKind
{
    /// <summary>It is secured: the inventory could keep it fresh.</summary>
    Candidate,

    /// <summary>It can be read by everyone with access, and is named like a secret.</summary>
    PlainSecret,

    /// <summary>It is a long-lived key of a cloud, which the pipeline's own identity makes needless.</summary>
    StaticCloudKey,
}

/// <summary>A variable that no entry of the inventory covers.</summary>
/// <param name="Kind">Why it is worth a look.</param>
/// <param name="Scope">Where it lives.</param>
/// <param name="Key">Its key.</param>
/// <param name="Secured">Whether Bitbucket hides its value.</param>
internal sealed record UncoveredVariable(FindingKind Kind, VariableScope Scope, string Key, bool Secured);

/// <summary>A place that could not be seen.</summary>
/// <param name="Place">Such as <c>payments-api</c> or <c>payments-api/production</c>.</param>
/// <param name="Failure">Why.</param>
internal sealed record UnknownPlace(string Place, Failure Failure);

/// <summary>What was found, and what was not looked at.</summary>
/// <param name="Variables">The variables, in the order of their places.</param>
/// <param name="Unknown">What could not be seen.</param>
/// <param name="Unseen">What was left out because the calls were used up.</param>
/// <param name="Scopes">How many scopes were listed.</param>
/// <param name="Calls">How many calls it cost.</param>
internal sealed record DiscoveryReport(
    ImmutableArray<UncoveredVariable> Variables, ImmutableArray<UnknownPlace> Unknown, ImmutableArray<string> Unseen, int Scopes,
    long Calls)
{
    /// <summary>Whether everything that was asked for was seen.</summary>
    public bool IsComplete => Unknown.IsEmpty && Unseen.IsEmpty;
}

/// <summary>Where to look.</summary>
/// <param name="Workspace">The workspace's slug, in lower case.</param>
/// <param name="Project">Only repositories of the project with this key; null for all.</param>
/// <param name="Repositories">Only these repositories; empty for all. The workspace's own variables are looked at only where neither
/// narrows it.</param>
/// <param name="MostCalls">How many calls it may cost; null for as many as the hourly budget has left.</param>
internal sealed record DiscoveryRequest(string Workspace, string? Project, ImmutableArray<string> Repositories, int? MostCalls);
