using System.Text.Json;
using NodaTime;
using SecretRotator.Configuration;
using SecretRotator.Inventory;
using SecretRotator.Providers;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Azure;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Storage;
using SecretRotator.Tests.Inventory;
using SecretRotator.Values;

namespace SecretRotator.Tests.Processes;

/// <summary>What the sandbox of a rotator's folder holds, seen as its state page shows it.</summary>
internal sealed class SandboxView
{
    private readonly JsonElement _state;

    private SandboxView(JsonElement state) => _state = state;

    /// <summary>The sample inventory.</summary>
    public static RotationInventory Inventory { get; } = InventoryFile.Read(RepositoryFiles.Sample, InventoryKinds.All).Inventory!;

    /// <summary>Reads the folder's state; where no command has made one yet, a sandbox starts for a moment and makes it.</summary>
    public static async Task<SandboxView> OfAsync(Rotator rotator)
    {
        var folder = rotator.PathOf(".sandbox");
        if (!File.Exists(Path.Combine(folder, "state.json")))
            await (await RunningSandbox.StartAsync(Inventory, new SandboxOptions
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
                return new SandboxView(JsonDocument.Parse(document.ToJsonString()).RootElement);
            },
            TestContext.Current.CancellationToken);
    }

    /// <summary>A secret of the sample, by its name in the inventory.</summary>
    public static ManagedSecret Secret(string name) => Inventory.Secrets.Single(s => s.Name == name);

    /// <summary>Everything that vaults and Bitbucket hold, as text. Sessions and the clock are left out.</summary>
    public string Everything => $"{_state.GetProperty("aws")}{_state.GetProperty("azure")}{_state.GetProperty("variables")}";

    /// <summary>The whole content of the current version.</summary>
    public string Current(ManagedSecret secret) =>
        Versions(secret).Single(v => v.Id == Entry(secret).GetProperty("current").GetString()).Content;

    /// <summary>The version ids and contents, in the order in which they were made.</summary>
    public IReadOnlyList<(string Id, string Content, string[] Stages)> Versions(ManagedSecret secret) => Versions(Entry(secret));

    /// <summary>What is staged and not cleared: labels of a rotation on AWS, an enabled companion on Azure.</summary>
    public IReadOnlyList<string> Staged(ManagedSecret secret) => IsAzure(secret)
        ? [.. _state.GetProperty("azure").EnumerateArray().Where(s => s.GetProperty("name").GetString() == secret.Path + "-staged")
            .SelectMany(s => s.GetProperty("versions").EnumerateArray()).Where(v => v.GetProperty("enabled").GetBoolean())
            .Select(v => v.GetProperty("id").GetString()!)]
        : [.. Versions(secret).SelectMany(v => v.Stages).Where(s => s is not ("AWSCURRENT" or "AWSPREVIOUS") && !HoldLabel.Is(s))];

    /// <summary>Whether readers can't get a version any more: without a label on AWS, disabled on Azure.</summary>
    public bool IsRetired(ManagedSecret secret, string version)
    {
        var found = Entry(secret).GetProperty("versions").EnumerateArray().Single(v => Text(v, "id") == version);
        return IsAzure(secret) ? !found.GetProperty("enabled").GetBoolean() : found.GetProperty("stages").GetArrayLength() == 0;
    }

    /// <summary>The claims that stand in the home repository.</summary>
    public IReadOnlyList<string> Claims =>
        [.. Variables.Where(v => Text(v, "key")!.StartsWith("SECRET_ROTATOR_CLAIM_", StringComparison.Ordinal))
            .Select(v => Text(v, "key")!)];

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
    public IEnumerable<string> Values() => _state.GetProperty("aws").EnumerateArray().Concat(_state.GetProperty("azure").EnumerateArray())
        .SelectMany(s => Versions(s)).SelectMany(v => Parts(v.Content))
        .Concat(Variables.Where(
            v => v.GetProperty("secured").GetBoolean() && !Text(v, "key")!.EndsWith("_KEY_ID", StringComparison.Ordinal))
            .Select(v => Text(v, "value")!))
        .Where(v => v.Length >= 12)
        .Distinct(StringComparer.Ordinal);

    private static bool IsAzure(ManagedSecret secret) => Inventory.Vaults[secret.Vault] is AzureVaultDefinition;

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

    private static List<(string Id, string Content, string[] Stages)> Versions(JsonElement entry) =>
        [.. entry.GetProperty("versions").EnumerateArray().Select(v => (
            v.GetProperty("id").GetString()!,
            v.GetProperty("value").GetString()!,
            v.TryGetProperty("stages", out var stages) ? stages.EnumerateArray().Select(s => s.GetString()!).ToArray() : []))];

    private JsonElement Entry(ManagedSecret secret) => Inventory.Vaults[secret.Vault] switch
    {
        AwsVaultDefinition aws =>
            _state.GetProperty("aws").EnumerateArray().Single(s => Text(s, "name") == secret.Path && Text(s, "region") == aws.Region),
        _ => _state.GetProperty("azure").EnumerateArray().Single(s => Text(s, "name") == secret.Path),
    };

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
