namespace SecretRotator.Reliability.Processes;

/// <summary>One thing that is tried: what happens, to which inventory, in which way, at which request.</summary>
/// <param name="Series">The series, such as <c>kills</c>.</param>
/// <param name="Sample">The inventory.</param>
/// <param name="Variant">Which way, such as <c>before</c>.</param>
/// <param name="At">Which request, byte or round; from 1.</param>
internal sealed record Placement(string Series, InventorySample Sample, string Variant, int At)
{
    /// <summary>Its name, by which one alone can be repeated.</summary>
    public override string ToString() => $"{Series}:{Sample.Name}:{Variant}:{At}";

    /// <summary>Reads a name; null where it is none.</summary>
    public static Placement? Parse(string text) =>
        text.Split(':') is [var series, var name, var variant, var at]
        && InventorySample.All.FirstOrDefault(sample => sample.Name == name) is { } found
        && int.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(series, found, variant, number)
            : null;
}
