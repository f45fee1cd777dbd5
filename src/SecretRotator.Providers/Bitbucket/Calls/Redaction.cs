using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;

namespace SecretRotator.Providers.Bitbucket.Calls;

/// <summary>Keeps a message of Bitbucket's from repeating a value, whole or in part, that was sent to it.</summary>
internal static class Redaction
{
    /// <summary>Replaces a message that repeated a value.</summary>
    public const string Withheld = "its message is withheld, because it repeats part of what was sent";

    // So many bytes of a value in a row give it away. A shorter value must appear whole.
    private const int Telling = 8;

    /// <summary>A body whose message is <see cref="Withheld"/> where it holds a telling part of one of the values, without the scopes that
    /// do.</summary>
    /// <param name="body">What Bitbucket's answer says.</param>
    /// <param name="values">What was sent: the value, the credential.</param>
    public static ErrorBody Apply(ErrorBody body, params ReadOnlySpan<SecretValue?> values)
    {
        foreach (var value in values)
        {
            if (value is not null)
                body = new(
                    Repeats(body.Text, value) ? Withheld : body.Text,
                    body.Required.RemoveAll(scope => Repeats(scope, value)),
                    body.Granted.RemoveAll(scope => Repeats(scope, value)));
        }
        return body;
    }

    private static bool Repeats(string text, SecretValue value)
    {
        byte[][] readings =
        [
            Bare(Encoding.UTF8.GetBytes(text)),
            Bare(Encoding.UTF8.GetBytes(WebUtility.UrlDecode(text))),
            Bare(Encoding.UTF8.GetBytes(WebUtility.HtmlDecode(text))),
        ];
#pragma warning disable RS0030 // Looking for the value is how it is kept out of the message.
        return value.Reveal(readings, static (readings, utf8) =>
        {
            var bare = Bare(utf8.Span);
            var base64 = new byte[Base64.GetMaxEncodedToUtf8Length(utf8.Length)];
            Base64.EncodeToUtf8(utf8.Span, base64, out _, out _);
            try
            {
                return readings.Any(reading => Shares(reading, bare) || Shares(reading, base64));
            }
            finally
            {
                CryptographicOperations.ZeroMemory(bare);
                CryptographicOperations.ZeroMemory(base64);
            }
        });
#pragma warning restore RS0030
    }

    // Messages are brought to one line before they get here: what became a blank there doesn't count.
    private static byte[] Bare(ReadOnlySpan<byte> utf8)
    {
        var bare = new byte[utf8.Length];
        var length = 0;
        for (var at = 0; at < utf8.Length;)
        {
            Rune.DecodeFromUtf8(utf8[at..], out var rune, out var size);
            if (!ErrorBody.IsBlank(rune))
            {
                utf8.Slice(at, size).CopyTo(bare.AsSpan(length));
                length += size;
            }
            at += size;
        }
        if (length == bare.Length)
            return bare;
        var exact = bare[..length];
        CryptographicOperations.ZeroMemory(bare);
        return exact;
    }

    private static bool Shares(ReadOnlySpan<byte> text, ReadOnlySpan<byte> value)
    {
        if (value.Length < Telling)
            return value.Length > 0 && text.IndexOf(value) >= 0;
        for (var at = 0; at + Telling <= text.Length; at++)
        {
            if (value.IndexOf(text.Slice(at, Telling)) >= 0)
                return true;
        }
        return false;
    }
}
