using System.Text.Json.Nodes;

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

    /// <summary>Adds what is no secret.</summary>
    public ProgramRequest With(string name, JsonNode json)
    {
        Begin(name);
        _json.Append(Encoding.UTF8.GetBytes(json.ToJsonString()));
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
