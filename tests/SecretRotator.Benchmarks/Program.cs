using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Running;
using SecretRotator.Configuration;
using SecretRotator.Providers;

namespace SecretRotator.Benchmarks;

internal static class Program
{
    private static void Main(string[] arguments)
    {
        if (arguments is ["allocations"])
            Allocations.Write();
        else
            BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments);
    }
}

/// <summary>What a run computes for itself, without any call: reading the inventory and planning, by the number of secrets.</summary>
[MemoryDiagnoser]
public class PlanningBenchmarks
{
    private byte[] _yaml = [];
    private Population _population = null!;

    [Params(100, 1_000, 10_000)]
    public int Secrets { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _population = Population.Of(Secrets);
        _yaml = Population.Yaml(Secrets);
    }

    [Benchmark]
    public RotationInventory ReadInventory() => InventoryParser.Parse("rotation.yaml", _yaml, InventoryKinds.All).Inventory!;

    [Benchmark]
    public RotationPlan Plan() => _population.Plan();
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
    private readonly SecretValue _content = SecretValue.FromText(
        """{ "username": "app", "password": "old", "host": "db.internal", "port": 5432 }""");

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
