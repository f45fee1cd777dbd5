namespace SecretRotator.Providers.Doctor;

/// <summary>Words findings about one secret.</summary>
internal static class VaultFindings
{
    private const string Blocked = "It can't be rotated so.";

    /// <summary>Something that must be fixed before it can be rotated.</summary>
    /// <param name="id">The finding.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="what">What is wrong, after its name.</param>
    /// <param name="fix">What fixes it.</param>
    public static CheckResult Fail(string id, ManagedSecret secret, string what, string fix) =>
        CheckResult.Fail(CheckArea.Vaults, id, $"{Name(secret)} {what}.", Blocked, fix) with { Secret = secret };

    /// <summary>Something that is a risk.</summary>
    public static CheckResult Warn(string id, ManagedSecret secret, string what, string why, string fix) =>
        CheckResult.Warn(CheckArea.Vaults, id, $"{Name(secret)} {what}.", why, fix) with { Secret = secret };

    /// <summary>A call that was refused.</summary>
    public static CheckResult Refused(string id, ManagedSecret secret, Failure failure, string fix) =>
        CheckResult.Fail(
            CheckArea.Vaults, id, $"{secret.Name}: {failure.Message}",
            Blocked,
            fix) with
        { Secret = secret, Failure = failure };

    /// <summary>The secret by its name in the inventory, and by that in the vault where it differs.</summary>
    private static string Name(ManagedSecret secret) => secret.Name == secret.Path ? secret.Name : $"{secret.Name} ({secret.Path})";
}
