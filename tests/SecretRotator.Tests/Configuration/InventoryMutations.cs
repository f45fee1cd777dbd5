using CsCheck;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Configuration;

/// <summary>Inventories that are almost right: the sample with a few changes of lines, words and characters.</summary>
internal static class InventoryMutations
{
    private static readonly string[] Fragments =
    [
        "any", "true", "false", "null", "~", "[]", "{}", "1", "0", "-1", "1.5", "30d", "P1M", "100%", "\"\"", "\"x\"", "'", "\"", "[", "]",
        "{", "}", ":", ": ", ",", "#", "&a ", "*a", "!!str ",
        "<<: {}", "- ", "? ", "|", ">", "\n", "\n  ", "\t", "\r", "mon", "prod", "azure", "password", "uuid", "hex", "ssh-key",
        "vault-managed", "field", "create: true", "UTC", "01:00", "24:00",
        "\0", "é", "\u2028", "%", "---\n", "...\n", "A", "a", "x", "rsa", "weak-because: no", "2026-12-20T00:00",
        "controls: [ { id: X 1, title: t, facts: [age] } ]\n", "facts",
    ];

    private static readonly string Sample = File.ReadAllText(RepositoryFiles.Sample);

    private static readonly Gen<Func<string, string>> Change = Gen.Frequency(
        (3, Gen.Select(
            Gen.Int[0, 1 << 20], Gen.OneOf(Fragments),
            (at, fragment) => (Func<string, string>)(text => text.Insert(at % (text.Length + 1), fragment)))),
        (3, Gen.Select(
            Gen.Int[0, 1 << 20], Gen.OneOf(Fragments), (at, fragment) => (Func<string, string>)(text => ReplaceWord(text, at, fragment)))),
        (2, Gen.Select(Gen.Int[0, 1 << 20], Gen.Int[1, 8], (at, length) => (Func<string, string>)(text => Remove(text, at, length)))),
        (2, Gen.Int[0, 1 << 20].Select(at => (Func<string, string>)(text => RemoveLine(text, at)))),
        (2, Gen.Select(
            Gen.Int[0, 1 << 20], Gen.Int[0, 1 << 20], (from, to) => (Func<string, string>)(text => RepeatLine(text, from, to)))));

    public static Gen<string> OfSample { get; } = Change.Array[1, 3]
        .Select(changes => changes.Aggregate(Sample, (text, change) => change(text)));

    private static string Remove(string text, int at, int length)
    {
        var from = at % (text.Length + 1);
        return text.Remove(from, Math.Min(length, text.Length - from));
    }

    private static string ReplaceWord(string text, int at, string fragment)
    {
        var words = text.Split(' ');
        words[at % words.Length] = fragment;
        return string.Join(' ', words);
    }

    private static string RemoveLine(string text, int at)
    {
        var lines = text.Split('\n').ToList();
        lines.RemoveAt(at % lines.Count);
        return string.Join('\n', lines);
    }

    private static string RepeatLine(string text, int from, int to)
    {
        var lines = text.Split('\n').ToList();
        lines.Insert(to % (lines.Count + 1), lines[from % lines.Count]);
        return string.Join('\n', lines);
    }
}
