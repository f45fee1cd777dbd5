using System.Buffers.Binary;
using System.Security.Cryptography;
using SecretRotator.Backends;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.DeployKeys;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Tests.Providers.Bitbucket;

namespace SecretRotator.Tests.Backends.DeployKeys;

/// <summary>The deploy keys of a repository of the emulator. A value's text decides which pair it is.</summary>
internal sealed class DeployKeyFixture : BackendFixture
{
    public static readonly DeployKeyDefinition Definition = new(
        new VariableScope.Repository(BitbucketStage.Workspace, BitbucketStage.Repository), "secret-rotator deploys", "private", "public");

    private const string LabelOfCurrent = "made by hand";

    private readonly List<BitbucketConnection> _connections = [];

    private DeployKeyFixture(BitbucketStage stage) => Stage = stage;

    public BitbucketStage Stage { get; }

    public override BackendTraits Traits => Definition.Traits;

    public override bool HasSlotPerValue => true;

    public override bool HasTwoSlots => false;

    // Wherever a rotation runs, Bitbucket can be reached: else it could deliver nothing.
    public override ImmutableArray<string> WaysToReachIt => ["bitbucket.status.atlassian.com"];

    public override ImmutableArray<(string Flaw, Func<ICredentialBackend> Connect)> Unproven =>
        [("no server", () => ConnectTo(ClosedPort()))];

    internal override ServerAddress Way => new("127.0.0.1", Stage.Host.EndpointOf("bitbucket").Port);

    public static async Task<DeployKeyFixture> StartAsync()
    {
        var fixture = new DeployKeyFixture(await BitbucketStage.StartAsync());
        using var current = fixture.Current();
        var line = Public(current);
        await fixture.Stage.ChangeAsync(state =>
        {
            BitbucketAuthentication.AdmitDeployKeys(state);
            EmulatedDeployKeys.Add(KeysOf(state), line, LabelOfCurrent, DateTimeOffset.UnixEpoch);
        });
        return fixture;
    }

    public override SecretValue Current() => Pair("the pair that is in use");

    public override SecretValue With(SecretValue content, string value) => Pair(value);

    public override string Shown(string value)
    {
        using var pair = Pair(value);
        using var pem = JsonSecret.Read(pair, "private");
        // A line of it that has parts of the private key; the first ones are alike in all keys, and have the public one.
        return pem.RevealText().Split('\n')[4];
    }

    public override ICredentialBackend Connect() => new DeployKeyBackend(Definition, _ => Task.FromResult(Stage.Connection.DeployKeys));

    public override ICredentialBackend ConnectThrough(CuttingRelay relay) => ConnectTo(relay.Address);

    public override Task<int> CountLoginsAsync() => Task.FromResult(Stage.Host.Calls.Snapshot().Length);

    public override Task<string> LookAsync() => Stage.Host.Store.ReadAsync(
        state => string.Join('\n', KeysOf(state.Bitbucket).Select(key => $"{key.Id} {key.Label} {key.Key}")));

    // It acts under the lock of its state, in the order in which calls arrive.
    public override Task SettleAsync() => Stage.Host.Store.ReadAsync(_ => true);

    public override Task ForgetMadeAsync() =>
        Stage.ChangeAsync(state => KeysOf(state).RemoveAll(key => key.Label != LabelOfCurrent));

    public override Task<string> ReadLogsAsync() => Task.FromResult(string.Join(
        '\n', Stage.Host.Calls.Snapshot().Select(call => call.ToString())
            .Concat(Stage.Recorded.Calls.Select(call => call.Body + call.Uri))));

    public override async ValueTask DisposeAsync()
    {
        _connections.ForEach(connection => connection.Dispose());
        await Stage.DisposeAsync();
        await base.DisposeAsync();
    }

    public static List<DeployKeyState> KeysOf(BitbucketState state) =>
        state.Workspaces[BitbucketStage.Workspace].Repositories[BitbucketStage.Repository].DeployKeys;

    public static SecretValue Pair(string text, ValueGenerator.SshKey? rule = null)
    {
        using var empty = SecretValue.FromText("""{ "private": "", "public": "", "host": "bitbucket.org" }""");
        return CandidateValue.Make(
            new ValuePolicy.Json([new("private", rule ?? new(SshKeyAlgorithm.Ed25519, 0, "public", ""))]), empty,
            new SeededRandom(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)))));
    }

    public static string Public(SecretValue content)
    {
        using var line = JsonSecret.Read(content, "public");
        return line.RevealText();
    }

    private DeployKeyBackend ConnectTo(ServerAddress way)
    {
        var connection = Stage.ConnectTo(new($"http://{way.Host}:{way.Port}/"));
        _connections.Add(connection);
        return new(Definition, _ => Task.FromResult(connection.DeployKeys));
    }
}
