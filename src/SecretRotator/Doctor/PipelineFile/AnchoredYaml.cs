using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>
/// Reads a pipeline file into nodes with places. Unlike the inventory's reader it takes anchors, aliases and merge keys, which pipeline
/// files are full of. An alias is the same node as its anchor, so what is there once is found once, at the anchor's place.
/// </summary>
internal sealed class AnchoredYaml
{
    /// <summary>Bytes of the whole file; far above any pipeline that Bitbucket takes (100 steps).</summary>
    public const int MaximumBytes = 1024 * 1024;

    private const int MaximumDepth = 40;
    private const int MaximumNodes = 100_000;

    private readonly Parser _events;
    private readonly FindingList _findings;
    private readonly Dictionary<string, YamlNode> _anchors = new(StringComparer.Ordinal);
    private readonly HashSet<YamlNode> _anchored = new(ReferenceEqualityComparer.Instance);
    private Position _last = Position.Start;
    private int _nodes;

    private AnchoredYaml(string text, FindingList findings)
    {
        _events = new Parser(new StringReader(text));
        _findings = findings;
    }

    /// <summary>The file's text, or null where it isn't UTF-8 or too large; says so in the findings.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes, FindingList findings)
    {
        if (bytes.Length > MaximumBytes)
        {
            findings.Add(
                PipelineFault.BrokenYaml, Position.Start, $"The file is larger than {MaximumBytes / 1024 / 1024} MiB, so it is not read");
            return null;
        }

        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\ufeff');
        }
        catch (DecoderFallbackException)
        {
            findings.Add(PipelineFault.BrokenYaml, Position.Start, "The file isn't UTF-8 text");
            return null;
        }
    }

    /// <summary>The root of the one document, or null where there is none that can be read, which is said in the findings; and every
    /// node that has an anchor.</summary>
    public static (YamlNode? Root, IReadOnlySet<YamlNode> Anchored) Read(string text, FindingList findings)
    {
        // The findings of a first look that failed count only where nothing helps.
        var yaml = QuotedLines.Indented(text) is { } indented && new AnchoredYaml(text, new FindingList("")).ReadDocument() is null
            && new AnchoredYaml(indented, new FindingList("")).ReadDocument() is not null
            ? new AnchoredYaml(indented, findings)
            : new AnchoredYaml(text, findings);
        return (yaml.ReadDocument(), yaml._anchored);
    }

    private YamlNode? ReadDocument()
    {
        try
        {
            Next();
            if (Next() is not DocumentStart)
            {
                _findings.Add(PipelineFault.BrokenYaml, Position.Start, "The file is empty");
                return null;
            }

            var root = ReadNode(Next(), depth: 1);
            Next();
            if (Next() is not DocumentStart)
                return root;
            Refuse("A second document begins here");
        }
        catch (YamlException error)
        {
            var message = Quoted.Printable(error.InnerException?.Message ?? error.Message, maximum: 120).TrimEnd('.');
            _last = error.Start.Line > 0 ? PositionOf(error.Start) : _last;
            Refuse($"This isn't YAML: {(SecretLiteral.KindOf(message) is null ? message : "it can't be read")}");
        }
#pragma warning disable CA1031 // The parser lets exceptions of any kind escape on some broken files.
        catch (Exception error) when (error is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            Refuse("From about here on the file isn't YAML");
        }

        return null;
    }

    private void Refuse(string observed) => _findings.Add(PipelineFault.BrokenYaml, _last, observed);

    private ParsingEvent Next()
    {
        if (!_events.MoveNext() || _events.Current is not { } current)
            throw new YamlException("the file ends too early");
        _last = PositionOf(current.Start);
        return current;
    }

    private YamlNode ReadNode(ParsingEvent first, int depth)
    {
        Count(1);
        if (depth > MaximumDepth)
            throw new YamlException(first.Start, first.End, $"lists and mappings are nested more than {MaximumDepth} deep");
        if (first is AnchorAlias alias)
            return _anchors.TryGetValue(alias.Value.Value, out var anchored)
                ? anchored
                : throw new YamlException(first.Start, first.End, $"there is no anchor {Quoted.Of(alias.Value.Value)} before this alias");

        var at = PositionOf(first.Start);
        YamlNode node = first switch
        {
            Scalar scalar => new YamlNode.Scalar(at, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => ReadSequence(at, depth),
            MappingStart => ReadMapping(at, depth),
            _ => throw new YamlException(first.Start, first.End, "unexpected content"),
        };
        if (first is NodeEvent { Anchor: { IsEmpty: false } anchor })
        {
            _anchors[anchor.Value] = node;
            _anchored.Add(node);
        }

        return node;
    }

    private YamlNode.Sequence ReadSequence(Position at, int depth)
    {
        var items = ImmutableArray.CreateBuilder<YamlNode>();
        for (var next = Next(); next is not SequenceEnd; next = Next())
            items.Add(ReadNode(next, depth + 1));
        return new YamlNode.Sequence(at, items.ToImmutable());
    }

    private YamlNode.Mapping ReadMapping(Position at, int depth)
    {
        var entries = new List<YamlEntry>();
        var merged = new List<YamlNode>();
        var keys = new Dictionary<string, Position>(StringComparer.Ordinal);
        for (var next = Next(); next is not MappingEnd; next = Next())
        {
            var key = ReadNode(next, depth + 1);
            var value = ReadNode(Next(), depth + 1);
            if (key is not YamlNode.Scalar { Text: var name, Plain: var plain })
                _findings.Add(PipelineFault.Structure, key.At, "A key is a list or a mapping");
            else if (name == "<<" && plain)
                merged.Add(value);
            else if (keys.TryAdd(name, key.At))
                entries.Add(new YamlEntry(name, key.At, value));
            else
                _findings.Add(
                    PipelineFault.DuplicateKey, key.At, $"The key {Quoted.Of(name)} is here twice, first on line {keys[name].Line}");
        }

        foreach (var each in merged)
            Merge(each, entries, keys);
        return new YamlNode.Mapping(at, [.. entries]);
    }

    // What is in the mapping itself wins; of several merged mappings the first one (yaml.org/type/merge.html).
    private void Merge(YamlNode source, List<YamlEntry> entries, Dictionary<string, Position> keys)
    {
        foreach (var each in source is YamlNode.Sequence list ? list.Items : [source])
        {
            if (each is not YamlNode.Mapping mapping)
            {
                _findings.Add(PipelineFault.Structure, each.At, "A merge key (\"<<\") leads to something that isn't a mapping");
                continue;
            }

            Count(mapping.Entries.Length);
            entries.AddRange(mapping.Entries.Where(entry => keys.TryAdd(entry.Key, entry.KeyAt)));
        }
    }

    private void Count(int more)
    {
        if ((_nodes += more) > MaximumNodes)
            throw new YamlException($"the file has more than {MaximumNodes:N0} keys and values");
    }

    private static Position PositionOf(Mark mark) =>
        new((int)Math.Clamp(mark.Line, 1, int.MaxValue), (int)Math.Clamp(mark.Column, 1, int.MaxValue));
}
