using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;
using SecretRotator.Values;

namespace SecretRotator.Providers.Bitbucket.CodeInsights;

/// <summary>Reports and annotations as Bitbucket takes them, cut to its limits.</summary>
/// <remarks>
/// Atlassian's description declares ten facts, 1,000 annotations a report and 100 a request. That a summary has 450
/// characters at most only its refusals tell ("The summary field cannot contain more than 450 characters"). For titles
/// and details it declares nothing; Bitbucket Data Center, whose interface it shares, takes 450 and 2,000.
/// </remarks>
internal static class InsightJson
{
    /// <summary>Facts in a report.</summary>
    public const int MostFacts = 10;

    /// <summary>Annotations in a report.</summary>
    public const int MostAnnotations = 1000;

    /// <summary>Annotations in one request.</summary>
    public const int MostAtOnce = 100;

    /// <summary>Characters of a title or a summary.</summary>
    public const int LongestLine = 450;

    /// <summary>Characters of details.</summary>
    public const int LongestDetails = 2000;

    /// <summary>The annotations that are sent: the worst first, each id once.</summary>
    public static ImmutableArray<InsightAnnotation> Worst(InsightReport report) =>
    [
        .. report.Annotations
            .OrderBy(each => each.Severity)
            .ThenBy(each => each.Path, StringComparer.Ordinal)
            .ThenBy(each => each.Line)
            .ThenBy(each => each.Id, StringComparer.Ordinal)
            .DistinctBy(each => each.Id, StringComparer.Ordinal)
            .Take(MostAnnotations),
    ];

    /// <summary>A report, without its annotations.</summary>
    public static HttpContent Report(InsightReport report) => Content(json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "report");
        json.WriteString("title", Cut(report.Title, LongestLine));
        json.WriteString("details", Cut(Details(report), LongestDetails));
        json.WriteString("report_type", "SECURITY");
        json.WriteString("reporter", "SecretRotator");
        json.WriteString("result", report.HasPassed ? "PASSED" : "FAILED");
        json.WriteStartArray("data");
        foreach (var fact in report.Data.Take(MostFacts))
            Write(json, fact);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>A request's annotations.</summary>
    public static HttpContent Annotations(IEnumerable<InsightAnnotation> annotations) => Content(json =>
    {
        json.WriteStartArray();
        foreach (var annotation in annotations)
            Write(json, annotation);
        json.WriteEndArray();
    });

    // A reader of the thousandth must know that there are more.
    private static string Details(InsightReport report) =>
        report.Annotations.DistinctBy(each => each.Id, StringComparer.Ordinal).Count() is var count && count > MostAnnotations
            ? $"Shown are the {MostAnnotations:N0} worst of {count:N0} findings. {report.Details}"
            : report.Details;

    private static void Write(Utf8JsonWriter json, InsightFact fact)
    {
        json.WriteStartObject();
        json.WriteString("title", Cut(fact.Title, LongestLine));
        switch (fact)
        {
            case InsightFact.Number number:
                json.WriteString("type", "NUMBER");
                json.WriteNumber("value", number.Value);
                break;
            case InsightFact.Percentage percentage:
                json.WriteString("type", "PERCENTAGE");
                json.WriteNumber("value", percentage.Value);
                break;
            case InsightFact.Flag flag:
                json.WriteString("type", "BOOLEAN");
                json.WriteBoolean("value", flag.Value);
                break;
            case InsightFact.Text text:
                json.WriteString("type", "TEXT");
                json.WriteString("value", Cut(text.Value, LongestLine));
                break;
            case InsightFact.Date date:
                json.WriteString("type", "DATE");
                json.WriteNumber("value", date.Value.ToUnixTimeMilliseconds());
                break;
            default:
                throw new UnreachableException("A new kind of fact needs its JSON.");
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, InsightAnnotation annotation)
    {
        json.WriteStartObject();
        json.WriteString("type", "report_annotation");
        json.WriteString("external_id", annotation.Id);
        json.WriteString("annotation_type", JsonNamingPolicy.SnakeCaseUpper.ConvertName(annotation.Kind.ToString()));
        json.WriteString("severity", JsonNamingPolicy.SnakeCaseUpper.ConvertName(annotation.Severity.ToString()));
        json.WriteString("summary", Cut(PrintableText.Of(annotation.Summary), LongestLine));
        if (annotation.Details is { } details)
            json.WriteString("details", Cut(details, LongestDetails));
        if (annotation.Path is { } path)
            json.WriteString("path", path);
        if (annotation is { Path: not null, Line: { } line })
            json.WriteNumber("line", line);
        json.WriteEndObject();
    }

    // Never in the middle of a character.
    private static string Cut(string text, int longest)
    {
        if (text.Length <= longest)
            return text;
        var end = longest - 1;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + "…";
    }

    private static ByteArrayContent Content(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        return new ByteArrayContent(buffer.WrittenSpan.ToArray())
        {
            Headers =
            { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json) }
        };
    }
}
