namespace SecretRotator.Sandbox.Seeding;

/// <summary>A vault of the inventory while secrets are seeded in it.</summary>
internal interface ISeededVault
{
    /// <summary>The current content of a secret, or null where there is none.</summary>
    string? Find(string path);

    /// <summary>Makes a secret with one version, and answers that version's id.</summary>
    VersionId Create(string path, SeededSecret secret);

    /// <summary>Changes the content of a secret's current version. The secret exists.</summary>
    void Replace(string path, string content);

    /// <summary>Writes what was delivered where the rotator looks for it. The secret exists.</summary>
    void MarkDelivered(string path, string mark);
}

/// <summary>A secret that is seeded.</summary>
/// <param name="Content">The content of its only version.</param>
/// <param name="Since">When it was made.</param>
/// <param name="Description">What it is, for people.</param>
internal sealed record SeededSecret(string Content, Instant Since, string Description)
{
    /// <summary>Whom its tag names as its owner; null for no tag.</summary>
    public string? Owner { get; init; }

    /// <summary>The name of the function by which the vault itself rotates it, or null where it doesn't.</summary>
    public string? RotationFunction { get; init; }
}
