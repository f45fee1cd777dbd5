using SecretRotator.Bitbucket;
using SecretRotator.Vaults;

namespace SecretRotator.Reliability.World;

/// <summary>Mistakes that a product could have, planted between it and its adapters, so that it is known that the experiments would find them.</summary>
internal abstract class PlantedBugs
{
    /// <summary>The product as it is.</summary>
    public static PlantedBugs None { get; } = new Nothing();

    /// <summary>All of them, by the name that <c>--bug</c> takes.</summary>
    public static IReadOnlyDictionary<string, PlantedBugs> ByName { get; } = new SortedDictionary<string, PlantedBugs>(StringComparer.Ordinal)
    {
        ["none"] = None,
    };

    /// <summary>What the product gets in place of its variables.</summary>
    public virtual IVariableStore Of(IVariableStore variables) => variables;

    /// <summary>What the product gets in place of a vault.</summary>
    public virtual ISecretVault Of(ISecretVault vault) => vault;

    private sealed class Nothing : PlantedBugs;
}
