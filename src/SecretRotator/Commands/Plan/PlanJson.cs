using System.Text.Json.Serialization;
using SecretRotator.Planning;

namespace SecretRotator.Commands;

/// <summary>What plan --output json writes. docs/json.md explains it to people.</summary>
internal sealed class PlanJson : PlanBodyJson
{
    internal PlanJson(PlanView view, ExitCode exitCode)
        : base(view) => ExitCode = (int)exitCode;

    public int Version { get; } = Json.Version;
    public string Command { get; } = "plan";
    public int ExitCode { get; }

    /// <summary>What receivers would be told if the run did nothing more than it can't start; missing where that is nothing.</summary>
    public IEnumerable<PlannedNotificationJson>? Notifications => PlannedNotificationJson.Of(View.Notifications);

    /// <summary>Null, or that it is a run in the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(View.Sandbox);
}

/// <summary>The plan itself, which a saved plan holds too.</summary>
internal abstract class PlanBodyJson
{
    private protected PlanBodyJson(PlanView view) => View = view;

    private protected PlanView View { get; }

    public string PlannedAt => Json.Text(View.Plan.PlannedAt);
    public string Digest => View.Plan.Digest;
    public CallBudgetJson Calls => new(View.Plan.ObservationCost, View.Plan.ActionCost, View.BitbucketCallsPerHour);
    public BacklogJson? Backlog => View.Plan.Backlog is { } backlog ? new(backlog, View.Plan.PlannedAt) : null;
    public IEnumerable<PlannedSecretJson> Secrets => View.Plan.Items.Select(item => new PlannedSecretJson(item));
}

/// <summary>What is to be started and waits for later runs.</summary>
internal sealed class BacklogJson
{
    internal BacklogJson(Backlog backlog, Instant plannedAt) =>
        (Secrets, Runs, LastRunAt) = (backlog.Secrets, backlog.Runs, Json.Text(plannedAt + backlog.Lasts));

    public int Secrets { get; }

    /// <summary>How many runs they take after this one.</summary>
    public int Runs { get; }

    /// <summary>When the last of these runs begins, if one begins each hour.</summary>
    public string LastRunAt { get; }
}

/// <summary>A secret in a plan.</summary>
internal class PlannedSecretJson : SecretJson
{
    private readonly PlanItem _item;

    internal PlannedSecretJson(PlanItem item)
        : base(item.Secret, item.Decision) => _item = item;

    [JsonPropertyOrder(1)] public CallsJson Calls => new(_item.Cost);
    [JsonPropertyOrder(1)] public IEnumerable<string> Warnings => _item.Warnings;
    [JsonPropertyOrder(1)] public GraceJson? Grace => _item.InFlight?.Grace is { } grace ? new(grace) : null;
    [JsonPropertyOrder(1)] public string? RunningUnknown => _item.InFlight?.Unknown?.Message;
    [JsonPropertyOrder(1)]
    public IEnumerable<RunningJson>? Running =>
        _item.InFlight?.Running?.Select(pipeline => new RunningJson(pipeline));
    [JsonPropertyOrder(1)] public HoldJson? Hold => HoldJson.Of(_item.Hold);
}
