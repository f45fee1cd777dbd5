using NodaTime.Testing;
using SecretRotator.Bitbucket;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Tests.Providers.Bitbucket;

/// <summary>The real client on real sockets against the emulator; waits are skipped.</summary>
internal sealed class BitbucketStage : IAsyncDisposable
{
    public const string Workspace = "acme";
    public const string Repository = "payments-api";
    public const string Environment = "production";

    public static readonly VariableScope.Repository Home = new(Workspace, "secret-rotator");

    private static readonly Instant Noon = Instant.FromUtc(2026, 11, 23, 12, 0);

    private BitbucketStage(SandboxHost host, BitbucketConnection connection, SkippingTime time, RecordingHandler recorded)
    {
        (Host, Connection, Time, Recorded) = (host, connection, time, recorded);
    }

    public SandboxHost Host { get; }

    public BitbucketConnection Connection { get; }

    public SkippingTime Time { get; }

    /// <summary>Every request of the client and its answer, as they were on the wire.</summary>
    public RecordingHandler Recorded { get; }

    public static async Task<BitbucketStage> StartAsync(BitbucketCredential? credential = null, params string[] faults)
    {
        var host = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = new FakeClock(Noon), Faults = faults }, [new BitbucketEmulator(new SystemRandom())],
            cancellation: TestContext.Current.CancellationToken);
        await host.Store.ChangeAsync(state => Furnish(state.Bitbucket));
        var time = new SkippingTime();
        var recorded = new RecordingHandler(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        return new(
            host, Connect(host.EndpointOf("bitbucket"), credential ?? Token(BitbucketAuthentication.AccessToken), time, recorded), time,
            recorded);
    }

    /// <summary>Another client, to which Bitbucket is elsewhere. The caller disposes it.</summary>
    public BitbucketConnection ConnectTo(Uri bitbucket) => Connect(
        bitbucket, Token(BitbucketAuthentication.AccessToken), Time, new SocketsHttpHandler { UseProxy = false });

    public static BitbucketCredential Token(string text) => new BitbucketCredential.AccessToken(SecretValue.FromText(text));

    /// <summary>What the emulator keeps for a variable.</summary>
    public Task<VariableState?> StoredAsync(VariableScope scope, string key) =>
        Host.Store.ReadAsync(state => VariablesOf(state.Bitbucket, scope).Find(v => v.Key == key));

    /// <summary>Puts a variable into the emulator.</summary>
    public async Task<ObservedVariable> SeedAsync(
        VariableScope scope, string key, string value = "old value of some length", bool secured = true)
    {
        var uuid = Guid.NewGuid();
        await Host.Store.ChangeAsync(
            state => VariablesOf(state.Bitbucket, scope).Add(new() { Uuid = $"{{{uuid}}}", Key = key, Value = value, Secured = secured }));
        return new(uuid.ToString(), key, secured);
    }

    public Task ChangeAsync(Action<BitbucketState> change) => Host.Store.ChangeAsync(state => change(state.Bitbucket));

    public int CallsOf(string operation) => Host.Calls.Snapshot().Count(c => c.Operation == operation);

    public static List<VariableState> VariablesOf(BitbucketState state, VariableScope scope)
    {
        var workspace = state.Workspaces[scope.WorkspaceSlug];
        return scope switch
        {
            VariableScope.Repository repository => workspace.Repositories[repository.Slug].Variables,
            VariableScope.Environment environment =>
                workspace.Repositories[environment.Slug].Environments.Single(e => e.Name == environment.Name).Variables,
            _ => workspace.Variables,
        };
    }

    public async ValueTask DisposeAsync()
    {
        Connection.Dispose();
        await Host.DisposeAsync();
    }

    private static BitbucketConnection Connect(
        Uri bitbucket, BitbucketCredential credential, SkippingTime time, HttpMessageHandler handler) =>
        BitbucketConnection.Create(
            new BitbucketSettings
            {
                Api = new Uri(bitbucket, "2.0"),
                Token = new Uri(bitbucket, "site/oauth2/access_token"),
                Patience = new() { Attempt = Timeout.InfiniteTimeSpan, Report = Timeout.InfiniteTimeSpan },
            },
            credential,
            RunLimits.Default,
            new FakeClock(Noon),
            time,
            new ScriptedRandom(128),
            () => handler);

    private static void Furnish(BitbucketState state)
    {
        BitbucketAuthentication.Seed(state);
        state.Workspaces[Workspace] = new()
        {
            Uuid = $"{{{Guid.NewGuid()}}}",
            Repositories =
            {
                [Home.Slug] = new() { Uuid = $"{{{Guid.NewGuid()}}}" },
                [Repository] = new()
                {
                    Uuid = $"{{{Guid.NewGuid()}}}",
                    Environments =
                    [
                        new() { Uuid = $"{{{Guid.NewGuid()}}}", Name = "staging" },
                        new() { Uuid = $"{{{Guid.NewGuid()}}}", Name = Environment },
                    ],
                },
            },
        };
    }
}
