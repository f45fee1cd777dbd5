namespace SecretRotator.Configuration;

/// <summary>The kinds of vaults and of backends that an inventory may name.</summary>
/// <param name="Vaults">The kinds of vaults.</param>
/// <param name="Backends">The kinds of systems that accept credentials.</param>
internal sealed record InventoryGrammar(IReadOnlyList<IVaultGrammar> Vaults, IReadOnlyList<IBackendGrammar> Backends);

/// <summary>What <c>rotation.yaml</c> may say of one kind of vault, and of the secrets in it.</summary>
internal interface IVaultGrammar
{
    /// <summary>
    /// The keys of such a vault, <see cref="Grammar.VaultKindKey"/> among them. The table's name in the schema is the word for the kind.
    /// </summary>
    KeyTable Keys { get; }

    /// <summary>Reads one vault; null where it is wrong, which is reported.</summary>
    /// <param name="name">The name that the inventory gives it.</param>
    /// <param name="mapping">Its mapping, opened with <see cref="Keys"/>.</param>
    /// <param name="problems">Takes what is wrong.</param>
    VaultDefinition? Read(string name, MappingReader mapping, ProblemList problems);

    /// <summary>Reports a path that can't be a secret's in such a vault.</summary>
    void CheckPath(PlacedText path, VaultDefinition vault, ProblemList problems);

    /// <summary>The secret and the field that a path names in a form that other tools of the vendor have; null where it has none.</summary>
    (string Name, string Field)? FieldIn(string path) => null;
}

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
