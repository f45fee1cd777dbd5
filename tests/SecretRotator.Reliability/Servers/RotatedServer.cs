using SecretRotator.Configuration;
using SecretRotator.Evidence;
using SecretRotator.Hosting;
using SecretRotator.Log;
using SecretRotator.Providers;
using SecretRotator.Reliability.World;
using SecretRotator.Rotation;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Settings;
using SecretRotator.Tests.Backends;
using SecretRotator.Tests.Processes;

namespace SecretRotator.Reliability.Servers;

/// <summary>
/// A real database with two users that take turns, and a sandbox with vault and Bitbucket, in which the product rotates while others
/// log in. Only the sandbox's clock jumps, and never past a login that is under way: a grace is longer than any of them.
/// </summary>
internal sealed class RotatedServer : IAsyncDisposable
{
    /// <summary>The database that logins are for.</summary>
    public const string Database = "payments";

    private const int MostRuns = 6;
    private const string Machine = "0123456789abcdef";
    private const string Repository = "payments-api";
    private const string Variable = "DB_LOGIN";

    // So that logins fall between all steps of a rotation.
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(20);
    private static readonly Duration Grace = Duration.FromHours(1);
    private static readonly Duration UntilNextRun = Duration.FromMinutes(15);

    private readonly DirectoryInfo _folder;
    private readonly RunningSandbox _sandbox;
    private readonly RotationInventory _inventory;
    private readonly PlantedBugs _bugs;
    private readonly Func<string, Task<LoginEnd>> _logIn;
    private readonly List<LoginLoop> _loops = [];
    private readonly List<string> _broken = [];
    private int _runs;

    private RotatedServer(
        DirectoryInfo folder, RunningSandbox sandbox, RotationInventory inventory, PlantedBugs bugs,
        Func<int, string, Task<LoginEnd>> logIn)
    {
        (_folder, _sandbox, _inventory, _bugs) = (folder, sandbox, inventory, bugs);
        _logIn = content => logIn(Port, content);
        _loops.Add(new LoginLoop("the vault's current version", async () => await CurrentAsync(), _logIn).Start());
        _loops.Add(new LoginLoop("the pipeline variable", VariableAsync, _logIn).Start());
    }

    /// <summary>How many rotations there were.</summary>
    public int Rotations { get; private set; }

    /// <summary>How many of them had a failure injected.</summary>
    public int Injected { get; private set; }

    /// <summary>How many old credentials were refused after their grace.</summary>
    public int OldRefused { get; private set; }

    /// <summary>How many logins were accepted.</summary>
    public int Logins => _loops.Sum(loop => loop.Accepted);

    /// <summary>How many logins got no answer.</summary>
    public int Unavailable => _loops.Sum(loop => loop.Unavailable);

    /// <summary>How many logins were refused.</summary>
    public int Refused => _loops.Sum(loop => loop.Refused.Count);

    /// <summary>The logins that were refused, and what else must not be.</summary>
    public IReadOnlyList<string> Broken => [.. _loops.SelectMany(loop => loop.Refused), .. _broken];

    private int Port => _sandbox.Host.Servers.Single().Address.Port;

    /// <summary>Starts the database, the sandbox and the logins.</summary>
    /// <param name="kind">The kind of backend in the inventory.</param>
    /// <param name="bugs">What is wrong with the product on purpose.</param>
    public static async Task<RotatedServer> StartAsync(string kind, PlantedBugs bugs)
    {
        var yaml = $$"""
            version: 1
            bitbucket: { workspace: acme, home: acme/secret-rotator }
            vaults: { prod: { kind: aws-secrets-manager, region: eu-west-1 } }
            limits: { share-of-inventory: 100% }
            secrets:
              - name: payments-db
                vault: prod
                path: prod/payments/db
                owner: team@acme.example
                rotate-every: 1d
                window: any
                grace: 1h
                value: { kind: password, field: password, length: 40 }
                backend:
                  kind: {{kind}}
                  server: db.internal
                  {{(kind == "postgresql" ? $"database: {Database}" : "")}}
                  admin: vault://prod/ci/db-admin
                  users: [payments_a, payments_b]
                # User and password in one variable: of two, a job that starts between the two PUTs gets a pair that never was.
                targets:
                  - { repository: {{Repository}}, variable: {{Variable}}, whole: true, encoding: base64 }
                  - { repository: {{Repository}}, environment: production, variable: {{Variable}}, whole: true, encoding: base64 }

            """;
        var read = InventoryParser.Parse("rotation.yaml", Encoding.UTF8.GetBytes(yaml), InventoryKinds.All);
        var inventory = read.Inventory ?? throw new InvalidOperationException(string.Join('\n', read.Problems));
        var folder = Directory.CreateTempSubdirectory("servers-");
        var sandbox = await RunningSandbox.StartAsync(
            inventory,
            new SandboxOptions
            {
                RealClock = SystemClock.Instance,
                StateFolder = folder.FullName,
                RealDatabases = true,
                Latency = Latency,
            },
            CancellationToken.None);
        return new RotatedServer(
            folder, sandbox, inventory, bugs, kind == "postgresql" ? DatabaseLogin.PostgreSqlAsync : DatabaseLogin.MariaDbAsync);
    }

    /// <summary>One rotation, and the end of the old credential after its grace.</summary>
    public async Task RotateAsync(Trouble? trouble)
    {
        await PassAsync(Duration.FromDays(1) + UntilNextRun);
        var old = await CurrentAsync();
        await RunUntilAsync<RotationOutcome.Rotated>(trouble is { OnRetire: false } ? trouble : null);
        Rotations++;
        await PassAsync(Duration.Zero);
        if (await _logIn(old) == LoginEnd.Refused)
            _broken.Add($"rotation {Rotations}: the old credential is refused within its grace");
        await PassAsync(Grace);
        await RunUntilAsync<RotationOutcome.Retired>(trouble is { OnRetire: true } ? trouble : null);
        if (await _logIn(old) == LoginEnd.Refused)
            OldRefused++;
        else
            _broken.Add($"rotation {Rotations}: the old credential isn't refused after its grace");
    }

    /// <summary>Notes what the experiment itself fails with: it has shown nothing.</summary>
    public void Fail(Exception failure) => _broken.Add($"the experiment failed: {failure}");

    public async ValueTask DisposeAsync()
    {
        foreach (var loop in _loops)
            await loop.DisposeAsync();
        await _sandbox.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task RunUntilAsync<TOutcome>(Trouble? trouble)
        where TOutcome : RotationOutcome
    {
        var outcome = await RunAsync(trouble);
        for (var runs = 1; outcome is not TOutcome; runs++)
        {
            if (runs == MostRuns)
                throw new InvalidOperationException($"After {trouble}, {MostRuns} runs end with {outcome}.");
            await PassAsync(UntilNextRun);
            outcome = await RunAsync(null);
        }
    }

    private async Task<RotationOutcome> RunAsync(Trouble? trouble)
    {
        var host = _sandbox.Host;
        var variables = new Dictionary<string, string>(
            await SandboxSettings.OfAsync(host, new ProviderContext(_inventory, [], host.EndpointOf), CancellationToken.None));
        await using var relay = trouble is Trouble.Cut cut
            ? new CuttingRelay("127.0.0.1", Port, cut.FromClient, cut.Pieces, more: false, cut.Connection).Start()
            : null;
        if (relay is not null)
            variables[SandboxSettings.ConnectTo] = $"{host.Servers.Single().Server}={relay.Address}";
        if (trouble is Trouble.Sandbox { Spec: var spec })
            host.Faults.Add([FaultSpec.Parse(spec)]);
        var environment = new CommandEnvironment(
            SettingsReader.ReadEnvironment(variables, VaultProviders.All), _sandbox.Clock, new ShortPauses(TimeProvider.System), Note: null,
            Sandbox: null);
        using var connections = await Connections.OpenAsync(environment, _inventory, RunLog.Silent, CancellationToken.None);
        var job = new RotationJob(new RotationTools(
            name => _bugs.Of(connections.Vault(name)), _bugs.Of(connections.Bitbucket.Variables), connections.Bitbucket.Pipelines,
            new EarlierRuns(), new NoEvidence(), new Holder.Process(Machine, ++_runs, _runs, "engineer@station"), environment.Clock,
            environment.Time, connections.Random)
        {
            Backends = secret => connections.Backend(secret) is { } backend ? _bugs.Of(backend) : null,
            InFlight = connections.Bitbucket.InFlight,
        });
        var result = await job.RunAsync(_inventory, PlanRequest.Everything, null, CancellationToken.None);
        if (trouble is not null)
        {
            if (relay?.HasCut ?? host.Faults.Snapshot().Any(fault => fault.Hits > 0))
                Injected++;
            else
                _broken.Add($"rotation {Rotations + 1}: {trouble} met nothing");
        }

        host.Faults.Clear();
        return result.Results.Single().Outcome;
    }

    // Whoever read a credential before has used it by then.
    private async Task PassAsync(Duration time)
    {
        await Task.WhenAll(_loops.Select(loop => loop.PassAsync()));
        await _sandbox.Host.Store.ChangeAsync(state =>
        {
            state.ClockOffsetMilliseconds += (long)time.TotalMilliseconds;
            _sandbox.Host.TimeOf(state);
        });
    }

    private Task<string> CurrentAsync() => _sandbox.Host.Store.ReadAsync(
        state => state.SecretsManager.Secrets.Values.Single(secret => secret.Name == "prod/payments/db").Current!.SecretString!);

    // What is in doubt is deleted and created anew: there may be none for a moment.
    private Task<string?> VariableAsync() => _sandbox.Host.Store.ReadAsync(state =>
    {
        var repository = state.Bitbucket.Workspaces["acme"].Repositories[Repository];
        List<VariableState>[] scopes = [repository.Variables, repository.Environments.Single(each => each.Name == "production").Variables];
        var found = scopes[Random.Shared.Next(2)].Find(variable => variable.Key == Variable);
        return found is null ? null : Encoding.UTF8.GetString(Convert.FromBase64String(found.Value));
    });

    // Each run is a process of its own, and they run one after the other.
    private sealed class EarlierRuns : IHolders
    {
        public Task<HolderState> StateOfAsync(Holder holder, CancellationToken cancellation) => Task.FromResult(HolderState.Ended);
    }

    private sealed class NoEvidence : IEvidenceLog
    {
        public void Append(EvidenceRecord record)
        {
        }
    }
}
