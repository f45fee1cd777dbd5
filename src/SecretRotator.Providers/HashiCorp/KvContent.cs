using SecretRotator.Providers.Bitbucket.Api;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>How a secret's content is kept as the JSON object that a version is.</summary>
internal enum KvForm
{
    /// <summary>The content is one text: the object has the one member <c>value</c>, a string.</summary>
    Text,

    /// <summary>The content is the object.</summary>
    Fields,

    /// <summary>The inventory doesn't say: an object that <see cref="Text"/> would make is a text, any other one itself.</summary>
    Either,
}

/// <summary>
/// Between a secret's content and the JSON object that a version in a KV engine is. What the inventory says of the secret decides, so that
/// no content is taken for another one.
/// </summary>
internal static class KvContent
{
    /// <summary>The member that holds a text.</summary>
    public const string Member = "value";

    /// <summary>The forms of a vault's secrets, by their paths.</summary>
    public static Func<string, KvForm> FormsOf(RotationInventory inventory, string vault)
    {
        var values = inventory.Secrets.Where(secret => secret.Vault == vault).DistinctBy(secret => secret.Path, StringComparer.Ordinal)
            .ToDictionary(secret => secret.Path, secret => secret.Value, StringComparer.Ordinal);
        return path => values.GetValueOrDefault(path) switch
        {
            ValuePolicy.Plain => KvForm.Text,
            ValuePolicy.Json or ValuePolicy.Issued => KvForm.Fields,
            _ => KvForm.Either,
        };
    }

    /// <summary>The content of a version; null where the object hasn't the form.</summary>
    /// <param name="data">The object, as the server sent it.</param>
    /// <param name="form">The secret's form.</param>
    /// <exception cref="JsonException">It isn't an object.</exception>
    public static SecretValue? Read(ReadOnlySpan<byte> data, KvForm form)
    {
        using var buffer = new SecretBuffer(data.Length);
        if (form != KvForm.Fields && TryText(data, buffer))
            return buffer.ToValue();
        return form == KvForm.Text ? null : Normalized(data);
    }

    /// <summary>Whether content can be kept in a form.</summary>
    public static bool Fits(SecretValue content, KvForm form) => content.Look(form, static (form, utf8) =>
        form != KvForm.Fields ? System.Text.Unicode.Utf8.IsValid(utf8) : IsObject(utf8));

    /// <summary>What a version of that content is written with.</summary>
    /// <param name="content">The content, which fits.</param>
    /// <param name="form">The secret's form.</param>
    /// <param name="follows">The number of the version that it must follow; 0 for none.</param>
    public static WipedJson Body(SecretValue content, KvForm form, long follows) => content.Look((form, follows), static (with, utf8) =>
    {
        using var body = Begun(with.follows, utf8.Length);
        if (with.form == KvForm.Fields || (with.form == KvForm.Either && IsObject(utf8)))
        {
            body.Append(utf8);
        }
        else
        {
            body.Append("{\"value\":"u8);
            JsonSecret.AppendString(body, utf8);
            body.Append((byte)'}');
        }

        return Ended(body);
    });

    /// <summary>What a staged version of that content is written with: the content as one text, whatever its form.</summary>
    public static WipedJson StagedBody(SecretValue content, string rotation, long follows) => content.Look(
        (rotation, follows), static (with, utf8) =>
        {
            using var body = Begun(with.follows, utf8.Length);
            body.Append("{\"rotation\":\""u8);
            body.Append(System.Text.Encoding.ASCII.GetBytes(with.rotation));
            body.Append("\",\"content\":"u8);
            JsonSecret.AppendString(body, utf8);
            body.Append((byte)'}');
            return Ended(body);
        });

    /// <summary>What a version is written with that holds no secret: marks, or nothing.</summary>
    /// <param name="data">The JSON object that it is.</param>
    /// <param name="follows">The number of the version that it must follow; 0 for none.</param>
    public static WipedJson PlainBody(ReadOnlySpan<byte> data, long follows)
    {
        using var body = Begun(follows, data.Length);
        body.Append(data);
        return Ended(body);
    }

    /// <summary>The rotation and the content of a staged version; null where the tool didn't stage it.</summary>
    public static (string Rotation, SecretValue Content)? ReadStaged(ReadOnlySpan<byte> data)
    {
        using var buffer = new SecretBuffer(data.Length);
        string? rotation = null;
        var reader = new Utf8JsonReader(data);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isRotation, isContent) = (reader.ValueTextEquals("rotation"u8), reader.ValueTextEquals("content"u8));
                reader.Read();
                if (isRotation && reader.TokenType == JsonTokenType.String)
                    rotation = reader.GetString();
                else if (isContent && reader.TokenType == JsonTokenType.String && buffer.Length == 0)
                    Append(ref reader, buffer);
                else
                    return null;
            }
        }
        catch (InvalidOperationException)
        {
            return null;
        }

        return rotation is null ? null : (rotation, buffer.ToValue());
    }

    // {"value": "TEXT"} and nothing else.
    private static bool TryText(ReadOnlySpan<byte> data, SecretBuffer text)
    {
        var reader = new Utf8JsonReader(data);
        try
        {
            if (!reader.Read() || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("value"u8)
                || !reader.Read() || reader.TokenType != JsonTokenType.String)
                return false;
            Append(ref reader, text);
            return reader.Read() && reader.TokenType == JsonTokenType.EndObject;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static void Append(ref Utf8JsonReader reader, SecretBuffer text)
    {
        using var unescaped = new SecretBuffer(reader.ValueSpan.Length);
        var length = reader.CopyString(unescaped.Extend(reader.ValueSpan.Length));
        text.Append(unescaped.Written[..length]);
    }

    /// <summary>Whether a version that was read has the content that was staged, whatever its members are sorted by.</summary>
    public static bool IsSame(SecretValue read, SecretValue staged, KvForm form)
    {
        if (form == KvForm.Text || !Fits(staged, KvForm.Fields))
            return read.FixedTimeEquals(staged);
        using var sorted = staged.Look(0, static (_, utf8) => Normalized(utf8));
        return read.FixedTimeEquals(sorted);
    }

    /// <summary>
    /// The object with its members sorted, as few escapes as RFC 8259 asks for, and no blanks: the server sorts members and escapes as it
    /// likes, and what was written must compare equal with what is read.
    /// </summary>
    private static SecretValue Normalized(ReadOnlySpan<byte> data)
    {
        using var json = new SecretBuffer(data.Length);
        var reader = new Utf8JsonReader(data);
        try
        {
            reader.Read();
            Write(ref reader, json);
            return json.ToValue();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair. Without the cause: its message may quote it.
            throw new JsonException();
        }
    }

    private static void Write(ref Utf8JsonReader reader, SecretBuffer json)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader, json);
                return;
            case JsonTokenType.StartArray:
                json.Append((byte)'[');
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (json.Written[^1] != '[')
                        json.Append((byte)',');
                    Write(ref reader, json);
                }

                json.Append((byte)']');
                return;
            case JsonTokenType.String:
                using (var text = new SecretBuffer(reader.ValueSpan.Length))
                {
                    Append(ref reader, text);
                    JsonSecret.AppendString(json, text.Written);
                }

                return;
            default:
                json.Append(reader.ValueSpan);
                return;
        }
    }

    private static void WriteObject(ref Utf8JsonReader reader, SecretBuffer json)
    {
        var members = new List<(string Name, SecretBuffer Value)>();
        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                members.Add((reader.GetString()!, new SecretBuffer(16)));
                reader.Read();
                Write(ref reader, members[^1].Value);
            }

            json.Append((byte)'{');
            foreach (var (name, value) in members.OrderBy(member => member.Name, StringComparer.Ordinal))
            {
                if (json.Written[^1] != '{')
                    json.Append((byte)',');
                JsonSecret.AppendString(json, System.Text.Encoding.UTF8.GetBytes(name));
                json.Append((byte)':');
                json.Append(value.Written);
            }

            json.Append((byte)'}');
        }
        finally
        {
            members.ForEach(member => member.Value.Dispose());
        }
    }

    private static bool IsObject(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static SecretBuffer Begun(long follows, int length)
    {
        var body = new SecretBuffer((length * 2) + 128);
        body.Append("{\"options\":{\"cas\":"u8);
        body.Append(System.Text.Encoding.ASCII.GetBytes(follows.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        body.Append("},\"data\":"u8);
        return body;
    }

    private static WipedJson Ended(SecretBuffer body)
    {
        body.Append((byte)'}');
        var json = GC.AllocateUninitializedArray<byte>(body.Length, pinned: true);
        body.Written.CopyTo(json);
        return new WipedJson(json);
    }
}
