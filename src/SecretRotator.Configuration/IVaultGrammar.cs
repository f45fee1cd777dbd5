namespace SecretRotator.Configuration;

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
