using Amazon.Runtime;
using Amazon.SecretsManager;
using NodaTime.Testing;
using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Tests.Contracts;

namespace SecretRotator.Tests.Providers.Aws;

/// <summary>Secrets Manager's emulator behind a socket, reached by the SDK with signed requests.</summary>
public sealed class AwsVaultUnderTest : VaultUnderTest
{
    private const string Account = "123456789012";
    private const string Region = "eu-west-1";
    private const string AccessKey = "AKIAIOSFODNN7EXAMPLE";
    private const string SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    private readonly List<AmazonSecretsManagerClient> _clients = [];
    // An id has 32 to 64 characters, and AWS says of no character that it can't stand in it.
    private static readonly ImmutableArray<string> ForeignIds = ["deploy:", "a:b:c:", "two words ", "größe#", "hash:", "tool/"];

    private readonly SandboxHost _host;
    private int _made;

    private AwsVaultUnderTest(SandboxHost host) => _host = host;

    /// <summary>Whether versions that others make have ids that aren't UUIDs.</summary>
    public bool HasForeignIds { get; init; }

    /// <summary>The time that the adapter sees: hours after the contract's claims, so that what they leave behind is old.</summary>
    public FakeClock Clock { get; } = new(Instant.FromUtc(2026, 11, 23, 5, 0));

    public override string DescribeOperation => "aws.DescribeSecret";

    public override string ReadOperation => "aws.GetSecretValue";

    public override ImmutableArray<string> WriteOperations => ["aws.PutSecretValue", "aws.UpdateSecretVersionStage", "aws.TagResource"];

    public override int ValueReads => Count("GetSecretValue");

    public override int Calls => _host.Calls.Snapshot().Length;

    public override int Writes => WriteOperations.Sum(operation => Count(operation["aws.".Length..]));

    public static async Task<AwsVaultUnderTest> StartAsync(bool hasForeignIds = false, bool vaultRotates = false)
    {
        var host = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = SystemClock.Instance, RealTime = true }, [new SecretsManagerEmulator()]);
        await host.Store.ChangeAsync(state => state.Sts.Credentials[AccessKey] = new AwsCredentialState
        {
            SecretAccessKey = SecretKey,
            Account = Account,
            Arn = $"arn:aws:iam::{Account}:user/tests",
        });
        return new AwsVaultUnderTest(host) { HasForeignIds = hasForeignIds, VaultRotates = vaultRotates };
    }

    public override ISecretVault Connect() => VaultRotates ? new SelfRotating(Connect(new SkippingTime())) : Connect(new SkippingTime());

    /// <summary>Whether every claim is on a secret that AWS rotates by itself.</summary>
    public bool VaultRotates { get; init; }

    /// <summary>A connection that waits in that time.</summary>
    public ISecretVault Connect(TimeProvider time) => new AwsVault(Client(), Clock, new SystemRandom(), time);

    /// <summary>A client of its own; the adapter repeats calls, not the client.</summary>
    public AmazonSecretsManagerClient Client(
        string secretKey = SecretKey, string region = Region, Action<AmazonSecretsManagerConfig>? configure = null)
    {
        var config = new AmazonSecretsManagerConfig
        {
            ServiceURL = _host.EndpointOf("aws").ToString(),
            AuthenticationRegion = region,
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
        };
        configure?.Invoke(config);
        var client = new AmazonSecretsManagerClient(new BasicAWSCredentials(AccessKey, secretKey), config);
        lock (_clients)
            _clients.Add(client);
        return client;
    }

    public override VersionId Seed(string path, string value)
    {
        var id = NextId();
        Change(state => state.Secrets[Key(path)] = new AwsSecretState
        {
            Name = path,
            Arn = $"arn:aws:secretsmanager:{Region}:{Account}:secret:{path}-a1b2c3",
            CreatedDate = DateTimeOffset.UnixEpoch,
            LastChangedDate = DateTimeOffset.UnixEpoch,
            Versions =
            [
                new AwsVersionState { Id = id, SecretString = value, Stages = ["AWSCURRENT"], CreatedDate = DateTimeOffset.UnixEpoch },
            ],
        });
        return new VersionId(id);
    }

    /// <summary>Changes a secret's state by hand.</summary>
    internal void Edit(string path, Action<AwsSecretState> edit) => Change(state => edit(state.Secrets[Key(path)]));

    /// <summary>Makes a rotation function one that Secrets Manager can't invoke.</summary>
    public void MakeUnreachable(string function) => Change(state => state.UnreachableFunctions.Add(function));

    /// <summary>Adds a version with labels, moving none.</summary>
    public string AddVersion(string path, string? value, params string[] stages)
    {
        var id = NextId();
        Edit(path,
            secret => secret.Versions.Add(
                new AwsVersionState { Id = id, SecretString = value, Stages = [.. stages], CreatedDate = DateTimeOffset.UnixEpoch }));
        return id;
    }

    public override void Mark(string path, DeliveryMark mark) => Edit(path, secret =>
        secret.Tags["secret-rotator:delivered"] = (mark with { Version = MarkedVersion.InTag(mark.Version) }).Format());

    public override VersionId RotateElsewhere(string path, string value)
    {
        var id = NextId();
        Edit(path, secret =>
        {
            foreach (var version in secret.Versions)
            {
                version.Stages.Remove("AWSPREVIOUS");
                if (version.Stages.Remove("AWSCURRENT"))
                    version.Stages.Add("AWSPREVIOUS");
            }

            secret.Versions.Add(
                new AwsVersionState { Id = id, SecretString = value, Stages = ["AWSCURRENT"], CreatedDate = DateTimeOffset.UnixEpoch });
        });
        return new VersionId(id);
    }

    public override void Delete(string path) => Change(state => state.Secrets.Remove(Key(path)));

    public override VaultView Look(string path) => Read(state =>
    {
        var secret = state.Secrets[Key(path)];
        var current = secret.Versions.Single(version => version.Stages.Contains("AWSCURRENT"));
        var staged = secret.Versions.Where(version => version != current && version.Stages.Exists(IsMark)).ToList();
        return new VaultView(
            current.SecretString!,
            new VersionId(current.Id),
            secret.Versions.Count(version => version.Stages.Count > 0) - staged.Count,
            [.. staged.Select(version => version.SecretString ?? "")],
            secret.Versions.Exists(version => version.Stages.Exists(stage => stage is "AWSPENDING" or "secret-rotator-lock")),
            DeliveryMark.Parse(secret.Tags.GetValueOrDefault("secret-rotator:delivered")) is { } mark
                ? mark with { Version = MarkedVersion.FromTag(mark.Version, secret.Versions.Select(version => version.Id)) }
                : null,
            [.. secret.Versions.SelectMany(
                version => version.Stages.Where(stage => IsMark(stage) || (version != current && HoldLabel.Is(stage)))
                    .Select(stage => $"{version.Id} {stage}")).Order(StringComparer.Ordinal)]);
    });

    public override bool IsRetired(string path, VersionId version) =>
        Read(state => !state.Secrets[Key(path)].Versions.Exists(v => v.Id == version.Value && v.Stages.Count > 0));

    public override string RetireOperation => "aws.UpdateSecretVersionStage";

    public override string MarkOperation => "aws.UpdateSecretVersionStage";

    public override void Fault(string spec) => _host.Faults.Add([FaultSpec.Parse(spec)]);

    public override void Heal() => _host.Faults.Clear();

    /// <summary>How often an operation was called.</summary>
    public int Count(string operation) => _host.Calls.Snapshot().Count(call => call.Operation == operation);

    public override async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        _host.Calls.Snapshot().Should().OnlyContain(call => call.Defect == null, "the emulator itself must not fail");
        await _host.DisposeAsync();
    }

    private static bool IsMark(string stage) =>
        stage is "AWSPENDING" or "secret-rotator-lock" || stage.StartsWith("secret-rotator:", StringComparison.Ordinal);

    private static string Key(string path) => $"{Account}/{Region}/{path}";

    private string NextId()
    {
        var number = Interlocked.Increment(ref _made);
        return $"{(HasForeignIds ? ForeignIds[number % ForeignIds.Length] : "")}aaaaaaaa-0000-4000-8000-{number:x12}";
    }

    private void Change(Action<SecretsManagerState> change) =>
        _host.Store.ChangeAsync(state => change(state.SecretsManager)).GetAwaiter().GetResult();

    private T Read<T>(Func<SecretsManagerState, T> read) =>
        _host.Store.ReadAsync(state => read(state.SecretsManager)).GetAwaiter().GetResult();

    // Claims as the rotation of such a secret does.
    private sealed class SelfRotating(ISecretVault inner) : ISecretVault
    {
        public VaultCosts Costs => inner.Costs;

        public Task<SecretDescription> DescribeAsync(string path, CancellationToken cancellation) =>
            inner.DescribeAsync(path, cancellation);

        public Task<ImmutableArray<ListedVersion>> ListVersionsAsync(string path, CancellationToken cancellation) =>
            inner.ListVersionsAsync(path, cancellation);

        public Task<SecretVersion> ReadAsync(string path, VersionId version, CancellationToken cancellation) =>
            inner.ReadAsync(path, version, cancellation);

        public Task<ClaimResult> ClaimAsync(string path, ClaimRequest request, CancellationToken cancellation) =>
            inner.ClaimAsync(path, request with { VaultRotates = true }, cancellation);

        public Task StageAsync(Claim claim, SecretValue candidate, CancellationToken cancellation) =>
            inner.StageAsync(claim, candidate, cancellation);

        public Task<SecretVersion?> ReadStagedAsync(Claim claim, CancellationToken cancellation) =>
            inner.ReadStagedAsync(claim, cancellation);

        public Task MarkDeliveringAsync(Claim claim, DeliveringMark mark, CancellationToken cancellation) =>
            inner.MarkDeliveringAsync(claim, mark, cancellation);

        public Task<VersionId> PromoteAsync(Claim claim, DeliveryMark mark, CancellationToken cancellation) =>
            inner.PromoteAsync(claim, mark, cancellation);

        public Task FinishAsync(Claim claim, DeliveryMark mark, bool promoted, CancellationToken cancellation) =>
            inner.FinishAsync(claim, mark, promoted, cancellation);

        public Task MarkDisabledAsync(Claim claim, GraceMark mark, CancellationToken cancellation) =>
            inner.MarkDisabledAsync(claim, mark, cancellation);

        public Task RetireAsync(Claim claim, VersionId version, CancellationToken cancellation) =>
            inner.RetireAsync(claim, version, cancellation);

        public Task DiscardAsync(Claim claim, CancellationToken cancellation) => inner.DiscardAsync(claim, cancellation);
    }
}
