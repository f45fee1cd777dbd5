using System.Text.Encodings.Web;
using SecretRotator.Audit;
using SecretRotator.Settings;

namespace SecretRotator.Reports;

/// <summary>The formats of the report: all of them views of the one <see cref="AuditReport"/>.</summary>
internal static class ReportFormats
{
    private static readonly (string Extension, OutputFormat Format)[] Extensions =
    [
        (".html", OutputFormat.Html), (".htm", OutputFormat.Html), (".md", OutputFormat.Markdown), (".markdown", OutputFormat.Markdown),
        (".json", OutputFormat.Json), (".csv", OutputFormat.Csv), (".sarif", OutputFormat.Sarif),
    ];

    /// <summary>The format that a file's name asks for, or null.</summary>
    public static OutputFormat? OfFile(string path) =>
        Extensions.Where(each => path.EndsWith(each.Extension, StringComparison.OrdinalIgnoreCase))
            .Select(each => (OutputFormat?)each.Format).FirstOrDefault();

    /// <summary>The names that files may end in, for messages.</summary>
    public static string Endings => string.Join(", ", Extensions.Select(each => each.Extension));

    /// <summary>Writes JSON for files that anything may read.</summary>
    public static void WriteJson(Stream stream, Action<Utf8JsonWriter> write)
    {
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.Default };
        using (var json = new Utf8JsonWriter(new PieceBuffer((piece, count) => stream.Write(piece, 0, count)), options))
            write(json);
        stream.WriteByte((byte)'\n');
    }

    /// <summary>Writes a report in UTF-8.</summary>
    public static void Write(Stream stream, AuditReport report, OutputFormat format)
    {
        Action<Stream, AuditReport> write = format switch
        {
            OutputFormat.Html => HtmlReport.Write,
            OutputFormat.Markdown => MarkdownReport.Write,
            OutputFormat.Json => JsonReport.Write,
            OutputFormat.Csv => CsvReport.Write,
            OutputFormat.Sarif => SarifReport.Write,
            _ => throw new ArgumentOutOfRangeException(nameof(format)),
        };
        write(stream, report);
    }
}
