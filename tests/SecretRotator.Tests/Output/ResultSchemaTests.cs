using System.Text.Json.Nodes;
using SecretRotator.Audit;
using SecretRotator.Commands;
using SecretRotator.Configuration;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Discovery;
using SecretRotator.Doctor.AllowLists;
using SecretRotator.Evidence;
using SecretRotator.Notifications;
using SecretRotator.Output;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Notifications;
using SecretRotator.Reports;
using SecretRotator.Rotation;
using SecretRotator.Tests.Inventory;
using SecretRotator.Verification;

namespace SecretRotator.Tests.Output;

/// <summary>
/// <c>schemas/</c> describes what commands write. The files of results are made of the types that write them:
/// <c>SECRET_ROTATOR_TESTS_SCHEMAS=write dotnet test tests/SecretRotator.Tests</c> writes them anew.
/// </summary>
public sealed class ResultSchemaTests
{
    private const string Variable = "SECRET_ROTATOR_TESTS_SCHEMAS";

    private static readonly Dictionary<string, (Type Type, string Title, string[] Commands)> Schemas = new(StringComparer.Ordinal)
    {
        ["discovery"] = (typeof(DiscoveryJson), "SecretRotator discovery", ["discover"]),
        ["doctor"] = (typeof(DoctorJson), "SecretRotator doctor", ["doctor", "backend test"]),
        ["doctor-allowlist"] = (typeof(AllowListJson), "SecretRotator allow-list", ["doctor allowlist"]),
        ["doctor-trust"] = (typeof(TrustJson), "SecretRotator trust documents", ["doctor trust"]),
        ["error"] = (typeof(ErrorJson), "SecretRotator command without a result", []),
        ["evidence-show"] = (typeof(RunHistoryJson), "SecretRotator runs", ["evidence show"]),
        ["evidence-verify"] = (typeof(EvidenceJson), "SecretRotator evidence", ["evidence verify"]),
        ["notification"] = (typeof(NotificationJson), "SecretRotator notification", []),
        ["notify-test"] = (typeof(NotifyTestJson), "SecretRotator test of notifications", ["notify test"]),
        ["plan"] = (typeof(PlanJson), "SecretRotator plan", ["plan"]),
        ["report"] = (typeof(JsonReport), "SecretRotator report", []),
        ["run"] = (typeof(RunJson), "SecretRotator run", ["rotate", "rollback"]),
        ["saved-plan"] = (typeof(SavedPlanJson), "SecretRotator saved plan", []),
        ["schedules"] = (typeof(SchedulesJson), "SecretRotator schedules", ["schedules plan", "schedules apply"]),
        ["status"] = (typeof(StatusJson), "SecretRotator status", ["status"]),
        ["validate"] = (typeof(InventoryJson), "SecretRotator inventory", ["validate"]),
        ["verify"] = (typeof(DriftJson), "SecretRotator drift", ["verify"]),
        ["versions"] = (typeof(VersionsJson), "SecretRotator versions", ["versions", "rollback"]),
    };

    // The words are asked of the code that writes them, so that a new one can't be forgotten.
    private static readonly ResultRule[] Rules =
    [
        new("instant", Text(@"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$", "UTC, ISO 8601, to the millisecond."),
            "at", "clock", "createdAt", "deliveredAt", "dueAt", "endedAt", "lastRunAt", "openSince", "plannedAt", "since", "startedAt",
            "until", "valueSince",
            "pastStep.from", "pastStep.to", "schedule.next"),
        new("date", Text(@"^\d{4}-\d{2}-\d{2}$"), "date"),
        new("timeOfDay", Text(@"^\d{2}:\d{2}$"), "window.from", "window.to"),
        new("period", Text("^P"), "rotateEvery"),
        new("digest", Text("^[0-9a-f]{64}$"), "digest", "planDigest"),
        new("checkId", Text("^[a-z0-9]+(-[a-z0-9]+)*$"), "checkResult.id"),
        new("position", Number("integer", 1, null), "line", "column"),
        new("exitCode", Number("integer", 0, 130), "exitCode"),
        new("doctorExitCode", new()
        {
            ["description"] = "3 where a check failed; 5 where a test of a backend may have left a credential behind.",
            ["enum"] = new JsonArray((int)ExitCode.Done, (int)ExitCode.Found, (int)ExitCode.NeedsOperator),
        }, "doctor.exitCode"),
        new("processExitCode", Number("integer", 0, 255), "reportedRun.exitCode", "runExitCode"),
        new("share", Number("number", 0, 1), "share"),
        new("decisionKind", Words(Samples.Decisions.Select(WireNames.Of).Distinct()), "decision.decision"),
        new("outcome", Words(Samples.Outcomes.Select(WireNames.Of).Distinct()), "endedSecret.outcome"),
        new("pastOutcome", Words(Samples.Outcomes
            .Where(outcome => outcome is not (RotationOutcome.Untouched or RotationOutcome.Retired)).Select(WireNames.Of).Distinct()),
            "pastEvent.outcome"),
        new("level", Words<VerificationLevel>(WireNames.Of), "endedSecret.level", "delivery.level", "deliveryMark.level", "pastEvent.level"),
        new("encoding", Words(["base64"]), "encoding"),
        new("failureKind", Words<FailureKind>(WireNames.Of), "recordedFailure.kind", "scheduleFailure.kind", "notificationEntry.failure"),
        new("effect", Words<Effect>(WireNames.Of), "effect"),
        new("driftKind", Words<DriftKind>(WireNames.Of), "driftFinding.kind"),
        new("holdBy", Words(["rollback", "inventory"]), "hold.by"),
        new("runningState", Words(["running", "pending"]), "running.state"),
        new("versionPlace", Words<VersionPlace>(WireNames.Of), "version.place"),
        new("state", Words<AuditState>(WireNames.Of), "auditedSecret.state", "secretStatus.state", "states"),
        new("freshness", Words<AgeVerdict>(WireNames.Of), "freshness"),
        new("targetState", Words<TargetState>(WireNames.Of), "observedTarget.state"),
        new("exceptionKind", Words<ExceptionKind>(WireNames.Of), "exception.kind"),
        new("severity", Words<Severity>(WireNames.Of), "severity"),
        new("controlFact", Words<ControlFact>(WireNames.Of), "fact"),
        new("findingRule", Words(FindingRule.All.Select(rule => rule.Id)), "rule"),
        new("notificationEvent", Words<NotificationEvent>(WireNames.Of), "event"),
        new("receiverKind", Words([.. Grammar.ReceiverKinds.Words, NotificationReceiver.Heartbeat.Word]),
            "notificationAnswer.kind", "plannedNotification.kind"),
        new("weekday", Words(Enum.GetNames<IsoDayOfWeek>().Where(day => day != "None").Select(day => day[..3].ToLowerInvariant())), "days"),
        new("area", Words<CheckArea>(WireNames.Of), "area"),
        new("status", Words<CheckStatus>(WireNames.Of), "status"),
        new("findingKind", Words<FindingKind>(WireNames.Of), "uncoveredVariable.kind"),
        new("cloud", Words(new[] { "AWS_ACCESS_KEY_ID", "AZURE_CLIENT_SECRET", "GOOGLE_CREDENTIALS" }
            .Select(key => SecretNames.CloudOf(key)!)), "cloud"),
        new("scheduleAction", Words<ScheduleAction>(WireNames.Of), "action"),
        new("fate", Words(["delete", "disable"]), "fate"),
        new("flaw", Words<EvidenceFlaw>(WireNames.Of), "flaw"),
    ];

    public static TheoryData<string> Names => [.. Schemas.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_results_schema_is_that_of_its_type(string name)
    {
        var (type, title, commands) = Schemas[name];
        var sample = JsonNode.Parse(ResultSamples.All.First(each => each.Schema == name).Json)!;
        var constants = new Dictionary<string, JsonObject> { ["version"] = new() { ["const"] = sample["version"]!.DeepClone() } };
        if (sample["kind"] is { } kind)
            constants["kind"] = new() { ["const"] = kind.DeepClone() };
        if (commands.Length > 0)
            constants["command"] = commands.Length == 1 ? new() { ["const"] = commands[0] } : Words(commands);

        var schema = ResultSchema.Of(type, title, Rules, constants);

        if (Environment.GetEnvironmentVariable(Variable) == "write")
            File.WriteAllText(PathOf(name), schema);
        File.ReadAllText(PathOf(name)).Should().Be(schema, $"{Variable}=write dotnet test tests/SecretRotator.Tests makes it so");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_result_is_what_its_schema_describes(string name)
    {
        var schema = JsonNode.Parse(File.ReadAllText(PathOf(name)))!.AsObject();
        var results = ResultSamples.All.Where(each => each.Schema == name).Select(each => JsonNode.Parse(each.Json)!).ToList();

        results.Should().AllSatisfy(result => new SchemaEvaluator(schema).Accepts(result).Should().BeTrue(result.ToJsonString()));

        PropertiesOf(schema).Except(results.SelectMany(MembersOf)).Should().BeEmpty("each property is in a sample");
    }

    private static string PathOf(string name) => Path.Combine(RepositoryFiles.Root, "schemas", $"{name}.schema.json");

    private static IEnumerable<string> PropertiesOf(JsonNode schema) => Nodes(schema)
        .SelectMany(node => node["properties"] is JsonObject properties ? properties.Select(property => property.Key) : []);

    private static IEnumerable<string> MembersOf(JsonNode result) => Nodes(result).SelectMany(node => node.Select(member => member.Key));

    private static IEnumerable<JsonObject> Nodes(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Nodes(member.Value)).Prepend(members),
        JsonArray items => items.SelectMany(Nodes),
        _ => [],
    };

    private static JsonObject Words<T>(Func<T, string> name)
        where T : struct, Enum => Words(Enum.GetValues<T>().Select(name));

    private static JsonObject Words(IEnumerable<string> words) =>
        new() { ["enum"] = new JsonArray([.. words.Select(word => (JsonNode)word)]) };

    private static JsonObject Text(string pattern, string? description = null)
    {
        var schema = new JsonObject { ["type"] = "string", ["pattern"] = pattern };
        if (description is not null)
            schema.Insert(0, "description", description);
        return schema;
    }

    private static JsonObject Number(string type, int least, int? most)
    {
        var schema = new JsonObject { ["type"] = type, ["minimum"] = least };
        if (most is { } limit)
            schema["maximum"] = limit;
        return schema;
    }
}
