using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SecretRotator.Configuration.Yaml;

/// <summary>Reads the file's text into nodes with places, within <see cref="YamlBounds"/>.</summary>
/// <remarks>
/// Only the plain part of YAML is taken: one document of mappings, lists and texts. Anchors, aliases, merge keys and
/// tags are refused rather than bounded: an inventory has <c>defaults</c> for what repeats, a reader of a review sees
/// what a secret gets where it is written, and there is nothing left that a small file could blow up.
/// </remarks>
internal sealed class YamlTree(string text, ProblemList problems, string beginWith, string? file)
{
    // No mapping of the grammar has more keys than this: a larger one gets an index of its keys, a smaller one is searched.
    private const int MostSearched = 16;

    private readonly Parser _events = new(new StringReader(text));
    private readonly List<(long From, long To)> _literals = [];
    private Position _last = Position.Start;
    private int _nodes;

    /// <summary>The root of the one document, or null where there is none that can be read.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="problems">Where problems go.</param>
    /// <param name="beginWith">What to say to the author of an empty file, in whole sentences.</param>
    /// <param name="file">The file, where it is one that the inventory includes.</param>
    public static YamlNode? Read(
        string text,
        ProblemList problems,
        string beginWith = "Begin with \"version: 1\"; docs/inventory.md shows the rest.",
        string? file = null)
    {
        // The file may only parse once its quoted lines are indented. The problems of these trials aren't reported.
        var tree = QuotedLines.Indented(text) is { } indented
            && new YamlTree(text, new ProblemList(""), beginWith, file).ReadDocument() is null
            && new YamlTree(indented, new ProblemList(""), beginWith, file).ReadDocument() is not null
            ? new YamlTree(indented, problems, beginWith, file)
            : new YamlTree(text, problems, beginWith, file);
        var root = tree.ReadDocument();
        tree.ReportLiterals(text);
        return root;
    }

    private YamlNode? ReadDocument()
    {
        try
        {
            Next();
            if (Next() is not DocumentStart)
            {
                problems.Add(Position.Start, "The file is empty", beginWith);
                return null;
            }

            var root = ReadNode(Next(), key: null, depth: 1);
            Next();
            if (Next() is not DocumentStart)
                return root;
            problems.Add(_last, "A second document begins here", "Keep one document in the file, without \"---\" and \"...\" in between.");
        }
        catch (TooLargeException refusal)
        {
            problems.Add(refusal.At, refusal.Message, "An inventory needs far less. Move some of its secrets to files that it includes.");
        }
        catch (YamlException error)
        {
            problems.Add(
                PositionOf(error.Start),
                $"This isn't YAML: {Reason(error)}",
                "Look for a missing quote, bracket, colon or space, here or just before.");
        }
#pragma warning disable CA1031 // The parser lets exceptions of any kind escape on some broken files; none of them is ours.
        catch (Exception error) when (error is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            problems.Add(
                _last,
                "From about here on the file isn't YAML",
                "Look for a missing quote, bracket, colon or space, here or just after.");
        }

        return null;
    }

    private ParsingEvent Next()
    {
        if (!_events.MoveNext() || _events.Current is not { } current)
            throw new YamlException("the file ends too early");
        _last = PositionOf(current.Start);
        return current;
    }

    private YamlNode ReadNode(ParsingEvent first, string? key, int depth)
    {
        var at = PositionOf(first.Start);
        if (++_nodes > YamlBounds.Nodes)
            throw new TooLargeException(at, $"The file has more than {YamlBounds.Nodes:N0} keys and values");
        if (depth > YamlBounds.Depth)
            throw new TooLargeException(at, $"Lists and mappings are nested more than {YamlBounds.Depth} deep");
        if (first is NodeEvent node)
            CheckProperties(node, at);

        return first switch
        {
            AnchorAlias =>
                Unusable(at, "An alias (\"*\") can't be used in an inventory", "Write the value out, or put it under \"defaults\"."),
            Scalar scalar => ReadScalar(scalar, key, at),
            SequenceStart => ReadSequence(at, key, depth),
            MappingStart => ReadMapping(at, depth),
            _ => throw new YamlException("unexpected content"),
        };
    }

    private void CheckProperties(NodeEvent node, Position at)
    {
        if (!node.Anchor.IsEmpty)
            problems.Add(
                at,
                "An anchor (\"&\") can't be used in an inventory",
                "Write the value out where it is needed, or put it under \"defaults\".");
        if (!node.Tag.IsEmpty)
            problems.Add(at, "A tag (\"!\") can't be used in an inventory", "Write the value without it.");
    }

    private YamlNode ReadScalar(Scalar scalar, string? key, Position at)
    {
        // Vaults name secrets at random themselves (CloudFormation's do so), so a path is judged by shapes alone.
        var kind = key == Grammar.SecretPath.Name ? SecretLiteral.KnownShapeIn(scalar.Value) : SecretLiteral.KindOf(scalar.Value);
        if (kind is not null)
        {
            _literals.Add((scalar.Start.Index, scalar.End.Index));
            return Unusable(at, WhatLiteral(kind), WriteInsteadOfLiteral);
        }

        if (HoldsUnprintable(scalar.Value))
            return Unusable(at, "The text holds a character that can't be seen", "Write it without tabs, controls and escapes for such.");
        return new YamlNode.Scalar(at, scalar.Value, scalar.Style == ScalarStyle.Plain);
    }

    // Nearly every text is plain ASCII.
    private static bool HoldsUnprintable(string text) =>
        text.AsSpan().ContainsAnyExceptInRange(' ', '~')
        && text.EnumerateRunes().Any(rune => rune.Value != '\n' && !Quoted.IsPrintable(rune));

    private YamlNode.Sequence ReadSequence(Position at, string? key, int depth)
    {
        var items = ImmutableArray.CreateBuilder<YamlNode>();
        for (var next = Next(); next is not SequenceEnd; next = Next())
            items.Add(ReadNode(next, key, depth + 1));
        return new YamlNode.Sequence(at, items.DrainToImmutable());
    }

    private YamlNode.Mapping ReadMapping(Position at, int depth)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>();
        Dictionary<string, YamlEntry>? byKey = null;
        for (var next = Next(); next is not MappingEnd; next = Next())
        {
            var key = ReadNode(next, key: null, depth + 1);
            var value = ReadNode(Next(), (key as YamlNode.Scalar)?.Text, depth + 1);
            if (KeyOf(key) is not { } name)
                continue;
            if (byKey is null && entries.Count == MostSearched)
                byKey = entries.ToDictionary(entry => entry.Key, StringComparer.Ordinal);
            if ((byKey is null ? Find(name, entries) : byKey.GetValueOrDefault(name)) is { } first)
            {
                var what = $"The key {Quoted.Of(name)} appears twice, first on line {first.KeyAt.Line}";
                problems.Add(key.At, what, "Delete one of the two.");
                continue;
            }

            var entry = new YamlEntry(name, key.At, value);
            entries.Add(entry);
            byKey?.Add(name, entry);
        }

        return new YamlNode.Mapping(at, entries.DrainToImmutable());
    }

    private static YamlEntry? Find(string key, ImmutableArray<YamlEntry>.Builder entries)
    {
        for (var i = 0; i < entries.Count; i++)
            if (entries[i].Key == key)
                return entries[i];
        return null;
    }

    private string? KeyOf(YamlNode key)
    {
        if (key is YamlNode.Scalar { Plain: true, Text: "<<" })
            Unusable(key.At, "A merge key (\"<<\") can't be used in an inventory", "Write the keys out, or put them under \"defaults\".");
        else if (key is YamlNode.Scalar { Text.Length: > 0 } scalar)
            return scalar.Text;
        else if (key is not YamlNode.Unusable)
            Unusable(key.At, "A key must be a text", "Write \"key: value\".");
        return null;
    }

    private YamlNode.Unusable Unusable(Position at, string what, string writeInstead)
    {
        problems.Add(at, what, writeInstead);
        return new YamlNode.Unusable(at);
    }

    // A secret in a comment, or after a place that can't be parsed, is as public as any other.
    private void ReportLiterals(string text)
    {
        var (line, counted) = (1, 0);
        foreach (var (index, kind) in SecretLiteral.KnownShapesIn(text).Take(ProblemList.Shown))
        {
            line += text.AsSpan(counted, index - counted).Count('\n');
            counted = index;
            if (!_literals.Exists(literal => literal.From <= index && index < literal.To))
                problems.Add(
                    new Position(line, index - text.AsSpan(0, index).LastIndexOf('\n')),
                    WhatLiteral(kind),
                    WriteInsteadOfLiteral);
        }
    }

    private static string WhatLiteral(string kind) => $"This looks like a secret value ({kind}), which is not allowed in this file";

    private const string WriteInsteadOfLiteral =
        "If it is one, delete it here and replace it wherever it is in use: everyone who can read the repository has it. If it isn't, "
            + "choose a plainer text.";

    private static string Reason(YamlException error) =>
        Quoted.Printable(error.Message, maximum: 120).TrimEnd('.') is { Length: > 0 } message
            ? char.ToLowerInvariant(message[0]) + message[1..]
            : "it can't be read";

    private Position PositionOf(Mark mark) =>
        new((int)Math.Min(mark.Line, int.MaxValue), (int)Math.Min(mark.Column, int.MaxValue)) { File = file };

#pragma warning disable CA1064, CA1032, RCS1194 // Never leaves this class.
    private sealed class TooLargeException(Position at, string what) : Exception(what)
    {
        public Position At { get; } = at;
    }
#pragma warning restore CA1064, CA1032, RCS1194
}
