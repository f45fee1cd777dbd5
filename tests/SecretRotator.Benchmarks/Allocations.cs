using SecretRotator.Commands;
using SecretRotator.Configuration;
using SecretRotator.Providers;

namespace SecretRotator.Benchmarks;

/// <summary>What the parts of a run of 10,000 secrets allocate. Bytes hardly vary, so each part runs once, without
/// BenchmarkDotNet.</summary>
internal static class Allocations
{
    private const int Secrets = 10_000;

    /// <summary>Writes a line for each part: the bytes and what they are for.</summary>
    public static void Write()
    {
        // Once with a few, so that what is made once for the process isn't counted.
        Measure(100);
        foreach (var (part, bytes) in Measure(Secrets))
#pragma warning disable RS0030 // The result of this program.
            Console.WriteLine($"{bytes} {part}");
#pragma warning restore RS0030
    }

    private static (string Part, long Bytes)[] Measure(int secrets)
    {
        var yaml = Population.Yaml(secrets);
        var population = Population.Of(secrets);
        var view = new PlanView(population.Plan(), Sandbox: null, SavedAs: null);
        var terminal = new Terminal(
            TextWriter.Null, TextWriter.Null,
            new TerminalTraits(OutIsTerminal: false, ErrorIsTerminal: false, Colour: false, Dumb: false, Width: 80));
        return
        [
            ("reading", AllocatedBy(() => InventoryParser.Parse("rotation.yaml", yaml, InventoryKinds.All))),
            ("planning", AllocatedBy(() => population.Plan())),
            ("the plan's table", AllocatedBy(() => view.WriteText(terminal))),
        ];
    }

    private static long AllocatedBy(Action work)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        work();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
