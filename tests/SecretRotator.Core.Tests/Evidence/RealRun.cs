using SecretRotator.Evidence;

namespace SecretRotator.Tests.Evidence;

/// <summary>Evidence of real runs: the job over the models, with a rotation that succeeds, one that is undone and one that isn't
/// due.</summary>
internal static class RealRun
{
    /// <summary>The name that docs/evidence.md uses.</summary>
    public const string Name = "20261124T010002Z-rotate-f9980744";

    private static readonly Lazy<Task<byte[]>> Whole = new(async () =>
    {
        var directory = Directory.CreateTempSubdirectory("evidence-");
        using var file = EvidenceFile.Create(directory.FullName, "run.jsonl");
        await WriteAsync(
            file, new RunId("6d1f0c2e-0000-8000-8000-000000000001"),
            new PreviousRun(new("6d1f0c2e-0000-8000-8000-000000000000"), new string('a', 64)));
        var bytes = await File.ReadAllBytesAsync(file.Path);
        directory.Delete(recursive: true);
        return bytes;
    });

    /// <summary>The bytes of a whole file.</summary>
    public static Task<byte[]> BytesAsync() => Whole.Value;

    /// <summary>Its lines, without their ends.</summary>
    public static async Task<ImmutableArray<string>> LinesAsync() =>
        [.. Encoding.UTF8.GetString(await BytesAsync()).TrimEnd('\n').Split('\n')];

    /// <summary>Lines as a file.</summary>
    public static byte[] Of(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    /// <summary>Checks bytes.</summary>
    public static CheckedFile Check(byte[] bytes, params string[] wanted) => EvidenceCheck.Of("run.jsonl", new MemoryStream(bytes), wanted);

    /// <summary>Runs the job and closes its evidence.</summary>
    public static async Task WriteAsync(EvidenceFile file, RunId run, PreviousRun? after)
    {
        var cloud = new ModelCloud { Fate = (call, _) => call == "put workspace:API" ? CallFate.Refused : CallFate.Works };
        var machine = new ModelMachine(cloud);
        var db = Inventories.Plain("db", Inventories.Payments, Inventories.Workspace);
        var api = Inventories.Plain("api", Inventories.Workspace);
        var fresh = Inventories.Plain("fresh", Inventories.Payments);
        cloud.Deliver(db, "old", Duration.FromDays(40));
        cloud.Deliver(api, "older", Duration.FromDays(40));
        cloud.Deliver(fresh, "new", Duration.FromDays(1));
        await new RotationJob(
            machine.Tools with { Evidence = file, Run = run, By = "jo@laptop", Before = new ChainEnds(after, []), Version = "1.0" })
            .RunAsync(Inventories.Of(db, api, fresh), PlanRequest.Everything, null, TestContext.Current.CancellationToken);
        file.Append(new EvidenceRecord.RunEnded(cloud.Clock.GetCurrentInstant(), 4));
    }
}
