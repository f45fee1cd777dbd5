namespace SecretRotator.Providers.Backends;

/// <summary>Reads what is no secret beside one: a user's name, a key's id. Should it be one by mistake, no message repeats it.</summary>
internal static class PlainField
{
    /// <summary>The text of a field.</summary>
    /// <exception cref="SecretContentException">There is no such field.</exception>
    public static string Of(SecretValue content, string field)
    {
        using var text = JsonSecret.Read(content, field);
#pragma warning disable RS0030 // A name or an id.
        return text.RevealText();
#pragma warning restore RS0030
    }

    /// <summary>The content with another text in a field.</summary>
    /// <exception cref="SecretContentException">There is no such field.</exception>
    public static SecretValue Replace(SecretValue content, string field, string text)
    {
        using var value = SecretValue.FromText(text);
        return JsonSecret.Replace(content, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { [field] = value });
    }
}
