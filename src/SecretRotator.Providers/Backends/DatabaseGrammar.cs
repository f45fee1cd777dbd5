using SecretRotator.Configuration;

namespace SecretRotator.Providers.Backends;

/// <summary>What <c>rotation.yaml</c> may say of users of every database server.</summary>
internal static class DatabaseGrammar
{
    /// <summary>The file of the authorities that alone are trusted.</summary>
    public static readonly Key Ca = new("ca", "ca: certs/db-ca.pem");

    /// <summary>Where the credential is kept that changes passwords.</summary>
    public static readonly Key Admin = new("admin", "admin: vault://prod/ci/payments-admin");

    /// <summary>The users that are rotated.</summary>
    public static readonly Key Users = new("users", "users: [payments_a, payments_b]");

    /// <summary>The field of the secret that names the user.</summary>
    public static readonly Key UserField = new("user-field", "user-field: username");

    /// <summary>The field of the secret that is generated; null where there is none, which is reported. A value that can't be right at any
    /// backend is reported with the value.</summary>
    /// <param name="mapping">The backend.</param>
    /// <param name="value">How the value is made, or null where that is wrong.</param>
    /// <param name="userField">A field that it can't be, or null.</param>
    /// <param name="user">What a user is called there, such as <c>role</c>.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static string? PasswordFieldOf(
        MappingReader mapping, ValuePolicy? value, string? userField, string user, ProblemList problems)
    {
        if (value is ValuePolicy.Json { Fields: [{ Generator: not ValueGenerator.SshKey, Field: var field }] } && field != userField)
            return field;
        if (value is ValuePolicy.Plain or ValuePolicy.Json)
            problems.Add(
                mapping.At,
                $"The secret must be a JSON object with the {user}'s name in one field and one generated text, its password, in another",
                "Write \"value: { kind: password, field: password }\".");
        return value is ValuePolicy.Issued ? "" : null;
    }
}
