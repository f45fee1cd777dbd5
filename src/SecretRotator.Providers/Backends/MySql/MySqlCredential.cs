namespace SecretRotator.Providers.Backends.MySql;

/// <summary>An account's name and password, for as long as a call needs them.</summary>
/// <param name="User">The account's name.</param>
/// <param name="Password">The password in UTF-8, pinned, and wiped by <see cref="Dispose"/>.</param>
internal sealed record MySqlCredential(string User, byte[] Password) : IDisposable
{
    // https://dev.mysql.com/doc/refman/8.4/en/caching-sha2-pluggable-authentication.html; nothing says that others take more.
    private const int LongestPassword = 255;

    /// <summary>Takes them out of a secret.</summary>
    /// <exception cref="SecretContentException">They aren't there, or no server would take them.</exception>
    public static MySqlCredential Of(SecretValue content, string userField, string passwordField)
    {
        using var user = JsonSecret.Read(content, userField);
        using var password = JsonSecret.Read(content, passwordField);
#pragma warning disable RS0030 // It goes to the server, as a login or as a hash.
        var bytes = password.Reveal(
            0,
            static (_, utf8) =>
            {
                var pinned = GC.AllocateUninitializedArray<byte>(utf8.Length, pinned: true);
                utf8.CopyTo(pinned);
                return pinned;
            });
        var credential = new MySqlCredential(user.RevealText(), bytes);
#pragma warning restore RS0030
        if (credential.User.Length > 0 && !credential.User.Any(char.IsControl) && bytes.Length is > 0 and <= LongestPassword
            && !bytes.AsSpan().Contains((byte)0))
            return credential;
        credential.Dispose();
        throw new SecretContentException(
            $"The fields \"{userField}\" and \"{passwordField}\" of the secret aren't the name and the password of an account: one is "
                + "empty, "
                + $"has characters that can't be printed, or is longer than {LongestPassword} bytes.",
            "Correct them in the vault.");
    }

    /// <summary>The password for the library, which takes nothing but text.</summary>
    public string PasswordText() => Encoding.UTF8.GetString(Password);

    /// <inheritdoc />
    public void Dispose() => System.Security.Cryptography.CryptographicOperations.ZeroMemory(Password);

    /// <summary>Never the password.</summary>
    public override string ToString() => User;
}
