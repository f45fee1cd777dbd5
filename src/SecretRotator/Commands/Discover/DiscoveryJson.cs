using System.Text.Json.Serialization;
using SecretRotator.Discovery;
using SecretRotator.Evidence;

namespace SecretRotator.Commands;

/// <summary>What discover --output json writes. docs/commands.md explains it to people.</summary>
internal sealed class DiscoveryJson : ResultJson
{
    private readonly DiscoveryView _view;

    internal DiscoveryJson(DiscoveryView view, ExitCode exitCode)
        : base("discover", exitCode) => _view = view;

    /// <summary>Null, or that it is a run in the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(_view.Sandbox);
    public string Workspace => _view.Workspace;

    /// <summary>Whether everything that was asked for was seen.</summary>
    public bool Complete => _view.Report.IsComplete;

    /// <summary>How many scopes were listed.</summary>
    public int Scopes => _view.Report.Scopes;

    /// <summary>How many calls of Bitbucket it cost.</summary>
    public long Calls => _view.Report.Calls;
    public IEnumerable<UncoveredVariableJson> Variables => _view.Report.Variables.Select(variable => new UncoveredVariableJson(variable));

    /// <summary>Places that could not be seen; REPOSITORY/* means the environments of a repository.</summary>
    public IEnumerable<UnknownPlaceJson> Unknown => _view.Report.Unknown.Select(place => new UnknownPlaceJson(place));

    /// <summary>Places that were left out because the calls were used up.</summary>
    public IEnumerable<string> Unseen => _view.Report.Unseen;
}

/// <summary>A variable that no entry of the inventory covers.</summary>
internal sealed class UncoveredVariableJson : VariableJson
{
    private readonly UncoveredVariable _variable;

    internal UncoveredVariableJson(UncoveredVariable variable)
        : base(variable.Scope, variable.Key) => _variable = variable;

    [JsonPropertyOrder(-4)] public string Kind => WireNames.Of(_variable.Kind);
    public bool Secured => _variable.Secured;

    /// <summary>Of a static cloud key: whose.</summary>
    public string? Cloud => _variable.Kind == FindingKind.StaticCloudKey ? SecretNames.CloudOf(_variable.Key) : null;
}

/// <summary>A place that could not be seen.</summary>
internal sealed class UnknownPlaceJson
{
    private readonly UnknownPlace _place;

    internal UnknownPlaceJson(UnknownPlace place) => _place = place;

    public string Place => _place.Place;
    public string Message => _place.Failure.Message;
    public string? Hint => _place.Failure.Hint;
    public RecordedFailure? Failure => RecordedFailure.Of(_place.Failure);
}
