namespace SecretRotator.Inventory;

/// <summary>Reads where something secret is kept: <c>vault://VAULT/PATH#FIELD</c>.</summary>
internal static class ReferenceReader
{
    private const string Scheme = "vault://";

    /// <summary>The reference; null where it is none, which is reported. What is said never repeats it: it may be the secret itself.</summary>
    /// <param name="text">What stands there.</param>
    /// <param name="key">The key that it stands at.</param>
    /// <param name="what">What it leads to.</param>
    /// <param name="vaults">The vaults of the file.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static VaultReference? Read(PlacedText text, Key key, string what, IReadOnlyDictionary<string, VaultDefinition?> vaults, ProblemList problems)
    {
        var rest = text.Value.StartsWith(Scheme, StringComparison.Ordinal) ? text.Value[Scheme.Length..] : "";
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var hash = rest.IndexOf('#', StringComparison.Ordinal);
        if (slash <= 0 || hash == rest.Length - 1 || (hash >= 0 && hash < slash))
        {
            problems.Add(
                text.At,
                $"\"{key.Name}\" must say where {what} is kept, and never is {what} itself",
                $"Write vault://VAULT/PATH or vault://VAULT/PATH#FIELD such as \"{key.Example}\".");
            return null;
        }

        var (vault, path, field) = (rest[..slash], hash < 0 ? rest[(slash + 1)..] : rest[(slash + 1)..hash], hash < 0 ? null : rest[(hash + 1)..]);
        if (!vaults.TryGetValue(vault, out var definition))
            problems.Add(text.At, $"There is no vault {Quoted.Of(vault)}", SecretPlace.KnownVaults(vault, vaults.Keys, problems));
        else if (definition is not null)
            SecretPlace.CheckPath(new PlacedText(path, text.At), definition, problems);
        return new VaultReference(vault, path, field);
    }
}
