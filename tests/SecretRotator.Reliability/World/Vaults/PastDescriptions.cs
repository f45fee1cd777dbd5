using System.Text.Json.Nodes;

namespace SecretRotator.Reliability.World.Vaults;

/// <summary>What a vault said of its secrets at every time, for answers that lag behind what was written.</summary>
internal sealed class PastDescriptions
{
    private readonly Dictionary<string, List<(Instant From, JsonObject Description)>> _past = new(StringComparer.Ordinal);

    /// <summary>Notes how a secret is described from now on. The first note counts for all time before.</summary>
    public void Note(string secret, Func<JsonObject> describe, Instant now)
    {
        var description = describe();
        if (!_past.TryGetValue(secret, out var past))
            _past[secret] = [(Instant.MinValue, description)];
        else if (!JsonNode.DeepEquals(past[^1].Description, description))
            past.Add((now, description));
    }

    /// <summary>The description of a secret at a time.</summary>
    public JsonObject At(string secret, Instant time) => _past[secret].Last(past => past.From <= time).Description;
}
