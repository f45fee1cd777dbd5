using System.Text.Json.Serialization;
using SecretRotator.Planning;

namespace SecretRotator.Commands;

/// <summary>The versions of one secret, to choose among for a rollback, for people and for machines.</summary>
/// <param name="Command">The command that lists them.</param>
/// <param name="Secret">The secret.</param>
/// <param name="Description">What its vault says of it.</param>
/// <param name="Versions">Its versions, the newest first.</param>
/// <param name="Now">The time.</param>
/// <param name="Sandbox">Set where they are of the sandbox.</param>
internal sealed record VersionsView(
    string Command, ManagedSecret Secret, SecretDescription Description, ImmutableArray<ListedVersion> Versions, Instant Now,
    SandboxNote? Sandbox)
{
    private const int UsualPrefix = 8;

    /// <summary>Until when it gets no new value, or null.</summary>
    public Hold? Hold => Hold.Of(Secret, Description.Hold, Now);

    /// <summary>The versions as people read them.</summary>
    public void WriteText(Terminal terminal)
    {
        terminal.WriteNote(Sandbox);
        var table = ConsoleLayout.Table(
            ConsoleLayout.Whole("Version"), ConsoleLayout.Whole("Made (UTC)"), ConsoleLayout.Whole("By rotation"),
            ConsoleLayout.Whole("Place"), ConsoleLayout.Whole("Delivered (UTC)"));
        foreach (var version in Versions)
        {
            table.AddRow(
                UniquePrefix(version.Id),
                Minute(version.CreatedAt),
                version.Rotation is { } rotation ? HumanText.Short(new VersionId(rotation.Value)) : "-",
                new(WireNames.Of(version.Place), version.Place == VersionPlace.Current ? Tone.Good : Tone.Plain),
                version.DeliveredAt is { } at ? Minute(at) : "no record");
        }

        terminal.Write(table);
        terminal.WriteLabelled(Facts());
        WriteRollback(terminal);
    }

    private IEnumerable<(string Label, string Text)> Facts()
    {
        yield return ("Targets", string.Join(", ", Secret.Targets));
        yield return ("Delivered", Description.Delivered is { } mark
            ? $"{UniquePrefix(mark.Version)} at {HumanText.Time(mark.DeliveredAt)}, {WireNames.Of(mark.Level)}, to targets with the digest "
                + mark.TargetsDigest
            : "never by this tool, as far as the vault shows");
        if (Description.Open is { } open)
            yield return ("Open", $"a rotation of {open.Holder} since {HumanText.Time(open.StartedAt)}; a rollback waits for its end");
        if (Description.Grace is { } grace)
            yield return ("In grace", $"{UniquePrefix(grace.Version)} since {HumanText.Time(grace.Since)}: valid until a run retires it");
        if (Hold is { } hold)
            yield return ("Hold", HumanText.Held(hold, Now));
    }

    private void WriteRollback(Terminal terminal)
    {
        if (Secret.Value is ValuePolicy.VaultManaged)
            terminal.Write("The vault rotates it, so a rollback refuses it.");
        else if (!Versions.Any(version => version.IsRestorable))
            terminal.Write("There is no version that a rollback takes: it needs a previous or an older one.");
        else
        {
            terminal.Write("A rollback takes what is previous or older, by any beginning of its id that is unique, or as previous:");
            terminal.WriteLine($"  secret-rotator rollback {Secret.Name} --to VERSION --reason TEXT");
        }
    }

    // The heading names the zone: with it in every cell the table would be wider than a terminal.
    private static string Minute(Instant instant) => HumanText.Time(instant).Replace(" UTC", "", StringComparison.Ordinal);

    // As short as people compare, but --to must accept what is shown here.
    private string UniquePrefix(VersionId id)
    {
        var length = Math.Min(UsualPrefix, id.Value.Length);
        while (length < id.Value.Length
            && Versions.Count(other => other.Id.Value.StartsWith(id.Value[..length], StringComparison.Ordinal)) > 1)
            length++;
        return id.Value[..length];
    }
}

/// <summary>What versions, and rollback without a version, write with --output json: the versions of one secret.</summary>
internal sealed class VersionsJson : ResultJson
{
    private readonly VersionsView _view;

    internal VersionsJson(VersionsView view)
        : base(view.Command, SecretRotator.ExitCode.Done) => _view = view;

    /// <summary>Null, or that it is a run in the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(_view.Sandbox);
    public string Name => _view.Secret.Name;
    public string Vault => _view.Secret.Vault;
    public string Path => _view.Secret.Path;
    public IEnumerable<TargetJson> Targets => _view.Secret.Targets.Select(target => new TargetJson(target));

    /// <summary>What all targets were last known to hold.</summary>
    public DeliveryMarkJson? Delivered => _view.Description.Delivered is { } mark ? new(mark) : null;

    /// <summary>Since when a rotation is open.</summary>
    public string? OpenSince => Json.Text(_view.Description.Open?.StartedAt);
    public HoldJson? Hold => HoldJson.Of(_view.Hold);
    public IEnumerable<VersionJson> Versions => _view.Versions.Select(version => new VersionJson(version));
}

/// <summary>What the vault says of the last delivery.</summary>
internal sealed class DeliveryMarkJson
{
    private readonly DeliveryMark _mark;

    internal DeliveryMarkJson(DeliveryMark mark) => _mark = mark;

    public string Version => _mark.Version.Value;
    public string At => Json.Text(_mark.DeliveredAt);
    public string Level => WireNames.Of(_mark.Level);
    public string Rotation => _mark.Rotation.Value;

    /// <summary>Which targets held it, as 16 hexadecimal digits.</summary>
    public string TargetsDigest => _mark.TargetsDigest;
}

/// <summary>A version.</summary>
internal sealed class VersionJson
{
    private readonly ListedVersion _version;

    internal VersionJson(ListedVersion version) => _version = version;

    public string Id => _version.Id.Value;
    public string CreatedAt => Json.Text(_version.CreatedAt);
    public string Place => WireNames.Of(_version.Place);

    /// <summary>Whether a rollback may bring it back, for what the vault shows of it.</summary>
    public bool Restorable => _version.IsRestorable;
    public string? Rotation => _version.Rotation?.Value;
    public string? DeliveredAt => Json.Text(_version.DeliveredAt);
}
