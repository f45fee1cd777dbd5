using System.Text.Json.Serialization;
using SecretRotator.Evidence;
using SecretRotator.Planning;

namespace SecretRotator.Output;

/// <summary>What every command's result begins with.</summary>
internal abstract class ResultJson(string command, ExitCode exitCode, int version = Json.Version)
{
    /// <summary>Rises when a reader of the former version could be misled.</summary>
    [JsonPropertyOrder(-1)] public int Version { get; } = version;
    [JsonPropertyOrder(-1)] public string Command { get; } = command;
    [JsonPropertyOrder(-1)] public int ExitCode { get; } = (int)exitCode;
}

/// <summary>The sandbox that a result is of: its clock and the folder with its state.</summary>
internal sealed class SandboxJson
{
    private readonly SandboxNote _sandbox;

    internal SandboxJson(SandboxNote sandbox) => _sandbox = sandbox;

    public string Clock => Json.Text(_sandbox.Clock);
    public string State => _sandbox.State;

    public static SandboxJson? Of(SandboxNote? sandbox) => sandbox is null ? null : new(sandbox);
}

/// <summary>A decision, among the properties of what it is about.</summary>
internal class DecisionJson
{
    private readonly Decision _decision;

    internal DecisionJson(Decision decision) => _decision = decision;

    public string Decision => WireNames.Of(_decision);

    /// <summary>Whether a run acts on the decision.</summary>
    public bool Started => _decision.IsStarted;

    /// <summary>The old version that is to be retired.</summary>
    public string? Retires => (_decision as Decision.Retire)?.Version.Value;

    public string? Why => _decision switch
    {
        Decision.Unfinished unfinished => unfinished.Why,
        Decision.Redeliver redeliver => redeliver.Why,
        Decision.Retire retire => retire.Why,
        Decision.Waiting waiting => waiting.Why,
        Decision.Blocked blocked => blocked.Why,
        _ => null,
    };

    public string? Rotation => (_decision as Decision.Unfinished)?.Open.Id.Value;
    public string? Holder => (_decision as Decision.Unfinished)?.Open.Holder.ToString();
    public string? Since => Json.Text((_decision as Decision.Unfinished)?.Open.StartedAt ?? (_decision as Decision.Due)?.Since);
    public string? Until => Json.Text((_decision as Decision.NotDue)?.Until ?? (_decision as Decision.Waiting)?.Until);
    public string? By => (_decision as Decision.Forced)?.By;
    public string? Reason => (_decision as Decision.Forced)?.Reason;
    public string? Hint => (_decision as Decision.Blocked)?.Hint;
    public virtual RecordedFailure? Failure => RecordedFailure.Of((_decision as Decision.Blocked)?.Failure);
}

/// <summary>A secret with its decision.</summary>
internal abstract class SecretJson(ManagedSecret secret, Decision decision) : DecisionJson(decision)
{
    public string Name => secret.Name;
    public string Vault => secret.Vault;
    public string Path => secret.Path;
    public string Owner => secret.Owner;
    public IEnumerable<TargetJson> Targets => secret.Targets.Select(target => new TargetJson(target));
}

/// <summary>Until when a secret gets no new value.</summary>
internal sealed class HoldJson
{
    private readonly Hold _hold;

    internal HoldJson(Hold hold) => _hold = hold;

    public string Until => Json.Text(_hold.Until);
    public string Reason => _hold.Reason;
    public string By => _hold.ByRollback ? "rollback" : "inventory";

    public static HoldJson? Of(Hold? hold) => hold is null ? null : new(hold);
}

/// <summary>Where a variable is.</summary>
internal abstract class ScopeJson(VariableScope scope)
{
    [JsonPropertyOrder(-3)] public string Workspace => scope.WorkspaceSlug;

    [JsonPropertyOrder(-3)] public string? Repository => scope.InRepository()?.Slug;

    [JsonPropertyOrder(-3)] public string? Environment => (scope as VariableScope.Environment)?.Name;
}

/// <summary>A variable.</summary>
internal class VariableJson : ScopeJson
{
    internal VariableJson(VariableScope scope, string variable)
        : base(scope) => Variable = variable;

    [JsonPropertyOrder(-2)] public string Variable { get; }
}

/// <summary>A variable that gets a secret.</summary>
internal class TargetJson : VariableJson
{
    private readonly VariableTarget _target;

    internal TargetJson(VariableTarget target)
        : base(target.Scope, target.Variable) => _target = target;

    /// <summary>Which field of a JSON secret it gets.</summary>
    [JsonPropertyOrder(-1)] public string? Field => _target.Field;
    [JsonPropertyOrder(-1)] public string? Encoding => _target.Encoding == TargetEncoding.Base64 ? "base64" : null;

    public static TargetJson? Of(VariableTarget? target) => target is null ? null : new(target);
}

/// <summary>Calls of services.</summary>
internal sealed class CallsJson
{
    private readonly CallCost _cost;

    internal CallsJson(CallCost cost) => _cost = cost;

    public int Bitbucket => _cost.Bitbucket;
    public int Vault => _cost.Vault;

    /// <summary>Of the systems that accept values.</summary>
    public int Backend => _cost.Backend;
}

/// <summary>What observing costs, and acting on what was observed.</summary>
internal sealed class CallBudgetJson
{
    internal CallBudgetJson(CallCost observation, CallCost action, int bitbucketPerHour) =>
        (Observation, Action, BitbucketPerHour) = (new(observation), new(action), bitbucketPerHour);

    public CallsJson Observation { get; }

    /// <summary>What acting would cost, with its verification.</summary>
    public CallsJson Action { get; }

    /// <summary>The inventory's limit on calls of Bitbucket in any 60 minutes, or its shard's part of it.</summary>
    public int BitbucketPerHour { get; }
}
