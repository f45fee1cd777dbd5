using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SecretRotator.Tests.Sandbox.Aws;

/// <summary>
/// Compares an answer with a recorded one in which values that differ are replaced by placeholders. The same
/// placeholder must stand for the same text throughout a scenario.
/// </summary>
internal sealed partial class RecordedAnswer
{
    private ImmutableDictionary<string, string> _bound = ImmutableDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Where the two differ, or null.</summary>
    public string? Compare(JsonNode? recorded, JsonNode? actual)
    {
        var before = _bound;
        var difference = Differ(recorded, actual, "$");
        if (difference is not null)
            _bound = before;
        return difference;
    }

    private string? Differ(JsonNode? recorded, JsonNode? actual, string path) => (recorded, actual) switch
    {
        (JsonObject r, JsonObject a) => DifferObjects(r, a, path),
        (JsonArray r, JsonArray a) => DifferArrays(r, a, path),
        (JsonValue r, JsonValue a) => DifferValues(r, a, path),
        _ => $"{path}: recorded {Show(recorded)}, answered {Show(actual)}",
    };

    private string? DifferObjects(JsonObject recorded, JsonObject actual, string path)
    {
        var left = actual.Select(member => member.Key).ToList();
        foreach (var (key, value) in recorded)
        {
            if (key is "HTTPHeaders" or "RetryAttempts" or "RequestId")
                continue;
            // A name may be a placeholder: then the member is the first whose name and value agree.
            var match = left.Find(
                name => Differ(key, name, path) is null
                    && (!key.Contains('<', StringComparison.Ordinal) || Compare(value, actual[name]) is null));
            if (match is null)
                return $"{path}.{key}: recorded, but not answered ({Show(actual)})";
            if (Differ(value, actual[match], $"{path}.{key}") is { } difference)
                return difference;
            left.Remove(match);
        }

        return left.Count == 0 ? null : $"{path}: answered {string.Join(", ", left)}, which was not recorded";
    }

    private string? Differ(string recorded, string actual, string path)
    {
        var before = _bound;
        var difference = DifferTexts(recorded, actual, path);
        if (difference is not null)
            _bound = before;
        return difference;
    }

    private string? DifferArrays(JsonArray recorded, JsonArray actual, string path)
    {
        if (recorded.Count != actual.Count)
            return $"{path}: recorded {recorded.Count}, answered {actual.Count}: {Show(actual)}";
        if (recorded.Any(item => item is not JsonObject))
            return recorded.Zip(actual).Select((pair, i) => Differ(pair.First, pair.Second, $"{path}[{i}]"))
                .FirstOrDefault(d => d is not null);
        var left = actual.ToList();
        foreach (var item in recorded)
        {
            var match = left.Find(candidate => Compare(item, candidate) is null);
            if (match is null)
                return $"{path}: recorded {Show(item)}, answered {Show(actual)}";
            left.Remove(match);
        }

        return null;
    }

    private string? DifferValues(JsonValue recorded, JsonValue actual, string path)
    {
        if (recorded.GetValueKind() != JsonValueKind.String)
            return recorded.ToJsonString() == actual.ToJsonString() ? null : $"{path}: recorded {Show(recorded)}, answered {Show(actual)}";
        var text = recorded.GetValue<string>();
        if (text == "datetime")
            return actual.GetValueKind() == JsonValueKind.Number ? null : $"{path}: recorded a time, answered {Show(actual)}";
        return actual.GetValueKind() == JsonValueKind.String
            ? DifferTexts(text, actual.GetValue<string>(), path)
            : $"{path}: recorded {Show(recorded)}, answered {Show(actual)}";
    }

    private string? DifferTexts(string recorded, string actual, string path)
    {
        if (recorded.StartsWith("b'", StringComparison.Ordinal))
            return Convert.ToBase64String(Bytes(recorded[2..^1])) == actual ? null : $"{path}: recorded {recorded}, answered {actual}";
        var names = Placeholder().Matches(recorded).Select(m => m.Value).ToList();
        var index = 0;
        var pattern = "^"
            + string.Concat(
                Placeholder().Split(recorded)
                    .Select((literal, i) => i == 0 ? Regex.Escape(literal) : Part(names[i - 1]) + Regex.Escape(literal))) + "$";
        if (Regex.Match(actual, pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) is not { Success: true } match)
            return $"{path}: recorded \"{recorded}\", answered \"{actual}\"";
        foreach (var name in names.Where(name => !_bound.ContainsKey(name)).ToList())
        {
            var value = match.Groups[$"p{names.IndexOf(name)}"].Value;
            if (_bound.ContainsValue(value))
                return $"{path}: \"{value}\" stands for two placeholders";
            _bound = _bound.Add(name, value);
        }

        return null;

        string Part(string name)
        {
            var at = index++;
            return _bound.TryGetValue(name, out var value)
                ? Regex.Escape(value)
                : names.IndexOf(name) == at ? $"(?<p{at}>{Shape(name)})" : $"\\k<p{names.IndexOf(name)}>";
        }
    }

    // Only what stands at the end of an ARN must be told apart from what stands before it.
    private static string Shape(string name) => name.StartsWith("<ArnPart", StringComparison.Ordinal) ? "-[A-Za-z0-9]{6}" : ".+";

    /// <summary>What Python prints between the quotes of bytes.</summary>
    public static byte[] Bytes(string python) => Encoding.Latin1.GetBytes(
        Escape().Replace(
            python, m => ((char)byte.Parse(m.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()));

    private static string Show(JsonNode? node) => node?.ToJsonString() ?? "nothing";

    [GeneratedRegex("<[A-Za-z_-]+(?:[:-][0-9]+(?:idx)?)?>", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();

    [GeneratedRegex("\\\\x([0-9a-f]{2})", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Escape();
}
