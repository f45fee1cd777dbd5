using System.Text.Json.Nodes;
using SecretRotator.Providers.HashiCorp;
using SecretRotator.Providers.HashiCorp.Doctor;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.HashiCorp;
using SecretRotator.Tests.Contracts;

namespace SecretRotator.Tests.Providers.HashiCorp;

/// <summary>The real client on one side of a socket, the emulator of HashiCorp Vault on the other.</summary>
internal sealed class SandboxedHashiCorp : VaultUnderTest
{
    public const string Companion = "-staged";
    public const string Marks = "-staged/marks";

    public static readonly HashiCorpVaultDefinition Definition = new(
        "hcp", new Uri("https://vault.acme.example:8200"), "secret", "platform", new HashiCorpAuth.Token());

    private readonly List<IDisposable> _open = [];
    private readonly SandboxHost _host;

    private SandboxedHashiCorp(SandboxHost host) => _host = host;

    /// <summary>The token that calls bear.</summary>
    public string Token { get; set; } = "hvs.worthless";

    /// <summary>How contents are kept.</summary>
    public KvForm Form { get; set; } = KvForm.Text;

    public SkippingTime Time { get; } = new();

    public static async Task<SandboxedHashiCorp> OpenAsync()
    {
        var host = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = SystemClock.Instance },
            [new HashiCorpEmulator(Definition.Name, [])],
            state =>
            {
                var server = state.HashiCorp[Definition.Name] = new HashiCorpState { Namespace = Definition.Namespace! };
                server.Mounts[Definition.Mount] = new KvMountState();
                server.Tokens["hvs.worthless"] = new HashiCorpTokenState { Policies = { "all" } };
                server.Tokens["hvs.looks"] = new HashiCorpTokenState { Policies = { "looks" } };
                server.Policies["all"] = new(StringComparer.Ordinal)
                {
                    ["secret/data/*"] = ["create", "read", "update"],
                    ["secret/metadata/*"] = ["read"],
                    ["secret/delete/*"] = ["update"],
                };
                // What a plan needs: no value can be read with it.
                server.Policies["looks"] = new(StringComparer.Ordinal)
                {
                    ["secret/data/prod/payments/db-staged/marks"] = ["read"],
                    ["secret/metadata/*"] = ["read"],
                };
                return true;
            });
        return new SandboxedHashiCorp(host);
    }

    public override ISecretVault Connect() => Connect(handler => handler);

    /// <summary>A connection through a handler of its own.</summary>
    public ISecretVault Connect(Func<HttpMessageHandler, HttpMessageHandler> through) =>
        new HashiCorpVault(Definition, Reach(through), _ => Form, SystemClock.Instance, new SystemRandom(), Time);

    /// <summary>The calls alone.</summary>
    public HashiCorpCalls Reach(Func<HttpMessageHandler, HttpMessageHandler>? through = null)
    {
        var sockets = new SocketsHttpHandler { AllowAutoRedirect = false };
        var handler = new BufferedResponseHandler(through?.Invoke(sockets) ?? sockets, TimeSpan.FromSeconds(30), TimeProvider.System);
        var client =
            new HttpClient(handler) { BaseAddress = _host.EndpointOf("hashicorp:" + Definition.Name), Timeout = Timeout.InfiniteTimeSpan };
        lock (_open)
            _open.Add(client);
        return new HashiCorpCalls(client, new FixedToken(Token), Definition.Namespace, new SystemRandom(), Time);
    }

    /// <summary>Looks at the engine's state, or changes it.</summary>
    public T Use<T>(Func<KvMountState, T> use) => UseServer(server => use(server.Mounts[Definition.Mount]));

    /// <summary>Looks at the server's state, or changes it.</summary>
    public T UseServer<T>(Func<HashiCorpState, T> use) =>
        _host.Store.UseAsync(state => (use(state.HashiCorp[Definition.Name]), true)).GetAwaiter().GetResult();

    /// <summary>What doctor looks at secrets with.</summary>
    public HashiCorpSecretInspector Inspect() => new(
        Definition, Reach(), new KvEngine(Reach(), Definition), new DatabaseEngine(Reach(), Definition), _ => Form, SystemClock.Instance);

    /// <summary>The newest data of a path.</summary>
    public JsonObject? DataOf(string path) =>
        Use(mount => mount.Secrets.GetValueOrDefault(path) is { } secret && Readable(secret) is { Data: { } data }
            ? JsonNode.Parse(data) as JsonObject
            : null);

    /// <summary>Adds a version with an object, as someone else's program would.</summary>
    public VersionId Add(string path, string json) => Use(mount =>
    {
        HashiCorpEmulator.Add(mount, path, KvText.Of(JsonNode.Parse(json)), DateTimeOffset.UtcNow);
        return new VersionId($"{mount.Secrets[path].CurrentVersion}");
    });

    /// <summary>The operations so far, with their resources.</summary>
    public IReadOnlyList<string> Operations => [.. _host.Calls.Snapshot().Select(call => $"{call.Operation} {call.Resource}")];

    public override VersionId Seed(string path, string value)
    {
        Use(mount => mount.Secrets.Remove(path) | mount.Secrets.Remove(path + Companion) | mount.Secrets.Remove(path + Marks));
        return RotateElsewhere(path, value);
    }

    public override void Mark(string path, DeliveryMark mark) => Add(path + Marks, $$"""{"delivered":"{{mark.Format()}}"}""");

    public override VersionId RotateElsewhere(string path, string value) =>
        Add(path, Form == KvForm.Text ? new JsonObject { ["value"] = value }.ToJsonString() : value);

    public override void Delete(string path) => Use(mount => mount.Secrets.Remove(path));

    public override VaultView Look(string path) => Use(mount =>
    {
        var secret = mount.Secrets[path];
        var marks = mount.Secrets.GetValueOrDefault(path + Marks) is { } kept && Readable(kept) is { Data: { } json }
            ? JsonNode.Parse(json)!
            : new JsonObject();
        var staged = mount.Secrets.GetValueOrDefault(path + Companion)?.Versions
            .Where(version => version.Value.IsReadable(DateTimeOffset.UtcNow)).ToList() ?? [];
        var current = secret.Versions[secret.CurrentVersion].Data!;
        return new VaultView(
            Form == KvForm.Text ? JsonNode.Parse(current)!["value"]!.GetValue<string>() : current,
            new VersionId($"{secret.CurrentVersion}"),
            secret.Versions.Count,
            [.. staged.Select(version => JsonNode.Parse(version.Value.Data!)!["content"]?.GetValue<string>() ?? "")],
            marks["claim"] is not null,
            DeliveryMark.Parse(marks["delivered"]?.GetValue<string>()),
            [
                .. staged.Select(version => $"{path}-staged/{version.Key}"),
                .. marks["claim"] is { } claim ? [claim.ToJsonString()] : Array.Empty<string>(),
            ]);
    });

    public override bool IsRetired(string path, VersionId version) =>
        Use(mount => !mount.Secrets[path].Versions[long.Parse(version.Value, null)].IsReadable(DateTimeOffset.UtcNow));

    public override string RetireOperation => "hashicorp.DeleteVersions";

    public override string MarkOperation => "hashicorp.WriteSecret@-staged/marks";

    public override void Fault(string spec) => _host.Faults.Add([FaultSpec.Parse(spec)]);

    public override void Heal() => _host.Faults.Clear();

    public override int ValueReads => Operations.Count(operation =>
        operation.StartsWith("ReadSecret ", StringComparison.Ordinal) && !operation.EndsWith("/marks", StringComparison.Ordinal));

    public override int Calls => Operations.Count;

    public override int Writes => Operations.Count(operation =>
        operation.StartsWith("WriteSecret ", StringComparison.Ordinal)
            || operation.StartsWith("DeleteVersions ", StringComparison.Ordinal));

    public override string DescribeOperation => "hashicorp.ReadMetadata";

    public override string ReadOperation => "hashicorp.ReadSecret";

    public override ImmutableArray<string> WriteOperations =>
        ["hashicorp.WriteSecret@/marks", "hashicorp.WriteSecret@-staged", "hashicorp.WriteSecret", "hashicorp.DeleteVersions"];

    public override async ValueTask DisposeAsync()
    {
        foreach (var client in _open)
            client.Dispose();
        await _host.DisposeAsync();
    }

    private static KvVersionState? Readable(KvSecretState secret) =>
        secret.Versions.GetValueOrDefault(secret.CurrentVersion) is { } version && version.IsReadable(DateTimeOffset.UtcNow)
            ? version
            : null;
}

/// <summary>One token, always.</summary>
internal sealed class FixedToken(string token) : IHashiCorpToken
{
    private readonly SecretValue _token = SecretValue.FromText(token);

    public ValueTask<SecretValue> GetAsync(CancellationToken cancellation) => new(_token);
}
