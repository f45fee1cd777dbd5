using SecretRotator.Audit;
using SecretRotator.Reports;
using SecretRotator.Settings;
using SecretRotator.Tests.Planning;
using SecretRotator.Verification;

namespace SecretRotator.Tests.Reports;

/// <summary>What becomes of time and memory when an inventory is large. Allocations stand for time: they are the same on every
/// machine.</summary>
public sealed class LargeReportTests
{
    private static readonly Lazy<AuditReport> Large = new(() => ReportOf(WorldOf(2_000)));

    public static TheoryData<string> Formats => [.. Written.Formats.Select(format => format.ToString())];

    [Theory]
    [MemberData(nameof(Formats))]
    public void No_format_keeps_what_it_has_written(string format)
    {
        using var stream = new PiecesOnly();

        ReportFormats.Write(stream, Large.Value, Enum.Parse<OutputFormat>(format));

        stream.Largest.Should().BeLessThan(64 * 1024);
        stream.Length.Should().BeGreaterThan(512 * 1024);
    }

    [Fact]
    public void Ten_times_as_many_secrets_take_ten_times_the_work_to_report_on()
    {
        var (few, many) = (WorldOf(200), WorldOf(2_000));
        ReportOf(few);

        (Allocated(many) / Allocated(few)).Should().BeLessThan(12);
    }

    [Fact]
    public void What_a_digest_is_made_of_is_not_kept()
    {
        var (few, many) = (WorldOf(200).Inventory, WorldOf(2_000).Inventory);
        InventoryDigest.Of(few);

        var before = GC.GetAllocatedBytesForCurrentThread();
        InventoryDigest.Of(many);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(2_000 * 2_000);
    }

    private static double Allocated(PlanningScenario scenario)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        ReportOf(scenario);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static AuditReport ReportOf(PlanningScenario scenario) => Auditor.Of(
        new Snapshot(
            scenario.Inventory, scenario.Observation, scenario.Plan(),
            DriftCheck.Compare(scenario.Inventory, scenario.Observation, scenario.Request, scenario.Now)),
        new PastRuns(),
        EvidenceFacts.None,
        new ReportOrigin(
            scenario.Now, "1.0.0", "jo@laptop", SandboxRun: false, "rotation.yaml", "", "", "acme", scenario.Inventory.Secrets.Length));

    // All in one repository and in the workspace, and half of the repository's variables are gone: whoever looks through a
    // whole scope, or all scopes, for each secret does so here.
    private static PlanningScenario WorldOf(int secrets)
    {
        var scenario = PlanningScenario.Of([.. Enumerable.Range(0, secrets).Select(i => PlanningScenario.Secret(
            $"secret-{i:D5}",
            PlanningScenario.Target("workspace", $"SHARED_{i}"),
            PlanningScenario.Target("api", $"KEY_{i}"),
            PlanningScenario.Target($"api-{i % (secrets / 10)}/production", $"KEY_{i}")))]);
        return scenario.Listing(
            "api", [.. Enumerable.Range(0, secrets / 2)
                .Select(i => PlanningScenario.Variable(PlanningScenario.Scope("api"), $"KEY_{2 * i}"))]);
    }

    private sealed class PiecesOnly : MemoryStream
    {
        public int Largest { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Largest = Math.Max(Largest, buffer.Length);
            base.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            Largest = Math.Max(Largest, count);
            base.Write(buffer, offset, count);
        }
    }
}
