namespace SecretRotator.Tests.Contracts;

/// <summary>
/// A vault with its surroundings, as <see cref="VaultContract"/> needs it: the real adapter and the real SDK on one
/// side, an emulator behind a socket on the other, and a hand that reaches past both.
/// </summary>
public abstract class VaultUnderTest : IAsyncDisposable
{
    /// <summary>A connection of its own, as another machine would have it.</summary>
    public abstract ISecretVault Connect();

    /// <summary>Puts a secret with one current version into the vault.</summary>
    public abstract VersionId Seed(string path, string value);

    /// <summary>Writes the mark of a delivery as the adapter itself would.</summary>
    public abstract void Mark(string path, DeliveryMark mark);

    /// <summary>Makes a new current version behind the tool's back, as a colleague in the vault's own console would.</summary>
    public abstract VersionId RotateElsewhere(string path, string value);

    /// <summary>Deletes a secret, so that nothing answers under its name.</summary>
    public abstract void Delete(string path);

    /// <summary>What stands there, seen without the adapter.</summary>
    public abstract VaultView Look(string path);

    /// <summary>Whether readers can't get an old version any more.</summary>
    public abstract bool IsRetired(string path, VersionId version);

    /// <summary>The operation that retires an old version.</summary>
    public abstract string RetireOperation { get; }

    /// <summary>The operation that marks a delivery as begun.</summary>
    public abstract string MarkOperation { get; }

    /// <summary>Injects a fault, such as <c>aws.PutSecretValue#1=lost</c>.</summary>
    public abstract void Fault(string spec);

    /// <summary>Removes all faults.</summary>
    public abstract void Heal();

    /// <summary>How many calls handed a value out so far.</summary>
    public abstract int ValueReads { get; }

    /// <summary>How many calls were made so far, the ones that keep claims elsewhere included.</summary>
    public abstract int Calls { get; }

    /// <summary>How many calls of the vault itself wrote or tried to.</summary>
    public abstract int Writes { get; }

    /// <summary>How many of the calls so far keep claims in Bitbucket.</summary>
    public virtual int ClaimCalls => 0;

    /// <summary>The operation of a description, such as <c>aws.DescribeSecret</c>.</summary>
    public abstract string DescribeOperation { get; }

    /// <summary>The operation that hands out a value.</summary>
    public abstract string ReadOperation { get; }

    /// <summary>Every operation that writes in the course of a rotation, claims kept elsewhere included.</summary>
    public abstract ImmutableArray<string> WriteOperations { get; }

    public abstract ValueTask DisposeAsync();
}

/// <summary>What stands in a vault.</summary>
/// <param name="Current">The value that readers get.</param>
/// <param name="Version">The version that readers get.</param>
/// <param name="Versions">How many versions of the secret exist that the vault still counts, staged ones left out.</param>
/// <param name="Staged">The values that are staged by a claim, labels or tags and all.</param>
/// <param name="Claimed">Whether a claim stands.</param>
/// <param name="Delivered">What the mark says.</param>
/// <param name="Traces">Every mark of a rotation that stands anywhere, for people: none after an end.</param>
public sealed record VaultView(
    string Current,
    VersionId Version,
    int Versions,
    ImmutableArray<string> Staged,
    bool Claimed,
    DeliveryMark? Delivered,
    ImmutableArray<string> Traces);
