using SecretRotator.Configuration;
using SecretRotator.Reliability.Processes;
using SecretRotator.Reliability.World.Vaults;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Tests.Processes;

/// <summary>What the sandbox of a rotator's folder holds, seen as its state page shows it.</summary>
internal sealed class SandboxView
{
    private readonly JsonElement _state;

    private readonly RotationInventory _inventory;

    private SandboxView(JsonElement state, RotationInventory inventory) => (_state, _inventory) = (state, inventory);

    /// <summary>The sample inventory.</summary>
    public static RotationInventory Inventory { get; } = InventoryFile.Read(RepositoryFiles.Sample, InventoryKinds.All).Inventory!;

    /// <summary>Reads the folder's state; where no command has made one yet, a sandbox starts for a moment and makes it.</summary>
    /// <param name="rotator">Whose folder it is.</param>
    /// <param name="of">The inventory; the sample where it is left out.</param>
    public static async Task<SandboxView> OfAsync(Rotator rotator, RotationInventory? of = null)
    {
        var inventory = of ?? Inventory;
        var folder = rotator.PathOf(".sandbox");
        if (!File.Exists(Path.Combine(folder, "state.json")))
            await (await RunningSandbox.StartAsync(inventory, new SandboxOptions
            {
                StateFolder =
                folder,
                RealClock = SystemClock.Instance
            }, TestContext.Current.CancellationToken)).DisposeAsync();
        using var store = new SandboxStore(new StateFolder(folder, TimeProvider.System));
        return await store.ReadAsync(
            state =>
            {
                var document = StateDocument.Of(state, new SandboxTime(SystemClock.Instance).At(state));
                return new SandboxView(JsonDocument.Parse(document.ToJsonString()).RootElement, inventory);
            },
            TestContext.Current.CancellationToken);
    }

    /// <summary>A secret of the sample, by its name in the inventory.</summary>
    public static ManagedSecret Secret(string name) => Inventory.Secrets.Single(s => s.Name == name);

    /// <summary>Everything that vaults and Bitbucket hold, as text. Sessions and the clock are left out.</summary>
    public string Everything =>
        string.Concat(VaultWorlds.All.Select(world => world.Service).Append("variables").Select(part => _state.GetProperty(part)));

    /// <summary>The whole content of the current version.</summary>
    public string Current(ManagedSecret secret) => Versions(secret).Single(v => v.IsCurrent).Content;

    /// <summary>The versions in the order in which they were made, those of a companion last.</summary>
    public ImmutableArray<VersionPicture> Versions(ManagedSecret secret)
    {
        var world = VaultWorlds.Of(_inventory.Vaults[secret.Vault]);
        return world.VersionsIn(_state.GetProperty(world.Service), secret);
    }

    /// <summary>What is staged and not cleared.</summary>
    public IEnumerable<VersionPicture> Staged(ManagedSecret secret) => Versions(secret).Where(v => v.Staged);

    /// <summary>Whether readers can't get a version any more.</summary>
    public bool IsRetired(ManagedSecret secret, string version) => !Versions(secret).Single(v => v.Id == version).Readable;

    /// <summary>The claims that are in the home repository or in vaults, beside versions.</summary>
    public IReadOnlyList<string> Claims => Picture.ClaimsIn(_state, _inventory);

    /// <summary>Value and securedness of a target, or null where it doesn't exist.</summary>
    public (string Value, bool Secured)? Find(VariableTarget target)
    {
        var (repository, environment) = target.Scope switch
        {
            VariableScope.Environment e => (e.Slug, e.Name),
            VariableScope.Repository r => (r.Slug, (string?)null),
            _ => ((string?)null, null),
        };
        foreach (var v in Variables)
        {
            if (Text(v, "repository") == repository && Text(v, "environment") == environment && Text(v, "key") == target.Variable)
                return (Text(v, "value")!, v.GetProperty("secured").GetBoolean());
        }

        return null;
    }

    /// <summary>Whether every target is secured and holds its part of the current version.</summary>
    public bool Agrees(ManagedSecret secret)
    {
        using var content = SecretValue.FromText(Current(secret));
        foreach (var target in secret.Targets)
        {
            using var value = TargetValue.Of(target, content);
            if (Find(target) != (value.RevealText(), true))
                return false;
        }

        return true;
    }

    /// <summary>Every value that the sandbox holds in a vault or in a secured variable, and every part of one that a target
    /// carries.</summary>
    public IEnumerable<string> Values() => VaultWorlds.All.SelectMany(world => world.ContentsIn(_state.GetProperty(world.Service))).SelectMany(Parts)
        .Concat(Variables.Where(
            v => v.GetProperty("secured").GetBoolean() && !Text(v, "key")!.EndsWith("_KEY_ID", StringComparison.Ordinal))
            .Select(v => Text(v, "value")!))
        .Where(v => v.Length >= 12)
        .Distinct(StringComparer.Ordinal);

    private IEnumerable<JsonElement> Variables => _state.GetProperty("variables").EnumerateArray();

    // The fields that the seed adds for realism (user, host) aren't secret: only what is generated counts.
    private static IEnumerable<string> Parts(string content)
    {
        if (!content.StartsWith('{'))
            return [content];
        using var json = JsonDocument.Parse(content);
        return [.. json.RootElement.EnumerateObject()
            .Where(p => p.Name is "password" or "accessKey" or "secretKey" or "private" or "secretAccessKey" or "clientSecret")
            .Select(p => p.Value.GetString()!)];
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
