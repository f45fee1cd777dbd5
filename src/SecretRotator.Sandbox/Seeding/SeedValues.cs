using System.Buffers.Text;
using System.Text.Encodings.Web;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>Makes the old values of a new sandbox: random, of the shape that the inventory asks for, worth nothing.</summary>
internal sealed class SeedValues(IRandomSource random)
{
    /// <summary>So many random letters, digits, <c>-</c> and <c>_</c>.</summary>
    public string Text(int length) => Base64Url.EncodeToString(random.Bytes(length))[..length];

    /// <summary>A secret's old content: plain text, or JSON with the fields that the inventory names and some that it doesn't.</summary>
    public string Content(ManagedSecret secret) => secret.Value switch
    {
        ValuePolicy.Plain plain when secret.Targets.All(target => target.Field is null) => Of(plain.Generator),
        ValuePolicy.VaultManaged or ValuePolicy.External when secret.Targets.All(target => target.Field is null) => Text(40),
        _ => Object(secret),
    };

    private string Of(ValueGenerator generator) => generator switch
    {
        ValueGenerator.Password password => Text(password.Length),
        ValueGenerator.Hex hex => random.Hex(hex.Bytes),
        ValueGenerator.Base64 base64 => Convert.ToBase64String(random.Bytes(base64.Bytes)),
        ValueGenerator.Base64Url base64Url => Base64Url.EncodeToString(random.Bytes(base64Url.Bytes)),
        ValueGenerator.Uuid => random.Uuid(),
        _ => throw new InvalidOperationException("A new kind of value needs an old one."),
    };

    private string Object(ManagedSecret secret)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        if (secret.Value is ValuePolicy.Json json)
        {
            foreach (var (field, generator) in json.Fields)
            {
                if (generator is ValueGenerator.SshKey key)
                    (fields[field], fields[key.PublicField]) = Pair(key);
                else
                    fields[field] = Of(generator);
            }
        }

        foreach (var field in secret.Targets.Select(target => target.Field).OfType<string>())
            fields.TryAdd(field, Text(40));

        // The odd spacing, the escapes and the order are there to be kept: what isn't rotated must stay byte for byte.
        var members = Surroundings(secret)
            .Where(member => !fields.ContainsKey(member.Name))
            .Select(member => $"\"{member.Name}\": {member.Json}")
            .ToList();
        members.InsertRange(members.Count / 2, fields.Select(field => $"{Quote(field.Key)} : {Quote(field.Value)}"));
        return "{ " + string.Join(",\n  ", members) + " }";
    }

    private static ImmutableArray<(string Name, string Json)> Surroundings(ManagedSecret secret)
    {
        var host = Quote($"{secret.Name}.internal.{secret.Targets[0].Scope.WorkspaceSlug}.example");
        return
        [
            ("username", Quote(secret.Name.Replace('-', '_'))),
            ("host", host),
            ("port", "5432"),
            ("options", """{"tls":true,"ratio":1.50,"tags":["a", "b"]}"""),
            ("note", "\"d\\u00e9j\\u00e0 vu \\/ kept as it is\""),
        ];
    }

    // RSA keys take long to make, and the old one may be of any kind.
    private (string Private, string Public) Pair(ValueGenerator.SshKey rule)
    {
        using var pair = SshKeyPair.Generate(rule with { Algorithm = SshKeyAlgorithm.Ed25519 }, random);
#pragma warning disable RS0030 // The sandbox keeps what it emulates.
        return (pair.Private.RevealText(), pair.Public.RevealText());
#pragma warning restore RS0030
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    /// <summary>What a target carries of a secret's content: a field, or all of it, in its encoding.</summary>
    /// <returns>Null where the content has no such field.</returns>
    public static string? Carried(string content, VariableTarget target)
    {
        var part = Part(content, target.Field);
        return part is not null && target.Encoding == TargetEncoding.Base64 ? Convert.ToBase64String(Encoding.UTF8.GetBytes(part)) : part;
    }

    private static string? Part(string content, string? field)
    {
        if (field is null)
            return content;
        try
        {
            using var document = JsonDocument.Parse(content);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(field, out var value)
                && value.ValueKind == JsonValueKind.String
                    ? value.GetString()
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
