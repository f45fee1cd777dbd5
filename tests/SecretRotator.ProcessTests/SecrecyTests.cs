namespace SecretRotator.Tests.Processes;

/// <summary>Promise P6: nothing that the program says, at any log level, in any form, holds a value of the sandbox.</summary>
public sealed class SecrecyTests : IDisposable
{
    private static readonly string[][] Runs =
    [
        ["plan", "--sandbox", "--log-level", "debug"],
        ["plan", "--sandbox", "--log-level", "debug", "--output", "json", "--out", "plan.json"],
        ["rotate", "--sandbox", "--log-level", "debug", "--only", "payments-db", "--fault", "bitbucket.put@DB_PASSWORD#2..=503"],
        [
            "rotate",
            "--sandbox",
            "--log-level",
            "debug",
            "--only",
            "payments-webhook",
            "--fault",
            "bitbucket.put@WEBHOOK#1..=lost",
            "--output",
            "json",
        ],
        ["rotate", "--sandbox", "--log-level", "debug", "--only", "billing-queue", "--fault", "bitbucket.put#1..=garbage"],
        [
            "rotate",
            "--sandbox",
            "--log-level",
            "debug",
            "--only",
            "scada-gateway",
            "--fault",
            "aws.GetSecretValue#2..=garbage",
            "--log-format",
            "json",
        ],
        ["rotate", "--sandbox", "--log-level", "debug", "--only", "telemetry-id", "--fault", "aws.UpdateSecretVersionStage#2..=500"],
        ["rotate", "--sandbox", "--log-level", "debug", "--only", "grid-api", "--fault", "azure.PutSecret#2..=500", "--log-format", "json"],
        ["rotate", "--sandbox", "--log-level", "debug", "--only", "deploy-key", "--fault", "azure.GetSecret#1..=garbage"],
        ["rotate", "--sandbox", "--log-level", "debug", "--log-format", "json", "--output", "json"],
        ["status", "--sandbox", "--log-level", "debug"],
        ["versions", "grid-api", "--sandbox", "--log-level", "debug"],
        ["verify", "--sandbox", "--log-level", "debug"],
        ["verify", "--sandbox", "--log-level", "debug", "--output", "json"],
        ["rotate", "--sandbox", "--log-level", "debug", "--force", "grid-api", "--reason", "rehearsal"],
    ];

    private readonly Rotator _rotator = new();

    public SecrecyTests() => File.Copy(RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"));

    [Fact]
    public async Task No_value_appears_in_anything_that_the_program_writes()
    {
        var said = new StringBuilder();
        var values = new HashSet<string>(StringComparer.Ordinal);
        foreach (var arguments in Runs)
        {
            var ended = await _rotator.RunAsync(arguments);
            said.Append(ended.Out).Append(ended.Error);
            values.UnionWith((await SandboxView.OfAsync(_rotator)).Values());
        }

        foreach (var file in Directory.EnumerateFiles(_rotator.PathOf(".sandbox/evidence")).Append(_rotator.PathOf("plan.json")))
            said.Append(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        var everything = said.ToString();

        values.Should().HaveCountGreaterThan(20);
        everything.Should().Contain("rolled-back").And.Contain("rotated").And.Contain("Debug");
        values.SelectMany(Forms).Where(form => everything.Contains(form, StringComparison.Ordinal)).Should().BeEmpty();
    }

    public void Dispose() => _rotator.Dispose();

    // The starts of longer values count as well: a cut value is a leaked value.
    private static IEnumerable<string> Forms(string value)
    {
        var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(value));
        string[] whole = [value, base64, base64.TrimEnd('='), Uri.EscapeDataString(value), JsonSerializer.Serialize(value).Trim('"')];
        return whole.Concat(value.StartsWith("-----", StringComparison.Ordinal) ? [] : [value[..12], base64[..16]])
            .Distinct(StringComparer.Ordinal);
    }
}
