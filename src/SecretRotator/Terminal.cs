#pragma warning disable RS0030 // The one file that touches the console.
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SecretRotator.Output;
using SecretRotator.Values;
using Spectre.Console;
using Spectre.Console.Rendering;

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
internal sealed class Terminal
{
    private const int UsualWidth = 80;
    private const int LeastWidth = 20;

    // Wider than any text; half of what an integer holds, so that it can be calculated with.
    private const int Unlimited = int.MaxValue / 2;

    private static readonly JsonWriterOptions JsonOptions = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    private readonly TextWriter _out;
    private readonly TextWriter _error;
    private readonly Lazy<IAnsiConsole> _outConsole;
    private readonly Lazy<IAnsiConsole> _errorConsole;
    private readonly TerminalTraits _traits;

    public Terminal(TextWriter output, TextWriter error, TerminalTraits traits)
    {
        _out = output;
        _error = TextWriter.Synchronized(error);
        _traits = traits;
        _outConsole = new(() => Open(_out, traits.OutIsTerminal && traits.Colour, interactive: false, traits.Width));
        _errorConsole = new(() => Open(_error, traits.ErrorIsTerminal && !traits.Dumb, interactive: true, traits.ErrorWidth));
    }

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
            });
    }

    /// <summary>How wide a line is.</summary>
    /// <param name="columns">What <c>COLUMNS</c> says, or null.</param>
    /// <param name="isTerminal">Whether a terminal shows it.</param>
    internal static int? WidthOf(string? columns, bool isTerminal) =>
        int.TryParse(columns, NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width is >= LeastWidth and <= Unlimited
            ? width
        : isTerminal ? WidthOfWindow()
        : null;

    /// <summary>The same without colour.</summary>
    public Terminal WithoutColour() => new(_out, _error, _traits with { Colour = false });

    /// <summary>Whether a display that redraws itself makes sense on stderr.</summary>
    public bool CanRedraw => _traits.ErrorIsTerminal && !_traits.Dumb;

    /// <summary>Stderr, for a display that redraws itself.</summary>
    public IAnsiConsole ErrorConsole => _errorConsole.Value;

    /// <summary>For libraries that print help.</summary>
    public TextWriter Out => _out;

    /// <summary>How many columns a line of the result has; very many where lines aren't folded.</summary>
    public int Width => _traits.Width ?? Unlimited;

    /// <summary>How many columns help has, which is laid out in any case.</summary>
    public int HelpWidth => _traits.Width ?? UsualWidth;

    /// <summary>Part of a command's result, for people.</summary>
    public void Write(IRenderable result)
    {
        if (_traits.OutIsTerminal)
        {
            _outConsole.Value.Write(result);
            return;
        }

        // A table pads its cells: in a file that is only noise.
        var line = new StringBuilder();
        foreach (var segment in result.Render(RenderOptions.Create(_outConsole.Value), Width))
        {
            if (segment.IsLineBreak)
            {
                WriteLine(line.ToString().TrimEnd());
                line.Clear();
            }
            else
                line.Append(segment.Text);
        }
    }

    /// <summary>A command's result, for machines: one JSON object.</summary>
    public void WriteJson(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, JsonOptions))
            write(writer);
        _out.Write(PrintableText.InJson(Encoding.UTF8.GetString(buffer.WrittenSpan)) + '\n');
    }

    /// <summary>A command's result, as it is written in UTF-8: a report may be larger than what is worth keeping in memory.</summary>
    public void WriteBytes(Action<Stream> write)
    {
        using var stream = new TextStream(_out);
        write(stream);
    }

    /// <summary>One line of the result without any layout.</summary>
    public void WriteLine(string line) => _out.Write(line + '\n');

    /// <summary>One line on stderr: above a display that redraws itself, if there is one.</summary>
    public void WriteError(string line)
    {
        if (CanRedraw && _errorConsole.IsValueCreated)
            _errorConsole.Value.Write(new Text(line + '\n'));
        else
            _error.Write(line + '\n');
    }

    /// <summary>Lines on stderr, folded to the width of the terminal.</summary>
    public void WriteErrorFolded(string text)
    {
        foreach (var line in WordWrap.Lines(text, _traits.ErrorWidth ?? Unlimited, hanging: 2))
            WriteError(line);
    }

    private IAnsiConsole Open(TextWriter writer, bool ansi, bool interactive, int? width)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = ansi ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = ansi && _traits.Colour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = interactive ? InteractionSupport.Yes : InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = width ?? Unlimited;
        console.Profile.Capabilities.Unicode = ansi;
        return console;
    }

    private static StreamWriter Writer(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };

    private static int WidthOfWindow()
    {
        try
        {
            return Console.WindowWidth is var width and >= LeastWidth ? width : UsualWidth;
        }
        catch (Exception exception) when (exception is IOException or PlatformNotSupportedException)
        {
            return UsualWidth;
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
}
