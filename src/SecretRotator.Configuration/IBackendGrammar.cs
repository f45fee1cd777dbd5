namespace SecretRotator.Configuration;

/// <summary>What <c>rotation.yaml</c> may say of one kind of backend.</summary>
internal interface IBackendGrammar
{
    /// <summary>
    /// The keys of such a backend, <see cref="Grammar.BackendKindKey"/> among them. The table's name in the schema is the word for the
    /// kind.
    /// </summary>
    KeyTable Keys { get; }

    /// <summary>Reads one backend; null where it is wrong, which is reported.</summary>
    /// <param name="mapping">Its mapping, opened with <see cref="Keys"/>.</param>
    /// <param name="secret">What is known of the secret.</param>
    /// <param name="problems">Takes what is wrong.</param>
    BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems);
}

/// <summary>The secret that a backend accepts, as far as it was read.</summary>
/// <param name="Name">Its name; empty where that is wrong.</param>
/// <param name="Vault">Its vault, or null where that is wrong.</param>
/// <param name="Value">How its value is made, or null where that is wrong.</param>
/// <param name="Vaults">The vaults that references may name.</param>
internal sealed record BackendOwner(string Name, VaultDefinition? Vault, ValuePolicy? Value, DeclaredVaults Vaults);
