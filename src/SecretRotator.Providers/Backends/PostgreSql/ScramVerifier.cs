using System.Security.Cryptography;

namespace SecretRotator.Providers.Backends.PostgreSql;

/// <summary>
/// What PostgreSQL stores of a password: it is made here, so that the server, its log and whoever reads statements on the way never get
/// the password.
/// </summary>
/// <remarks>The form is that of <c>pg_authid.rolpassword</c> (https://www.postgresql.org/docs/current/catalog-pg-authid.html).</remarks>
internal static class ScramVerifier
{
    /// <summary>The default of PostgreSQL (<c>scram_iterations</c>). What is generated has entropy enough.</summary>
    public const int Iterations = 4_096;

    private const int SaltLength = 16;

    /// <summary>A verifier with a salt of its own.</summary>
    /// <exception cref="SecretContentException">The password has characters that clients may change before they hash them.</exception>
    public static string Of(SecretValue password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
#pragma warning disable RS0030 // Hashed as PostgreSQL does.
        return password.Reveal(salt, static (salt, utf8) => Of(utf8.Span, salt));
#pragma warning restore RS0030
    }

    private static string Of(ReadOnlySpan<byte> password, byte[] salt)
    {
        // SASLprep (RFC 4013) leaves ASCII as it is; of other characters clients make different things.
        if (password.ContainsAnyExceptInRange((byte)0, (byte)0x7F))
            throw new SecretContentException(
                "The password has characters outside ASCII, which PostgreSQL's clients hash in different ways.",
                "Let the inventory generate it from ASCII characters.");
        Span<byte> salted = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> client = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> stored = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> server = stackalloc byte[SHA256.HashSizeInBytes];
        try
        {
            Rfc2898DeriveBytes.Pbkdf2(password, salt, salted, Iterations, HashAlgorithmName.SHA256);
            HMACSHA256.HashData(salted, "Client Key"u8, client);
            SHA256.HashData(client, stored);
            HMACSHA256.HashData(salted, "Server Key"u8, server);
            return string.Join(
                '$',
                "SCRAM-SHA-256",
                $"{Iterations}:{Convert.ToBase64String(salt)}",
                $"{Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(salted);
            CryptographicOperations.ZeroMemory(client);
        }
    }
}
