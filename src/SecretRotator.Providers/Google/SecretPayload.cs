using System.Buffers;
using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Unicode;
using SecretRotator.Providers.Bitbucket.Api;

namespace SecretRotator.Providers.Google;

/// <summary>
/// A value as requests and answers of Secret Manager hold it: base64, with its CRC-32C. It goes from one pinned buffer into the next, and
/// never becomes a string.
/// </summary>
internal static class SecretPayload
{
    /// <summary>The body of <c>:addVersion</c>.</summary>
    public static WipedJson Content(SecretValue value) =>
#pragma warning disable RS0030 // The one place where a value enters a request to Secret Manager.
        value.Reveal(0, static (_, utf8) => new WipedJson(Json(utf8.Span)));
#pragma warning restore RS0030

    /// <summary>Reads the answer of <c>:access</c>. The caller wipes both the answer and the value.</summary>
    /// <returns>The version's name, and its value.</returns>
    /// <exception cref="JsonException">It is no such answer, or the value isn't the one that its checksum is of.</exception>
    /// <exception cref="BinaryPayloadException">The value isn't text.</exception>
    public static (string Name, SecretValue Value) Read(ReadOnlySpan<byte> answer)
    {
        var reader = new Utf8JsonReader(answer);
        string? name = null;
        uint? checksum = null;
        byte[]? data = null;
        var length = 0;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                if (reader.CurrentDepth == 1 && reader.ValueTextEquals("name"u8) && name is null)
                    name = Text(ref reader);
                else if (reader.CurrentDepth == 2 && reader.ValueTextEquals("dataCrc32c"u8) && checksum is null)
                    checksum = Checksum(ref reader);
                else if (reader.CurrentDepth == 2 && reader.ValueTextEquals("data"u8) && data is null)
                    (data, length) = Decoded(ref reader);
            }

            if (name is null || data is null || checksum is null || checksum != Crc32C(data.AsSpan(0, length)))
                throw new JsonException();
            return Utf8.IsValid(data.AsSpan(0, length))
                ? (name, SecretValue.FromUtf8(data.AsSpan(0, length)))
                : throw new BinaryPayloadException();
        }
        catch (InvalidOperationException)
        {
            // Text that isn't Unicode.
            throw new JsonException();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(data);
        }
    }

    /// <summary>CRC-32C (Castagnoli), as RFC 3720 defines it in its appendix B.4.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var each in bytes)
            crc = BitOperations.Crc32C(crc, each);
        return ~crc;
    }

    private static byte[] Json(ReadOnlySpan<byte> value)
    {
        var begin = "{\"payload\":{\"data\":\""u8;
        var end = System.Text.Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"\",\"dataCrc32c\":\"{Crc32C(value)}\"}}}}"));
        var length = Base64.GetMaxEncodedToUtf8Length(value.Length);
        var json = GC.AllocateUninitializedArray<byte>(begin.Length + length + end.Length, pinned: true);
        begin.CopyTo(json);
        Base64.EncodeToUtf8(value, json.AsSpan(begin.Length, length), out _, out _);
        end.CopyTo(json, begin.Length + length);
        return json;
    }

    private static string? Text(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException();

    // A 64-bit number is a string in Google's JSON; a number is taken as well.
    private static uint Checksum(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType is JsonTokenType.String or JsonTokenType.Number
            && !reader.HasValueSequence
            && Utf8Parser.TryParse(reader.ValueSpan, out uint checksum, out var read) && read == reader.ValueSpan.Length
            ? checksum
            : throw new JsonException();

    private static (byte[] Data, int Length) Decoded(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.String)
            throw new JsonException();
        var data = GC.AllocateUninitializedArray<byte>(reader.ValueSpan.Length, pinned: true);
        try
        {
            var text = data.AsSpan(0, reader.CopyString(data));
            return Base64.DecodeFromUtf8InPlace(text, out var length) == OperationStatus.Done ? (data, length) : throw new JsonException();
        }
        catch (Exception exception)
        {
            CryptographicOperations.ZeroMemory(data);
            throw exception as JsonException ?? new JsonException();
        }
    }
}

/// <summary>The value isn't text.</summary>
internal sealed class BinaryPayloadException() : Exception("The payload isn't UTF-8.");
