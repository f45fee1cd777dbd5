using System.Collections.Immutable;
using System.Text;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Running;
using NodaTime;
using SecretRotator.Bitbucket;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Benchmarks;

internal static class Program
{
    private static void Main(string[] arguments) => BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments);
}

/// <summary>What a run computes for itself, without any call: reading the inventory and planning, by the number of secrets.</summary>
[MemoryDiagnoser]
public class PlanningBenchmarks
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 24, 2, 0);
    private byte[] _yaml = [];
    private RotationInventory _inventory = null!;
    private Observation _observation = null!;

    [Params(100, 1_000)]
    public int Secrets { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var yaml = new StringBuilder("""
            version: 1
            bitbucket: { workspace: acme, home: acme/secret-rotator }
            vaults: { prod: { kind: aws-secrets-manager, region: eu-west-1 } }
            defaults: { owner: load@acme.example, rotate-every: 30d }
            secrets:

            """);
        for (var i = 0; i < Secrets; i++)
        {
            yaml.Append("  - name: secret-").Append(i).Append('\n')
                .Append("    vault: prod\n    path: load/secret-").Append(i).Append('\n')
                .Append("    value: { kind: base64url, bytes: 32 }\n    targets: [ { repository: service-").Append(i % 50)
                .Append(", variable: SECRET_").Append(i).Append(" } ]\n");
        }

        _yaml = Encoding.UTF8.GetBytes(yaml.ToString());
        _inventory = ReadInventory();
        _observation = Observe(_inventory);
    }

    [Benchmark]
    public RotationInventory ReadInventory() => InventoryParser.Parse("rotation.yaml", _yaml).Inventory!;

    [Benchmark]
    public RotationPlan Plan() => Planner.Plan(_inventory, _observation, PlanRequest.Everything, Now, _ => new VaultCosts(1, 9, 7, 13, 0));

    private static Observation Observe(RotationInventory inventory)
    {
        var scopes = inventory.Secrets.SelectMany(s => s.Targets).GroupBy(t => t.Scope).ToImmutableDictionary(
            g => g.Key,
            ScopeObservation (g) => new ScopeObservation.Listed([.. g.Select(t => new ObservedVariable(t.Variable, t.Variable, Secured: true))]));
        var secrets = inventory.Secrets.ToImmutableDictionary(s => s.Name, s => Describe(s, scopes), StringComparer.Ordinal);
        return new Observation(Now, scopes, secrets);
    }

    private static SecretObservation Describe(ManagedSecret secret, ImmutableDictionary<VariableScope, ScopeObservation> scopes)
    {
        var version = new VersionId("v1");
        var since = Now - Duration.FromDays(31);
        var mark = new DeliveryMark(version, since, since, TargetsDigest.Of(secret, scopes), VerificationLevel.Listed, new RotationId("v1"));
        return new SecretObservation.Described(new SecretDescription(version, null, mark, null, new ForeignRotation.None()), HolderState.Unknown);
    }
}

/// <summary>Making one value of each kind.</summary>
[MemoryDiagnoser]
public class ValueBenchmarks
{
    private static readonly SystemRandom Random = new();
    private static readonly ValueGenerator Password = new ValueGenerator.Password(
        40, [CharacterClass.Lower, CharacterClass.Upper, CharacterClass.Digit, CharacterClass.Symbol], "", null);
    private static readonly ValueGenerator Ed25519 = new ValueGenerator.SshKey(SshKeyAlgorithm.Ed25519, 0, "public", "");
    private static readonly ValuePolicy OneField = new ValuePolicy.Json([new GeneratedField("password", Password)]);
    private readonly SecretValue _content = SecretValue.FromText("""{ "username": "app", "password": "old", "host": "db.internal", "port": 5432 }""");

    [Benchmark]
    public void PasswordOf40Characters() => ValueFactory.Generate(Password, Random).Dispose();

    [Benchmark]
    public void Ed25519KeyPair()
    {
        using var pair = SshKeyPair.Generate((ValueGenerator.SshKey)Ed25519, Random);
    }

    [Benchmark]
    public void OneFieldOfAJsonSecret() => CandidateValue.Make(OneField, _content, Random).Dispose();
}
