using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Output;
using SecretRotator.Vaults;

namespace SecretRotator.Commands;

/// <summary>The versions of one secret, to choose among for a rollback, for people and for machines.</summary>
/// <param name="Secret">The secret.</param>
/// <param name="Versions">Its versions, the newest first.</param>
/// <param name="Sandbox">Set where they are of the sandbox.</param>
internal sealed record VersionsView(ManagedSecret Secret, ImmutableArray<ListedVersion> Versions, SandboxNote? Sandbox)
{
    private const int UsualPrefix = 8;

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
        terminal.Write("To bring one back, with any beginning of its id that is unique, or previous:");
        terminal.WriteLine($"  secret-rotator rollback {Secret.Name} --to VERSION --reason TEXT");
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

/// <summary>What rollback without a version writes with --output json: the versions of one secret.</summary>
internal sealed class VersionsJson : ResultJson
{
    private readonly VersionsView _view;

    internal VersionsJson(VersionsView view)
        : base("rollback", SecretRotator.ExitCode.Done) => _view = view;

    /// <summary>Null, or that it is a run in the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(_view.Sandbox);
    public string Name => _view.Secret.Name;
    public string Vault => _view.Secret.Vault;
    public string Path => _view.Secret.Path;
    public IEnumerable<VersionJson> Versions => _view.Versions.Select(version => new VersionJson(version));
}

/// <summary>A version.</summary>
internal sealed class VersionJson
{
    private readonly ListedVersion _version;

    internal VersionJson(ListedVersion version) => _version = version;

    public string Id => _version.Id.Value;
    public string CreatedAt => Json.Text(_version.CreatedAt);
    public string Place => WireNames.Of(_version.Place);
    public string? Rotation => _version.Rotation?.Value;
    public string? DeliveredAt => Json.Text(_version.DeliveredAt);
}
