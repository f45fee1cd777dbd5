using SecretRotator.Audit;
using SecretRotator.Reports;
using SecretRotator.Settings;

namespace SecretRotator.Tests.Reports;

/// <summary>Reports as they are written.</summary>
internal static class Written
{
    public static OutputFormat[] Formats { get; } =
    [
        OutputFormat.Html,
        OutputFormat.Markdown,
        OutputFormat.Json,
        OutputFormat.Csv,
        OutputFormat.Sarif,
    ];

    public static byte[] Bytes(AuditReport report, OutputFormat format)
    {
        using var stream = new MemoryStream();
        ReportFormats.Write(stream, report, format);
        return stream.ToArray();
    }

    public static string Text(AuditReport report, OutputFormat format) => Encoding.UTF8.GetString(Bytes(report, format));

    public static JsonElement Json(AuditReport report, OutputFormat format) => JsonDocument.Parse(Bytes(report, format)).RootElement;

    /// <summary>Reads RFC 4180: CRLF between rows, quotes doubled within quotes.</summary>
    public static List<string[]> Rows(string csv)
    {
        List<string[]> rows = [];
        List<string> row = [];
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < csv.Length; i++)
        {
            switch (csv[i])
            {
                case '"' when quoted && i + 1 < csv.Length && csv[i + 1] == '"':
                    cell.Append('"');
                    i++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    row.Add(cell.ToString());
                    cell.Clear();
                    break;
                case '\r' when !quoted && csv[i + 1] == '\n':
                    row.Add(cell.ToString());
                    cell.Clear();
                    rows.Add([.. row]);
                    row.Clear();
                    i++;
                    break;
                default:
                    cell.Append(csv[i]);
                    break;
            }
        }

        return rows;
    }
}
