namespace SecretRotator.Reliability.World;

/// <summary>What a vault holds of one secret, in words that fit all kinds. Read from the services' state, not by the product's
/// code.</summary>
/// <param name="Current">The version that readers get.</param>
/// <param name="CurrentContent">Its content.</param>
/// <param name="Readable">The contents of all versions that can be read for certain.</param>
/// <param name="Staged">The staged contents; where they tell their rotation, the first one of each.</param>
/// <param name="Holder">Who holds the claim, as marks write it, or null.</param>
/// <param name="Traces">Every mark of a rotation: none stands after an end.</param>
internal sealed record Shelf(
    string Current,
    string CurrentContent,
    ImmutableArray<string> Readable,
    ImmutableArray<string> Staged,
    string? Holder,
    ImmutableArray<string> Traces);
