namespace SecretRotator.Output;

/// <summary>Writes lines of text piece by piece.</summary>
/// <param name="writer">Takes each line when it ends.</param>
/// <param name="width">How many columns a line has.</param>
/// <param name="isTerminal">Whether a terminal shows it; in a file the spaces that end a line are only noise, and left out.</param>
/// <param name="colour">Whether tones are shown.</param>
internal sealed class LineWriter(TextWriter writer, int width, bool isTerminal, bool colour)
{
    private readonly StringBuilder _line = new();

    /// <summary>How many columns a line has.</summary>
    public int Width => width;

    /// <summary>Goes on with a text, printable and without line breaks.</summary>
    public LineWriter Append(string text, Tone tone = Tone.Plain)
    {
        if (text.Length == 0 || !colour || tone == Tone.Plain)
            _line.Append(text);
        else
            _line.Append(Code(tone)).Append(text).Append("\u001b[0m");
        return this;
    }

    /// <summary>Goes on with a character, repeated.</summary>
    public LineWriter Append(char character, int count)
    {
        _line.Append(character, count);
        return this;
    }

    /// <summary>Ends the line.</summary>
    public void End()
    {
        var line = _line.ToString();
        writer.Write((isTerminal ? line : line.TrimEnd()) + '\n');
        _line.Clear();
    }

    // Select Graphic Rendition, ECMA-48 8.3.117; the bright colours are those of aixterm.
    private static string Code(Tone tone) => tone switch
    {
        Tone.Good => "\u001b[32m",
        Tone.Attention => "\u001b[93m",
        Tone.Bad => "\u001b[91m",
        _ => "\u001b[90m",
    };
}
