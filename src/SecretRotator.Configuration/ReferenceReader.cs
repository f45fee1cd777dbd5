namespace SecretRotator.Configuration;

/// <summary>Reads where something secret is kept: <c>vault://VAULT/PATH#FIELD</c>.</summary>
internal static class ReferenceReader
{
    /// <summary>The reference; null where it is none, which is reported. What is said never repeats it: it may be the secret
    /// itself.</summary>
    /// <param name="text">The text there.</param>
    /// <param name="key">The key that it belongs to.</param>
    /// <param name="what">What it leads to.</param>
    /// <param name="vaults">The vaults of the file.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static VaultReference? Read(PlacedText text, Key key, string what, DeclaredVaults vaults, ProblemList problems)
    {
        if (VaultReference.Parse(text.Value) is not { } reference)
        {
            problems.Add(
                text.At,
                $"\"{key.Name}\" must say where {what} is kept, and never is {what} itself",
                $"Write vault://VAULT/PATH or vault://VAULT/PATH#FIELD such as \"{key.Example}\".");
            return null;
        }

        if (vaults.Find(reference.Vault, text.At) is { } vault)
            vaults.CheckPath(new PlacedText(reference.Path, text.At), vault);
        return reference;
    }
}
