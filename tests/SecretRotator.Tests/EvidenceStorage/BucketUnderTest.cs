using NodaTime.Testing;
using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Tests.EvidenceStorage;

/// <summary>S3's emulator behind a socket with one bucket, reached by the SDK with signed requests.</summary>
internal sealed class BucketUnderTest : IAsyncDisposable
{
    public const string Name = "acme-evidence";
    public const string Region = "us-west-2";
    public const string AccessKey = "AKIASANDBOX";
    public const string SecretKey = "sandbox-secret";
    public const string Account = "123456789012";

    private readonly SandboxHost _host;
    private readonly List<S3Connection> _connections = [];

    private BucketUnderTest(SandboxHost host) => _host = host;

    public FakeClock Clock { get; } = new(Instant.FromUtc(2026, 11, 24, 1, 30));

    public SkippingTime Time { get; } = new();

    public IReadOnlyList<LoggedCall> Calls => _host.Calls.Snapshot();

    public Uri Endpoint => _host.EndpointOf("s3");

    public static async Task<BucketUnderTest> StartAsync()
    {
        var host = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = SystemClock.Instance, RealTime = true }, [new S3Emulator(), new StsEmulator([])]);
        await host.Store.ChangeAsync(state =>
        {
            state.Sts.Credentials[AccessKey] = new AwsCredentialState
            {
                SecretAccessKey = SecretKey,
                Account = Account,
                Arn = $"arn:aws:iam::{Account}:user/ada",
            };
            state.S3.Buckets[Name] = new S3BucketState { Region = Region, Accounts = { Account } };
        });
        return new BucketUnderTest(host);
    }

    public S3Archive Open(
        string location = "s3://acme-evidence/rotator", S3Rules? rules = null, string? region = Region, string secretKey = SecretKey)
    {
        var aws = new AwsSettings
        {
            SessionName = "tests",
            Keys = new AwsKeys(AccessKey, SecretValue.FromText(secretKey), null),
            StsEndpoint = _host.EndpointOf("sts"),
        };
        var connection = S3Connection.Open(
            S3Location.Parse(location), new S3Access(region, null, rules ?? S3Rules.OfTheBucket), aws, Endpoint,
            () => new SocketsHttpHandler(), Clock, new ScriptedRandom(0), Time);
        _connections.Add(connection);
        return connection.Archive;
    }

    public void Change(Action<S3BucketState> change) =>
        _host.Store.ChangeAsync(state => change(state.S3.Buckets[Name])).GetAwaiter().GetResult();

    public S3ObjectState? Find(string key) =>
        _host.Store.ReadAsync(state => state.S3.Buckets[Name].Objects.GetValueOrDefault(key)).GetAwaiter().GetResult();

    public void Fault(string spec) => _host.Faults.Add([FaultSpec.Parse(spec)]);

    public void Heal() => _host.Faults.Clear();

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        _host.Calls.Snapshot().Should().OnlyContain(call => call.Defect == null, "the emulator itself must not fail");
        await _host.DisposeAsync();
    }
}
