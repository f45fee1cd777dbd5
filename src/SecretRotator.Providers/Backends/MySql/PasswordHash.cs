using System.Security.Cryptography;

namespace SecretRotator.Providers.Backends.MySql;

/// <summary>
/// What servers keep of a password. It is computed here and sent in the password's place, so that no statement and no log of the server
/// has the password.
/// </summary>
internal static class PasswordHash
{
    /// <summary>The plugin of <see cref="Native"/>.</summary>
    public const string NativePlugin = "mysql_native_password";

    /// <summary>The plugin of <see cref="Sha2"/>.</summary>
    public const string Sha2Plugin = "caching_sha2_password";

    private const string Sha2Prefix = "$A$005$";
    private const int SaltLength = 20;
    private const int DigestLength = 43;
    private const int Rounds = 5_000; // "005" of the prefix, in thousands

    private static ReadOnlySpan<byte> Alphabet => "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8;

    /// <summary>What <c>mysql_native_password</c> keeps: <c>*</c> and 40 hexadecimal digits.</summary>
    /// <remarks>SHA-1 twice, as https://mariadb.com/kb/en/authentication-plugin-mysql_native_password/ describes; the server takes
    /// nothing else.</remarks>
    public static string Native(ReadOnlySpan<byte> password)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
#pragma warning disable CA5350 // It is the protocol's.
        SHA1.HashData(password, hash);
        SHA1.HashData(hash, hash);
#pragma warning restore CA5350
        return "*" + Convert.ToHexString(hash);
    }

    /// <summary>
    /// What <c>caching_sha2_password</c> keeps: a prefix with the number of rounds, 20 characters of salt, and the digest of SHA-crypt
    /// (https://www.akkadia.org/drepper/SHA-crypt.txt), which MySQL takes with a longer salt.
    /// </summary>
    /// <param name="password">The password in UTF-8.</param>
    /// <param name="salt">20 bytes.</param>
    public static string Sha2(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt) =>
        Sha2Prefix + Encoding.Latin1.GetString(salt) + Encoding.ASCII.GetString(Sha256Crypt(password, salt));

    /// <summary>The salt of an account. It depends on nothing else, so that what is kept tells whether a password is the one.</summary>
    public static byte[] SaltOf(string account)
    {
        var salt = SHA256.HashData(Encoding.UTF8.GetBytes("secret-rotator\0" + account))[..SaltLength];
        for (var i = 0; i < salt.Length; i++)
            salt[i] = Alphabet[salt[i] & 63];
        return salt;
    }

    /// <summary>Whether a password is the one of what <c>caching_sha2_password</c> keeps.</summary>
    public static bool IsOf(ReadOnlySpan<byte> password, string kept) =>
        kept.Length == Sha2Prefix.Length + SaltLength + DigestLength
        && kept.StartsWith(Sha2Prefix, StringComparison.Ordinal)
        && CryptographicOperations.FixedTimeEquals(
            Encoding.Latin1.GetBytes(kept),
            Encoding.Latin1.GetBytes(Sha2(password, Encoding.Latin1.GetBytes(kept.Substring(Sha2Prefix.Length, SaltLength)))));

    private static byte[] Sha256Crypt(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> b = stackalloc byte[32], a = stackalloc byte[32], of = stackalloc byte[32];
        hash.AppendData(password);
        hash.AppendData(salt);
        hash.AppendData(password);
        hash.GetHashAndReset(b);

        hash.AppendData(password);
        hash.AppendData(salt);
        AppendRepeated(hash, b, password.Length);
        for (var bits = password.Length; bits > 0; bits >>= 1)
            hash.AppendData((bits & 1) != 0 ? b : password);
        hash.GetHashAndReset(a);

        for (var i = 0; i < password.Length; i++)
            hash.AppendData(password);
        hash.GetHashAndReset(of);
        var p = Repeated(of, password.Length);
        for (var i = 0; i < 16 + a[0]; i++)
            hash.AppendData(salt);
        hash.GetHashAndReset(of);
        var s = Repeated(of, salt.Length);

        for (var round = 0; round < Rounds; round++)
        {
            hash.AppendData((round & 1) != 0 ? p : a);
            if (round % 3 != 0)
                hash.AppendData(s);
            if (round % 7 != 0)
                hash.AppendData(p);
            hash.AppendData((round & 1) != 0 ? a : p);
            hash.GetHashAndReset(a);
        }

        CryptographicOperations.ZeroMemory(p);
        return Digits(a);
    }

    private static void AppendRepeated(IncrementalHash hash, ReadOnlySpan<byte> block, int length)
    {
        for (; length > 0; length -= block.Length)
            hash.AppendData(block[..Math.Min(length, block.Length)]);
    }

    private static byte[] Repeated(ReadOnlySpan<byte> block, int length)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        for (var i = 0; i < length; i++)
            bytes[i] = block[i % block.Length];
        return bytes;
    }

    // SHA-crypt's own order of bytes and bits.
    private static byte[] Digits(ReadOnlySpan<byte> hash)
    {
        var digits = new byte[DigestLength];
        var at = 0;
        for (var (i, j, k) = (0, 10, 20); at < 40; (i, j, k) = (k + 1, i + 1, j + 1))
            at = Write(digits, at, hash[i] << 16 | hash[j] << 8 | hash[k], 4);
        Write(digits, at, hash[31] << 8 | hash[30], 3);
        return digits;
    }

    private static int Write(byte[] digits, int at, int bits, int count)
    {
        for (; count > 0; count--, bits >>= 6)
            digits[at++] = Alphabet[bits & 63];
        return at;
    }
}
