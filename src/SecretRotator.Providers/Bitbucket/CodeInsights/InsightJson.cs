using System.Diagnostics;
using System.Text.Json.Nodes;
using SecretRotator.Providers.Bitbucket.Api;

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
    public static HttpContent Report(InsightReport report) => JsonBody.Of(new JsonObject
    {
        ["type"] = "report",
        ["title"] = Cut(report.Title, LongestLine),
        ["details"] = Cut(Details(report), LongestDetails),
        ["report_type"] = "SECURITY",
        ["reporter"] = "SecretRotator",
        ["result"] = report.HasPassed ? "PASSED" : "FAILED",
        ["data"] = new JsonArray([.. report.Data.Take(MostFacts).Select(Json)]),
    });

    /// <summary>A request's annotations.</summary>
    public static HttpContent Annotations(IEnumerable<InsightAnnotation> annotations) =>
        JsonBody.Of(new JsonArray([.. annotations.Select(Json)]));

    // A reader of the thousandth must know that there are more.
    private static string Details(InsightReport report) =>
        report.Annotations.DistinctBy(each => each.Id, StringComparer.Ordinal).Count() is var count && count > MostAnnotations
            ? $"Shown are the {MostAnnotations:N0} worst of {count:N0} findings. {report.Details}"
            : report.Details;

    private static JsonObject Json(InsightFact fact)
    {
        (string Type, JsonNode Value) shown = fact switch
        {
            InsightFact.Number number => ("NUMBER", number.Value),
            InsightFact.Percentage percentage => ("PERCENTAGE", percentage.Value),
            InsightFact.Flag flag => ("BOOLEAN", flag.Value),
            InsightFact.Text text => ("TEXT", Cut(text.Value, LongestLine)),
            InsightFact.Date date => ("DATE", date.Value.ToUnixTimeMilliseconds()),
            _ => throw new UnreachableException("A new kind of fact needs its JSON."),
        };
        return new JsonObject { ["title"] = Cut(fact.Title, LongestLine), ["type"] = shown.Type, ["value"] = shown.Value };
    }

    private static JsonObject Json(InsightAnnotation annotation)
    {
        var json = new JsonObject
        {
            ["type"] = "report_annotation",
            ["external_id"] = annotation.Id,
            ["annotation_type"] = JsonNamingPolicy.SnakeCaseUpper.ConvertName(annotation.Kind.ToString()),
            ["severity"] = JsonNamingPolicy.SnakeCaseUpper.ConvertName(annotation.Severity.ToString()),
            ["summary"] = Cut(PrintableText.Of(annotation.Summary), LongestLine),
        };
        if (annotation.Details is { } details)
            json["details"] = Cut(details, LongestDetails);
        if (annotation.Path is { } path)
            json["path"] = path;
        if (annotation is { Path: not null, Line: { } line })
            json["line"] = line;
        return json;
    }

    // Never in the middle of a character.
    private static string Cut(string text, int longest)
    {
        if (text.Length <= longest)
            return text;
        var end = longest - 1;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + "…";
    }
}
