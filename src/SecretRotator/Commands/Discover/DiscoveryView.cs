using System.Text.Json.Serialization;
using SecretRotator.Discovery;
using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Commands;

/// <summary>What <c>discover</c> found, and what is shown with it.</summary>
/// <param name="Report">What was found.</param>
/// <param name="Workspace">Where.</param>
/// <param name="Stubs">The file that stubs were written to, or null.</param>
/// <param name="Sandbox">Set where it looked at the sandbox.</param>
internal sealed record DiscoveryView(DiscoveryReport Report, string Workspace, string? Stubs, SandboxNote? Sandbox)
{
    /// <summary>What is most urgent first.</summary>
    public void WriteText(Terminal terminal)
    {
        terminal.WriteNote(Sandbox);
        WriteGroup(
            terminal, FindingKind.StaticCloudKey,
            "Static cloud keys: give the pipeline an identity of its own (oidc: true), and delete them:", Tone.Bad);
        WriteGroup(
            terminal, FindingKind.PlainSecret, "Named like secrets, and readable by everyone with access to the settings:",
            Tone.Bad);
        WriteGroup(terminal, FindingKind.Candidate, "Secured, and in no entry of the inventory:", Tone.Attention);
        if (!Report.Unknown.IsEmpty)
        {
            terminal.Write("Not seen:", Tone.Bad);
            foreach (var group in SharedCauses.Of(Report.Unknown, Why))
            {
                var why = group.Length == 1 ? Told(group[0]) : Why(group[0]);
                terminal.WriteLabelled([("-", $"{SharedCauses.Named([.. group.Select(place => place.Place)])}: {why}".TrimEnd())]);
            }

            terminal.WriteLine("");
        }

        if (!Report.Unseen.IsEmpty)
        {
            terminal.Write("Not looked at, the calls were used up (--max-calls):", Tone.Bad);
            terminal.WriteLabelled([("-", SharedCauses.Named(Report.Unseen))]);
            terminal.WriteLine("");
        }

        foreach (var line in Summary())
            terminal.Write(line);
    }

    private static string Told(UnknownPlace place) => FailureMessages.Text(place.Failure);

    // The same for all places with one cause.
    private static string Why(UnknownPlace place) => Told(place).Replace(place.Place, "PLACE", StringComparison.Ordinal);

    private void WriteGroup(Terminal terminal, FindingKind kind, string heading, Tone tone)
    {
        var variables = Report.Variables.Where(each => each.Kind == kind).ToList();
        if (variables.Count == 0)
            return;
        terminal.Write(heading, tone);
        foreach (var variable in variables)
        {
            var cloud = kind == FindingKind.StaticCloudKey
                ? $" ({SecretNames.CloudOf(variable.Key)}{(variable.Secured ? "" : ", unsecured")})"
                : "";
            terminal.WriteLabelled([("-", $"{variable.Scope}:{variable.Key}{cloud}")]);
        }

        terminal.WriteLine("");
    }

    private IEnumerable<string> Summary()
    {
        yield return $"{HumanText.Count(Report.Variables.Length, "variable")} worth a look in {HumanText.Count(Report.Scopes, "scope")} of "
            + $"{Workspace}, {Report.Unknown.Length} not seen, {Report.Unseen.Length} not looked at. {Report.Calls} calls of "
            + $"Bitbucket.";
        yield return "Keys were listed, no value was read.";
        if (Stubs is { } stubs)
            yield return $"Stubs are in {stubs}.";
    }
}

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
