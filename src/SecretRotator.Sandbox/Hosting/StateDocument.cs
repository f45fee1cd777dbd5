namespace SecretRotator.Sandbox.Hosting;

/// <summary>The state as <c>GET /_sandbox/state</c> shows it: flat lists, with values, for tests to judge by.</summary>
internal static class StateDocument
{
    /// <summary>The document's members, those of the providers included.</summary>
    public static JsonObject Of(SandboxState state, SandboxClock clock)
    {
        var document = new JsonObject
        {
            ["revision"] = state.Revision,
            ["now"] = Time(clock.Now),
            ["clockOffsetMilliseconds"] = state.ClockOffsetMilliseconds,
        };
        foreach (var provider in EmulatedProviders.All)
            provider.WriteState(document, state);
        return document;
    }

    /// <summary>A list of descriptions.</summary>
    public static JsonArray List<T>(IEnumerable<T> all, Func<T, JsonNode?> describe) => new([.. all.Select(describe)]);

    /// <summary>Tags by name.</summary>
    public static JsonObject Tags(SortedDictionary<string, string> tags) =>
        new(tags.Select(tag => KeyValuePair.Create<string, JsonNode?>(tag.Key, tag.Value)));

    /// <summary>Adds a member where there is a value.</summary>
    public static void AddKnown(this JsonObject document, string name, JsonNode? value)
    {
        if (value is not null)
            document[name] = value;
    }

    /// <summary>A time in UTC, or null.</summary>
    public static string? Time(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
