using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace SecretRotator.Reports;

/// <summary>Writes HTML whose holes can't be anything but text: <c>page.Write($"&lt;td&gt;{anything}&lt;/td&gt;")</c>.</summary>
/// <remarks>The text between the holes is written as it is; every hole is made printable and encoded, in attributes too, which are always
/// quoted.</remarks>
internal sealed class HtmlPage(Stream stream) : IDisposable
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StreamWriter _writer =
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };

#pragma warning disable CA1822 // The handler, which takes the page, has written it by then.
    /// <summary>A piece of the page.</summary>
    public void Write([InterpolatedStringHandlerArgument("")] ref Markup markup) => _ = markup;
#pragma warning restore CA1822

    /// <summary>A piece of the page, and the end of a line.</summary>
    public void WriteLine([InterpolatedStringHandlerArgument("")] ref Markup markup)
    {
        _ = markup;
        _writer.Write('\n');
    }

    /// <summary>A style sheet of the program's own.</summary>
    public void WriteStyle(string sheet) => _writer.Write(sheet);

    /// <summary>A table that a screen reader announces and a narrow screen scrolls.</summary>
    /// <param name="caption">What it shows.</param>
    /// <param name="headings">The columns' headings.</param>
    /// <param name="rows">What the rows are made of.</param>
    /// <param name="write">Writes the cells of a row.</param>
    public void WriteTable<T>(string caption, string[] headings, IEnumerable<T> rows, Action<T> write)
    {
        WriteLine($"<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\">");
        WriteLine($"<table>");
        WriteLine($"<caption>{caption}</caption>");
        Write($"<thead><tr>");
        foreach (var heading in headings)
            Write($"<th scope=\"col\">{heading}</th>");
        WriteLine($"</tr></thead>");
        WriteLine($"<tbody>");
        foreach (var row in rows)
        {
            Write($"<tr>");
            write(row);
            WriteLine($"</tr>");
        }

        WriteLine($"</tbody>");
        WriteLine($"</table>");
        WriteLine($"</div>");
    }

    public void Dispose() => _writer.Dispose();

    /// <summary>Markup with holes for text and numbers.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Markup
    {
        private readonly StreamWriter _writer;

        public Markup(int literalLength, int formattedCount, HtmlPage page)
        {
            _ = (literalLength, formattedCount);
            _writer = page._writer;
        }

        public void AppendLiteral(string markup) => _writer.Write(markup);

        public void AppendFormatted(string? text)
        {
            if (text is not null)
                Encoder.Encode(_writer, PrintableText.Of(text));
        }

        public void AppendFormatted(int number) => _writer.Write(number.ToString(CultureInfo.InvariantCulture));

        public void AppendFormatted(double number) => _writer.Write(number.ToString("0.##", CultureInfo.InvariantCulture));
    }
}
