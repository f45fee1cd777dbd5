using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SecretRotator.Sandbox.PostgreSql;

/// <summary>
/// The server's side of a login by SCRAM-SHA-256 (RFC 5802, RFC 7677) with the channel binding tls-server-end-point (RFC 5929). A role
/// without a password is asked as any other, so that no one learns which roles there are.
/// </summary>
internal sealed class ScramExchange
{
    private readonly string _clientFirst;
    private readonly string _serverFirst;
    private readonly string _header;
    private readonly string _nonce;
    private readonly byte[]? _storedKey;
    private readonly byte[] _serverKey;

    /// <summary>Answers a client's first message.</summary>
    /// <param name="message">The message, such as <c>p=tls-server-end-point,,n=,r=…</c>.</param>
    /// <param name="verifier">What is stored of the role's password, or null where there is none.</param>
    /// <exception cref="IOException">It isn't such a message.</exception>
    public ScramExchange(string message, string? verifier)
    {
        var second = message.IndexOf(',', message.IndexOf(',', StringComparison.Ordinal) + 1);
        var nonce = message.IndexOf(",r=", StringComparison.Ordinal);
        if (second < 0 || nonce < second)
            throw new IOException("Not a message of SCRAM.");
        (_header, _clientFirst) = (message[..(second + 1)], message[(second + 1)..]);
        _nonce = message[(nonce + 3)..] + Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
        var parts = (verifier ?? FormattableString.Invariant(
            $"SCRAM-SHA-256$4096:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(16))}$:")).Split('$', ':');
        (_storedKey, _serverKey) = (verifier is null ? null : Convert.FromBase64String(parts[3]), Convert.FromBase64String(parts[4]));
        _serverFirst = $"r={_nonce},s={parts[2]},i={parts[1]}";
    }

    /// <summary>The server's first message.</summary>
    public string Challenge => _serverFirst;

    /// <summary>The server's last message; null where the client's proof, or the server that it believes to speak with, is wrong.</summary>
    /// <param name="message">The client's last message.</param>
    /// <param name="certificate">What the server showed.</param>
    public string? Accept(string message, X509Certificate2 certificate)
    {
        var proof = message.LastIndexOf(",p=", StringComparison.Ordinal);
        byte[] binding = _header.StartsWith("p=", StringComparison.Ordinal) ? SHA256.HashData(certificate.RawData) : [];
        var bound = Convert.ToBase64String([.. Encoding.UTF8.GetBytes(_header), .. binding]);
        if (_storedKey is null || proof < 0 || message[..proof] != $"c={bound},r={_nonce}")
            return null;
        var signed = Encoding.UTF8.GetBytes($"{_clientFirst},{_serverFirst},{message[..proof]}");
        var key = Convert.FromBase64String(message[(proof + 3)..]);
        var signature = HMACSHA256.HashData(_storedKey, signed);
        for (var at = 0; at < signature.Length && at < key.Length; at++)
            key[at] ^= signature[at];
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(key), _storedKey)
            ? $"v={Convert.ToBase64String(HMACSHA256.HashData(_serverKey, signed))}"
            : null;
    }
}
