using Spectre.Console.Rendering;

namespace SecretRotator.Output;

/// <summary>Lines of running text, folded at spaces.</summary>
/// <param name="text">The text, printable.</param>
/// <param name="tone">Its colour, where there is colour.</param>
internal sealed class RunningText(string text, Tone tone) : Renderable
{
    /// <inheritdoc />
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        foreach (var line in WordWrap.Lines(text, maxWidth))
        {
            yield return new Segment(line, ConsoleLayout.StyleOf(tone));
            yield return Segment.LineBreak;
        }
    }
}
