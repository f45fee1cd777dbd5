using System.Collections.Immutable;
using SecretRotator.Audit;
using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Configuration;

/// <summary>Reads <c>controls</c>, of which no two may have the same id.</summary>
internal sealed class ControlsReader(ProblemList problems)
{
    private readonly Dictionary<string, Position> _ids = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The controls that are right, in the order of the file.</summary>
    public ImmutableArray<Control> Read(ImmutableArray<YamlNode> items)
    {
        var controls = ImmutableArray.CreateBuilder<Control>(items.Length);
        foreach (var item in items)
        {
            if (MappingReader.Open(item, Grammar.ControlKeys, problems) is { } mapping && ReadOne(mapping) is { } control)
                controls.Add(control);
        }

        return controls.ToImmutable();
    }

    private Control? ReadOne(MappingReader mapping)
    {
        var id = Id(mapping);
        var title = mapping.Text(Grammar.ControlTitle);
        var facts = Facts(mapping);
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

    private ImmutableArray<ControlFact> Facts(MappingReader mapping)
    {
        var facts = ImmutableArray.CreateBuilder<ControlFact>();
        foreach (var item in mapping.Items(Grammar.Facts))
        {
            if (mapping.TextOf(item, Grammar.Facts) is not { } text || mapping.WordOf(text, Grammar.FactWords) is not (true, var fact))
                continue;
            if (facts.Contains(fact))
                problems.Add(text.At, $"The fact {Quoted.Of(text.Value)} appears twice", "Delete one of the two.");
            facts.Add(fact);
        }

        return facts.ToImmutable();
    }
}
