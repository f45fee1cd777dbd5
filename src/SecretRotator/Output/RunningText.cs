namespace SecretRotator.Output;

/// <summary>Lines of running text, folded at spaces.</summary>
/// <param name="text">The text, printable.</param>
/// <param name="tone">Its colour, where there is colour.</param>
internal sealed class RunningText(string text, Tone tone) : ITextBlock
{
    /// <inheritdoc />
    public void WriteTo(LineWriter lines)
    {
        foreach (var line in WordWrap.Lines(text, lines.Width))
            lines.Append(line, tone).End();
    }
}
