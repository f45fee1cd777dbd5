using SecretRotator.Audit;

namespace SecretRotator.Configuration;

/// <summary>Reads <c>controls</c>, of which no two may have the same id.</summary>
internal sealed class ControlsReader(ProblemList problems)
{
    private readonly Dictionary<string, Position> _ids = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The controls that are right, in the order of the file.</summary>
    public ImmutableArray<Control> Read(ImmutableArray<YamlNode> items) => [.. items.Select(ReadOne).OfType<Control>()];

    private Control? ReadOne(YamlNode item)
    {
        if (MappingReader.Open(item, Grammar.ControlKeys, problems) is not { } mapping)
            return null;
        var id = Id(mapping);
        var title = mapping.Text(Grammar.ControlTitle);
        var facts = mapping.WordsOf(Grammar.Facts, Grammar.FactWords, "The fact ");
        return id is null || title is null || facts.IsEmpty ? null : new Control(id, title.Value, facts);
    }

    private string? Id(MappingReader mapping)
    {
        if (mapping.Text(Grammar.ControlId) is not { } text)
            return null;
        if (!_ids.TryAdd(text.Value, text.At))
            problems.Add(
                text.At,
                $"There is a control {Quoted.Of(text.Value)} already, on line {_ids[text.Value].Line}",
                "Name all its facts in one entry, and delete the other.");
        return text.Value;
    }
}
