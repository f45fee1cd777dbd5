using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>
/// Code Insights: a commit's reports with their annotations. A PUT keeps a report's annotations, and a POST adds to them or changes
/// those of the same id.
/// </summary>
internal static class BitbucketReports
{
    private const int MostFacts = 10;
    private const int MostAtOnce = 100;
    private const int MostAnnotations = 1000;
    private const int LongestSummary = 450;

    /// <summary>Answers a call on a report or its annotations.</summary>
    public static SandboxAnswer Answer(SandboxRequest request, BitbucketRoute route, SandboxState state, IRandomSource random)
    {
        var reports = route.RepositoryIn(state)!.Reports;
        var report = reports.Find(each => each.Commit == route.Commit && each.ExternalId == route.Uuid);
        try
        {
            return (route.Collection, request.Method) switch
            {
                (BitbucketCollection.Reports, "PUT") => Put(request, route, reports, report, random),
                (BitbucketCollection.Reports, "DELETE") => Delete(reports, report),
                (BitbucketCollection.Annotations, "POST") =>
                    report is null ? Refused(404, "The report does not exist.") : Post(request, report),
                _ => BitbucketAnswers.NotAllowed(),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return Refused(400, "The body is not what it should be.");
        }
    }

    private static SandboxAnswer Put(
        SandboxRequest request, BitbucketRoute route, List<ReportState> reports, ReportState? report, IRandomSource random)
    {
        using var body = JsonDocument.Parse(request.Body);
        var asked = body.RootElement;
        var data = asked.TryGetProperty("data", out var facts) ? facts.EnumerateArray().ToList() : [];
        if (data.Count > MostFacts)
            return Refused(400, "The data field cannot contain more than 10 elements.");
        if (report is null)
        {
            report = new ReportState { Uuid = random.BracedUuid(), Commit = route.Commit!, ExternalId = route.Uuid! };
            reports.Add(report);
        }

        report.Title = asked.GetProperty("title").GetString() ?? "";
        report.Details = asked.GetProperty("details").GetString() ?? "";
        report.Result = asked.GetProperty("result").GetString() ?? "";
        report.Data = [.. data.Select(FactOf)];
        return SandboxAnswer.Json(200, Describe(report)) with { Changed = true };
    }

    private static SandboxAnswer Delete(List<ReportState> reports, ReportState? report)
    {
        if (report is null)
            return Refused(404, "The report does not exist.");
        reports.Remove(report);
        return SandboxAnswer.Done;
    }

    private static SandboxAnswer Post(SandboxRequest request, ReportState report)
    {
        using var body = JsonDocument.Parse(request.Body);
        var asked = body.RootElement.EnumerateArray().Select(AnnotationOf).ToList();
        if (asked.Count is 0 or > MostAtOnce)
            return Refused(400, "Bulk upload supports a maximum of 100 annotations.");
        if (asked.Exists(each => each.Summary.Length is 0 or > LongestSummary))
            return Refused(400, "The summary field cannot contain more than 450 characters.");
        if (report.Annotations.Concat(asked).DistinctBy(each => each.ExternalId, StringComparer.Ordinal).Count() > MostAnnotations)
            return Refused(400, "A report cannot contain more than 1000 annotations.");
        report.Annotations.RemoveAll(each => asked.Exists(other => other.ExternalId == each.ExternalId));
        report.Annotations.AddRange(asked);
        return SandboxAnswer.Json(200, StateDocument.List(asked, Describe)) with { Changed = true };
    }

    private static FactState FactOf(JsonElement asked) => new()
    {
        Title = asked.GetProperty("title").GetString() ?? "",
        Type = asked.GetProperty("type").GetString() ?? "",
        Value = asked.GetProperty("value").ToString(),
    };

    private static AnnotationState AnnotationOf(JsonElement asked) => new()
    {
        ExternalId = asked.GetProperty("external_id").GetString() ?? "",
        Type = asked.GetProperty("annotation_type").GetString() ?? "",
        Severity = asked.GetProperty("severity").GetString() ?? "",
        Summary = asked.GetProperty("summary").GetString() ?? "",
        Details = asked.TryGetProperty("details", out var details) ? details.GetString() : null,
        Path = asked.TryGetProperty("path", out var path) ? path.GetString() : null,
        Line = asked.TryGetProperty("line", out var line) ? line.GetInt32() : null,
    };

    private static JsonObject Describe(ReportState report) => new()
    {
        ["type"] = "report",
        ["uuid"] = report.Uuid,
        ["external_id"] = report.ExternalId,
        ["title"] = report.Title,
        ["details"] = report.Details,
        ["result"] = report.Result,
    };

    private static JsonObject Describe(AnnotationState annotation) => new()
    {
        ["type"] = "report_annotation",
        ["external_id"] = annotation.ExternalId,
        ["annotation_type"] = annotation.Type,
        ["severity"] = annotation.Severity,
        ["summary"] = annotation.Summary,
    };

    // The service behind Code Insights has a shape of refusals of its own.
    private static SandboxAnswer Refused(int status, string message) => SandboxAnswer.Json(status, new JsonObject
    {
        ["key"] = status == 404 ? "report-service.general.not-found" : "report-service.general.bad-request",
        ["message"] = message,
        ["arguments"] = new JsonObject(),
    });
}
