using System.Buffers;
using System.Security.Cryptography;

namespace SecretRotator.Planning;

/// <summary>What digests are made of: JSON with one form for each meaning, in whatever order and notation it was read.</summary>
/// <remarks>
/// A value is null, a text, a truth value, a whole number, a list of values, or a list of named values, which is an object. Lists are
/// gone through once, so that memory doesn't grow with them. Digests are in marks of vaults and in evidence: the bytes never change.
/// </remarks>
internal static class CanonicalForm
{
    /// <summary>The SHA-256 of a value's form: 64 hexadecimal digits.</summary>
    public static string Digest(object? value)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var json = new Utf8JsonWriter(new PieceBuffer((piece, count) => hash.AppendData(piece, 0, count))))
            Write(json, value);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A value's form.</summary>
    public static string Text(object? value)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
            Write(json, value);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case IEnumerable<(string Name, object? Value)> members:
                json.WriteStartObject();
                foreach (var (name, member) in members)
                {
                    json.WritePropertyName(name);
                    Write(json, member);
                }

                json.WriteEndObject();
                break;
            case IEnumerable<object?> items:
                json.WriteStartArray();
                foreach (var item in items)
                    Write(json, item);
                json.WriteEndArray();
                break;
            default:
                throw new InvalidOperationException("A new kind of value needs a canonical form.");
        }
    }
}
