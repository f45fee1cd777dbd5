using System.Text.Json;
using SecretRotator.Inventory;

namespace SecretRotator.Planning;

/// <summary>Writes how a value is made, for digests.</summary>
internal static class CanonicalValue
{
    public static void Write(Utf8JsonWriter json, ValuePolicy policy)
    {
        json.WriteStartArray();
        switch (policy)
        {
            case ValuePolicy.Plain plain:
                json.WriteStringValue("plain");
                Write(json, plain.Generator);
                break;
            case ValuePolicy.Json fields:
                json.WriteStringValue("json");
                foreach (var field in fields.Fields.OrderBy(f => f.Field, StringComparer.Ordinal))
                {
                    json.WriteStringValue(field.Field);
                    Write(json, field.Generator);
                }

                break;
            case ValuePolicy.VaultManaged:
                json.WriteStringValue("vault-managed");
                break;
            default:
                throw new InvalidOperationException("A new kind of value needs a canonical form.");
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ValueGenerator generator)
    {
        json.WriteStartArray();
        switch (generator)
        {
            case ValueGenerator.Password password:
                json.WriteStringValue("password");
                json.WriteNumberValue(password.Length);
                json.WriteStringValue(string.Join(' ', password.Classes.Distinct().Order()));
                json.WriteStringValue(string.Concat(password.Exclude.Distinct().Order()));
                break;
            case ValueGenerator.Hex hex:
                json.WriteStringValue("hex");
                json.WriteNumberValue(hex.Bytes);
                break;
            case ValueGenerator.Base64 base64:
                json.WriteStringValue("base64");
                json.WriteNumberValue(base64.Bytes);
                break;
            case ValueGenerator.Base64Url base64:
                json.WriteStringValue("base64url");
                json.WriteNumberValue(base64.Bytes);
                break;
            case ValueGenerator.Uuid:
                json.WriteStringValue("uuid");
                break;
            case ValueGenerator.SshKey key:
                json.WriteStringValue("ssh-key");
                json.WriteStringValue(key.Algorithm.ToString());
                json.WriteNumberValue(key.Algorithm == SshKeyAlgorithm.Rsa ? key.RsaBits : 0);
                json.WriteStringValue(key.PublicField);
                json.WriteStringValue(key.Comment);
                break;
            default:
                throw new InvalidOperationException("A new kind of generator needs a canonical form.");
        }

        json.WriteStringValue(generator.WeakBecause);
        json.WriteEndArray();
    }
}
