using System.Security.Cryptography;
using SecretRotator.Providers.Backends.AwsIam;
using SecretRotator.Providers.Backends.DeployKeys;
using SecretRotator.Providers.Backends.Entra;
using SecretRotator.Providers.Backends.PostgreSql;

namespace SecretRotator.Reliability.Processes;

/// <summary>What a secret's backend accepts at one moment, read from the sandbox's state page without the product's own eyes.</summary>
/// <param name="Kept">The slots that are on, by their identity, with what the backend keeps of the proof.</param>
/// <param name="IdentityField">The field of the secret that names a slot.</param>
/// <param name="ProofField">The field with the proof.</param>
/// <param name="IsProof">Whether a proof belongs to what is kept of one.</param>
/// <param name="Issues">Whether the backend makes the values.</param>
internal sealed record CredentialsPicture(
    ImmutableDictionary<string, string> Kept, string IdentityField, string ProofField, Func<string, string, bool> IsProof, bool Issues)
{
    /// <summary>Reads a state page; null for a secret without a backend.</summary>
    public static CredentialsPicture? Of(JsonElement state, ManagedSecret secret)
    {
        return secret.Backend switch
        {
            null => null,
            PostgreSqlDefinition roles => new(
                Rows("postgresql",
                    "role", "verifier", row => roles.Users.Contains(Text(row, "role")) && row.GetProperty("login").GetBoolean()),
                roles.UserField, roles.PasswordField, IsOfVerifier, Issues: false),
            AwsIamDefinition user => new(
                Rows("iam", "id", "value", row => Text(row, "user").EndsWith($":user/{user.User}", StringComparison.Ordinal)
                    && row.GetProperty("active").GetBoolean()),
                user.IdField, user.SecretField, string.Equals, Issues: true),
            EntraDefinition application => new(
                Rows("entra", "id", "value", row => Text(row, "application") == application.Application),
                application.IdField, application.SecretField, string.Equals, Issues: true),
            DeployKeyDefinition keys => new(
                Rows("deployKeys", "key", "key", row => Text(row, "repository") == keys.Repository.Slug),
                keys.PublicField, keys.PublicField, (kept, line) => WithoutComment(line) == kept, Issues: false),
            var other => throw new InvalidOperationException($"Nothing is known of {other.Kind} here."),
        };

        ImmutableDictionary<string, string> Rows(string member, string identity, string proof, Func<JsonElement, bool> isOn) => state
            .GetProperty(member).EnumerateArray().Where(isOn).ToImmutableDictionary(row => Text(row, identity), row => Text(row, proof));
    }

    /// <summary>Whether who holds this content of the secret is let in.</summary>
    public bool Accepts(string content) =>
        Kept.TryGetValue(SlotOf(content), out var kept) && IsProof(kept, Field(content, ProofField));

    /// <summary>The identity that a content names.</summary>
    public string SlotOf(string content) => WithoutComment(Field(content, IdentityField));

    /// <summary>A content with a proof that belongs to nothing. A public key stays: there is nothing else to take.</summary>
    public string WithOtherProof(string content) => ProofField == IdentityField
        ? content
        : content.Replace(Field(content, ProofField), "changed-by-hand", StringComparison.Ordinal);

    private static string Field(string content, string field)
    {
        using var json = JsonDocument.Parse(content);
        return Text(json.RootElement, field);
    }

    // Only a public key has one.
    private static string WithoutComment(string text) => string.Join(' ', text.Split(' ').Take(2));

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    // RFC 5803: SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey.
    private static bool IsOfVerifier(string verifier, string password)
    {
        if (verifier.Split('$', ':') is not [_, var rounds, var salt, var stored, _])
            return false;
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            password, Convert.FromBase64String(salt), int.Parse(rounds, CultureInfo.InvariantCulture), HashAlgorithmName.SHA256, 32);
        return Convert.ToBase64String(SHA256.HashData(HMACSHA256.HashData(salted, Encoding.ASCII.GetBytes("Client Key")))) == stored;
    }
}
