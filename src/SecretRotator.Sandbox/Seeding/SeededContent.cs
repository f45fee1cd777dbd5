using System.Text.Encodings.Web;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>The old content of a secret, with what a backend decides in it.</summary>
internal static class SeededContent
{
    /// <summary>A JSON object with some fields set, and every other byte as it was.</summary>
    public static string With(string content, params ReadOnlySpan<(string Field, string Value)> fields)
    {
        foreach (var (field, value) in fields)
            content = With(content, field, value);
        return content;
    }

    private static string With(string content, string field, string value)
    {
        using var old = JsonDocument.Parse(content);
        if (!old.RootElement.TryGetProperty(field, out _))
        {
            var member =
                $"\"{JsonEncodedText.Encode(field)}\": \"{JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
            var open = content.IndexOf('{', StringComparison.Ordinal) + 1;
            return $"{content[..open]} {member}{(old.RootElement.EnumerateObject().Any() ? "," : "")}{content[open..]}";
        }

        using var secret = SecretValue.FromText(content);
        using var fresh = SecretValue.FromText(value);
        using var replaced = JsonSecret.Replace(secret, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { [field] = fresh });
#pragma warning disable RS0030 // A worthless value, for a vault that takes text.
        return replaced.RevealText();
#pragma warning restore RS0030
    }
}
