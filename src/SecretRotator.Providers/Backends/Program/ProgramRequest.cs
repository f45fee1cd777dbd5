using SecretRotator.Backends;

namespace SecretRotator.Providers.Backends.Program;

/// <summary>Builds the JSON object that a program gets on its standard input. What holds values is wiped.</summary>
internal sealed class ProgramRequest : IDisposable
{
    private readonly SecretBuffer _json = new(4096);
    private readonly List<SecretValue> _sent = [];

    /// <summary>Begins a request.</summary>
    /// <param name="verb">What is asked for.</param>
    /// <param name="secret">The secret's name in the inventory.</param>
    public ProgramRequest(string verb, string secret)
    {
        Verb = verb;
        _json.Append("{\"version\":1"u8);
        With("verb", verb).With("secret", secret);
    }

    /// <summary>What is asked for.</summary>
    public string Verb { get; }

    /// <summary>What it holds that may be secret; wiped with it.</summary>
    public IReadOnlyList<SecretValue> Sent => _sent;

    /// <summary>Adds a text that is no secret.</summary>
    public ProgramRequest With(string name, string text)
    {
        Begin(name);
        Append(text);
        return this;
    }

    /// <summary>Adds the names of slots.</summary>
    public ProgramRequest With(string name, IEnumerable<SlotId> slots)
    {
        Begin(name);
        var separator = "["u8;
        foreach (var slot in slots)
        {
            _json.Append(separator);
            Append(slot.Value);
            separator = ","u8;
        }

        _json.Append("]"u8);
        return this;
    }

    /// <summary>Adds a copy of a secret: an object as it is, any other text as a string.</summary>
    public ProgramRequest With(string name, SecretValue value)
    {
        Begin(name);
        _sent.Add(value.Copy());
#pragma warning disable RS0030 // It is sent to the program.
        value.Reveal(
            _json, static (json, utf8) => IsObject(utf8.Span) ? Append(json, utf8.Span) : JsonSecret.AppendString(json, utf8.Span));
#pragma warning restore RS0030
        return this;
    }

    /// <summary>The whole request; the caller wipes it.</summary>
    public SecretValue End()
    {
        _json.Append("}\n"u8);
        return _json.ToValue();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _json.Dispose();
        foreach (var value in _sent)
            value.Dispose();
    }

    private void Begin(string name) => _json.Append(Encoding.UTF8.GetBytes($",\"{name}\":"));

    private void Append(string text)
    {
        _json.Append((byte)'"');
        _json.Append(JsonEncodedText.Encode(text).EncodedUtf8Bytes);
        _json.Append((byte)'"');
    }

    private static bool Append(SecretBuffer json, ReadOnlySpan<byte> utf8)
    {
        json.Append(utf8);
        return true;
    }

    private static bool IsObject(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
