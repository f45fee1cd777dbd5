using System.Security.Cryptography;

namespace SecretRotator.Providers.Backends.Program;

/// <summary>What a program says, made fit to be shown: without the values that it was sent, harmless, and short.</summary>
internal static class ProgramText
{
    private const int Longest = 400;

    // Shorter ones are in any text by chance, and hide nothing.
    private const int ShortestValue = 4;

    /// <summary>The end of a text, where an error is; null where it says nothing.</summary>
    /// <param name="utf8">What was said. It is changed.</param>
    /// <param name="sent">What the program was sent.</param>
    /// <param name="identity">The credential's identity, which isn't hidden; or null.</param>
    public static string? Of(Span<byte> utf8, IEnumerable<SecretValue> sent, string? identity)
    {
        foreach (var value in sent)
            Hide(utf8, value, identity);
        var lines = Encoding.UTF8.GetString(utf8).Split(
            ['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var text = PrintableText.Of(string.Join(" / ", lines));
        return text.Length == 0 ? null : text.Length <= Longest ? text : "…" + text[^Longest..];
    }

    /// <summary>The same for a text of an answer.</summary>
    public static string? Of(string? text, IEnumerable<SecretValue> sent, string? identity) =>
        text is null ? null : Of(Encoding.UTF8.GetBytes(text), sent, identity);

    private static void Hide(Span<byte> utf8, SecretValue value, string? identity)
    {
#pragma warning disable RS0030 // It was sent to the program, and is looked for in what that says.
        using var copy = value.Copy();
        var bytes = copy.Reveal(0, static (_, content) => content);
#pragma warning restore RS0030
        try
        {
            var reader = new Utf8JsonReader(bytes.Span);
            var scratch = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
            while (reader.Read())
            {
                if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
                    continue;
                HidePart(utf8, reader.ValueSpan);
                if (reader.TokenType != JsonTokenType.String || !reader.ValueIsEscaped)
                    continue;
                foreach (var line in scratch.AsSpan(0, reader.CopyString(scratch)).Split((byte)'\n'))
                    HidePart(utf8, scratch.AsSpan()[line]);
            }

            CryptographicOperations.ZeroMemory(scratch);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // It isn't JSON, but one text.
            HidePart(utf8, bytes.Span);
        }

        void HidePart(Span<byte> text, ReadOnlySpan<byte> part)
        {
            if (part.Length < ShortestValue || (identity is not null && part.SequenceEqual(Encoding.UTF8.GetBytes(identity))))
                return;
            for (var at = 0; text[at..].IndexOf(part) is var found and >= 0; at += found + part.Length)
                text.Slice(at + found, part.Length).Fill((byte)'*');
        }
    }
}
