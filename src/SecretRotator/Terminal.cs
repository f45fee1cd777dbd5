#pragma warning disable RS0030 // The one file that touches the console.
using System.Buffers;
using System.Text.Encodings.Web;

namespace SecretRotator;

/// <summary>
/// Where everything that the program says goes out.
/// </summary>
/// <remarks>
/// The rules: a command's result goes to stdout, log, progress and errors go to stderr. Colour is used on a terminal
/// only, never where <c>NO_COLOR</c> or <c>TERM=dumb</c> is set, and never says anything that words don't say too.
/// A line is as wide as the terminal, and what is longer is folded; where there is none, a line is as long as it is, so that
/// it can be searched and copied. <c>COLUMNS</c> sets a width for both. Text from outside passes
/// <see cref="PrintableText"/> before it gets here.
/// </remarks>
/// <param name="output">Where results go.</param>
/// <param name="unsynchronized">Where the rest goes, from several threads: through <c>_error</c> only.</param>
/// <param name="traits">What the two are.</param>
internal sealed class Terminal(TextWriter output, TextWriter unsynchronized, TerminalTraits traits)
{
    private const int UsualWidth = 80;
    private const int UsualHeight = 24;
    private const int LeastWidth = 20;

    // Wider than any text; half of what an integer holds, so that it can be calculated with.
    private const int Unlimited = int.MaxValue / 2;

    private static readonly JsonWriterOptions JsonOptions = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    private readonly TextWriter _error = TextWriter.Synchronized(unsynchronized);
    private readonly Lock _lock = new();
    private string _below = "";
    private string _eraseBelow = "";

    /// <summary>The process's own.</summary>
    /// <param name="noColour">Whether colour is refused.</param>
    /// <param name="dumb">Whether the terminal can't move its cursor.</param>
    /// <param name="columns">What <c>COLUMNS</c> says, or null. What is no number from 20 on doesn't count.</param>
    public static Terminal OfProcess(bool noColour, bool dumb, string? columns)
    {
        var outIsTerminal = !Console.IsOutputRedirected;
        var errorIsTerminal = !Console.IsErrorRedirected;
        return new Terminal(
            Writer(Console.OpenStandardOutput()),
            Writer(Console.OpenStandardError()),
            new TerminalTraits(outIsTerminal, errorIsTerminal, Colour: !noColour && !dumb, dumb, WidthOf(columns, outIsTerminal))
            {
                ErrorWidth = WidthOf(columns, errorIsTerminal),
                ErrorHeight = errorIsTerminal ? OfWindow(() => Console.WindowHeight, least: 2, UsualHeight) : UsualHeight,
            })
        {
            Answer = errorIsTerminal && !Console.IsInputRedirected ? ReadAnswer : null,
        };
    }

    /// <summary>How wide a line is.</summary>
    /// <param name="columns">What <c>COLUMNS</c> says, or null.</param>
    /// <param name="isTerminal">Whether a terminal shows it.</param>
    internal static int? WidthOf(string? columns, bool isTerminal) =>
        int.TryParse(columns, NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width is >= LeastWidth and <= Unlimited
            ? width
        : isTerminal ? OfWindow(() => Console.WindowWidth, LeastWidth, UsualWidth)
        : null;

    /// <summary>The same without colour.</summary>
    public Terminal WithoutColour() => new(output, _error, traits with { Colour = false }) { Answer = Answer };

    /// <summary>Reads a line that a person types, shown or (true) hidden; null at the end of the input. No reader where stdin or stderr
    /// isn't a terminal.</summary>
    public Func<bool, string?>? Answer { private get; init; }

    /// <summary>Whether a person can be asked.</summary>
    public bool CanAsk => Answer is not null;

    /// <summary>Asks a person, on stderr.</summary>
    /// <param name="question">The question, with what separates it from the answer.</param>
    /// <param name="hidden">Whether the answer is shown nowhere.</param>
    /// <exception cref="UsageException">No one can be asked, or there was no answer.</exception>
    public string Ask(string question, bool hidden = false)
    {
        _error.Write(question);
        return Answer?.Invoke(hidden)?.Trim() ?? throw new UsageException("There was no answer.", "Nothing was done. Start again.");
    }

    /// <summary>Whether a display that redraws itself makes sense on stderr.</summary>
    public bool CanRedraw => traits.ErrorIsTerminal && !traits.Dumb;

    /// <summary>For libraries that print help.</summary>
    public TextWriter Out => output;

    /// <summary>How many columns a line of the result has; very many where lines aren't folded.</summary>
    public int Width => traits.Width ?? Unlimited;

    /// <summary>How many columns help has, which is laid out in any case.</summary>
    public int HelpWidth => traits.Width ?? UsualWidth;

    /// <summary>Running text of a command's result, from anywhere.</summary>
    public void Write(string text, Tone tone = Tone.Plain)
    {
        var lines = Lines();
        foreach (var line in WordWrap.Lines(PrintableText.Of(text), Width))
            lines.Append(line, tone).End();
    }

    /// <summary>A table of a command's result.</summary>
    public void Write(TextTable table) => table.WriteTo(Lines());

    /// <summary>Indented lines of a label and its text, such as cause, state and next step.</summary>
    public void WriteLabelled(IEnumerable<(string Label, string Text)> lines)
    {
        var table = ConsoleLayout.Labelled();
        foreach (var (label, text) in lines)
            table.AddRow(label, text);
        Write(table);
    }

    /// <summary>Which sandbox a result is of; nothing where it is of the real services.</summary>
    public void WriteNote(SandboxNote? sandbox)
    {
        if (sandbox is not null)
            Write(sandbox.ToString(), Tone.Quiet);
    }

    /// <summary>A command's result, for machines: one JSON object.</summary>
    public void WriteJson(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonOptions))
            write(writer);
        output.Write(PrintableText.InJson(Encoding.UTF8.GetString(buffer.WrittenSpan)) + '\n');
    }

    /// <summary>A command's result, as it is written in UTF-8: a report may be larger than what is worth keeping in memory.</summary>
    public void WriteBytes(Action<Stream> write)
    {
        using var stream = new TextStream(output);
        write(stream);
    }

    /// <summary>One line of the result without any layout.</summary>
    public void WriteLine(string line) => output.Write(line + '\n');

    /// <summary>One line on stderr: above what is shown below everything else, if there is something.</summary>
    public void WriteError(string line)
    {
        lock (_lock)
            _error.Write($"{_eraseBelow}{line}\n{_below}");
    }

    /// <summary>Shows lines below everything else on stderr, in place of those that were shown there. None takes them away.</summary>
    public void ShowBelow(IReadOnlyList<string> lines)
    {
        var width = traits.ErrorWidth ?? Unlimited;
        var shown = lines.SelectMany(line => WordWrap.Lines(line, width)).Take(traits.ErrorHeight - 1).ToArray();
        var below = string.Concat(shown.Select(line => line + '\n'));
        lock (_lock)
        {
            if (below == _below)
                return;
            _error.Write(_eraseBelow + below);
            // What can't be folded goes on in the next row. CUU and ED, ECMA-48 8.3.22 and 8.3.39.
            var rows = shown.Sum(line => Math.Max(1, (CellWidth.Of(line) + width - 1) / width));
            (_below, _eraseBelow) = (below, rows == 0 ? "" : $"\u001b[{rows}A\u001b[J");
        }
    }

    /// <summary>Lines on stderr, folded to the width of the terminal.</summary>
    public void WriteErrorFolded(string text)
    {
        foreach (var line in WordWrap.Lines(text, traits.ErrorWidth ?? Unlimited, hanging: 2))
            WriteError(line);
    }

    private static string? ReadAnswer(bool hidden)
    {
        if (!hidden)
            return Console.ReadLine();
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        Console.Error.Write('\n');
        return typed.ToString();
    }

    private LineWriter Lines() => new(output, Width, traits.OutIsTerminal, traits.OutIsTerminal && traits.Colour);

    private static StreamWriter Writer(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };

    private static int OfWindow(Func<int> ask, int least, int usual)
    {
        try
        {
            return ask() is var size && size >= least ? size : usual;
        }
        catch (Exception exception) when (exception is IOException or PlatformNotSupportedException)
        {
            return usual;
        }
    }
}

/// <summary>What the two ends of the program's output are.</summary>
/// <param name="OutIsTerminal">Whether stdout is a terminal.</param>
/// <param name="ErrorIsTerminal">Whether stderr is a terminal.</param>
/// <param name="Colour">Whether colour is welcome where there is a terminal.</param>
/// <param name="Dumb">Whether the terminal can't move its cursor.</param>
/// <param name="Width">Columns of a line of the result; null where lines aren't folded.</param>
internal sealed record TerminalTraits(bool OutIsTerminal, bool ErrorIsTerminal, bool Colour, bool Dumb, int? Width)
{
    /// <summary>Columns of a line on stderr; null where lines aren't folded.</summary>
    public int? ErrorWidth { get; init; } = Width;

    /// <summary>Rows of the terminal that shows stderr.</summary>
    public int ErrorHeight { get; init; } = 24;
}
