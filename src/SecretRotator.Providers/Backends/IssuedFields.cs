using SecretRotator.Configuration;

namespace SecretRotator.Providers.Backends;

/// <summary>The two fields of a secret that an issued credential goes to.</summary>
internal static class IssuedFields
{
    /// <summary>Reads their names; reports them where both are the same.</summary>
    /// <param name="mapping">The backend.</param>
    /// <param name="id">The key for the field of the credential's id, and what holds without it.</param>
    /// <param name="secret">The same for the field of the secret.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static (string Id, string Secret) Read(
        MappingReader mapping, (Key Key, string Usual) id, (Key Key, string Usual) secret, ProblemList problems)
    {
        var (first, second) = (
            FieldName.Read(mapping, id.Key, problems)?.Value ?? id.Usual,
            FieldName.Read(mapping, secret.Key, problems)?.Value ?? secret.Usual);
        if (first == second)
            problems.Add(
                mapping.PlaceOf(mapping.Has(secret.Key) ? secret.Key : id.Key),
                $"\"{id.Key.Name}\" and \"{secret.Key.Name}\" both name the field {Quoted.Of(first)}",
                "Write the names of two fields.");
        return (first, second);
    }

    /// <summary>The content with a credential in those fields.</summary>
    /// <exception cref="SecretContentException">The content lacks one of them.</exception>
    public static SecretValue Filled(SecretValue content, (string Id, string Secret) fields, SecretValue id, SecretValue secret) =>
        JsonSecret.Replace(
            content, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { [fields.Id] = id, [fields.Secret] = secret });

    /// <summary>Whether the content could take a credential, so that none is made that goes nowhere.</summary>
    /// <exception cref="SecretContentException">It lacks a field.</exception>
    public static void Rehearse(SecretValue content, (string Id, string Secret) fields)
    {
        using var nothing = SecretValue.FromText("");
        Filled(content, fields, nothing, nothing).Dispose();
    }
}
