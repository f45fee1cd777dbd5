using System.Text.Json.Nodes;

namespace SecretRotator.Tests.Processes;

/// <summary>Why something failed reaches machines as data, from the service that refused to the auditor's view.</summary>
public sealed class FailureKindTests : IDisposable
{
    // What throttles for good is tried for minutes, and no pipeline runs here.
    private readonly Rotator _rotator = new() { PausesAreShorter = 1000 };

    public FailureKindTests() => File.Copy(RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"));

    [Theory]
    [InlineData("payments-db", "aws.DescribeSecret@prod/payments/db=403", "access-denied", "aws-secrets-manager", "prod/payments/db")]
    [InlineData("payments-db", "aws.DescribeSecret@prod/payments/db=429", "throttled", "aws-secrets-manager", "prod/payments/db")]
    [InlineData("grid-api", "azure.ListVersions=403", "access-denied", "azure-key-vault", "grid-api")]
    [InlineData("grid-api", "azure.ListVersions=429", "throttled", "azure-key-vault", "grid-api")]
    [InlineData("payments-webhook", "bitbucket.list@payments-api=401", "unauthenticated", "bitbucket", "payments-api")]
    [InlineData("payments-webhook", "bitbucket.list@payments-api=403", "access-denied", "bitbucket", "payments-api")]
    [InlineData("payments-webhook", "bitbucket.list@payments-api=429", "throttled", "bitbucket", "payments-api")]
    public async Task What_blocks_a_secret_is_told_apart_in_plan_run_verification_and_evidence(
        string secret, string fault, string kind, string service, string resource)
    {
        var plan = await JsonAsync("plan", "--sandbox", "--only", secret, "--fault", fault);
        var run = await JsonAsync("rotate", "--sandbox", "--only", secret, "--fault", fault);
        var drift = await JsonAsync("verify", "--sandbox", "--only", secret, "--fault", fault);
        var report = await JsonAsync("report", "--sandbox", "--only", secret, "--fault", fault);
        var shown = await JsonAsync("evidence", "show", ".sandbox/evidence");

        JsonNode?[] told =
        [
            plan["secrets"]![0]!["failure"],
            run["secrets"]![0]!["because"]!["failure"],
            drift["findings"]!.AsArray().First(finding => finding!["kind"]!.GetValue<string>() == "unknown")!["failure"],
            report["unobserved"]![0]!["failure"],
            Records().Last(record => record["kind"]!.GetValue<string>() == "decided")["failure"],
            Records().Last(record => record["kind"]!.GetValue<string>() == "ended")["failure"],
            shown["runs"]![0]!["secrets"]![0]!["decided"]!["failure"],
            shown["runs"]![0]!["secrets"]![0]!["because"]!["failure"],
        ];
        // Both listings of a Key Vault secret are asked for at once, and either may be the one that is told.
        told.Select(failure => failure?.ToJsonString().Replace("-staged", "", StringComparison.Ordinal)).Should().AllBe(
            $$"""{"kind":"{{kind}}","effect":"rejected","service":"{{service}}","resource":"{{resource}}"}""");
    }

    [Theory]
    [InlineData("403", "access-denied")]
    [InlineData("429", "throttled")]
    [InlineData("503", "unavailable")]
    public async Task What_put_a_rotation_back_is_told_apart_in_run_and_evidence(string status, string kind)
    {
        var run = await JsonAsync(
            "rotate", "--sandbox", "--only", "payments-db", "--fault", $"bitbucket.put@payments-api/production:DB_PASSWORD#1..={status}");
        var shown = await JsonAsync("evidence", "show", ".sandbox/evidence");

        JsonNode?[] told =
        [
            run["secrets"]![0]!["failure"],
            Records().Single(record => record["kind"]!.GetValue<string>() == "ended")["failure"],
            Records().First(record => record["state"]?.GetValue<string>() == "failed")["failure"],
            shown["runs"]![0]!["secrets"]![0]!["failure"],
            shown["runs"]![0]!["secrets"]![0]!["steps"]!.AsArray()
                .First(step => step!["failures"]!.AsArray().Count > 0)!["failures"]![0]!["failure"],
        ];
        told.Select(failure => failure?.ToJsonString()).Should().AllBe(
            $$"""{"kind":"{{kind}}","effect":"rejected","service":"bitbucket","resource":"payments-api/production"}""");
    }

    [Fact]
    public async Task What_ends_a_command_is_told_as_data()
    {
        var ended = await JsonAsync("discover", "--sandbox", "--fault", "bitbucket.repositories=403");

        ended["problems"]![0]!["failure"]!["kind"]!.GetValue<string>().Should().Be("access-denied");
    }

    public void Dispose() => _rotator.Dispose();

    private async Task<JsonNode> JsonAsync(params string[] arguments) =>
        JsonNode.Parse((await _rotator.RunAsync([.. arguments, "--output", "json"])).Out)!;

    // In the order of the members that the JSON results have.
    private IEnumerable<JsonObject> Records() => Directory.GetFiles(_rotator.PathOf(".sandbox/evidence"), "*.jsonl").Order()
        .SelectMany(File.ReadLines).Select(line => Ordered(JsonNode.Parse(line)!.AsObject()));

    private static JsonObject Ordered(JsonObject record)
    {
        if (record["failure"]?.AsObject() is { } failure)
        {
            var ordered = new JsonObject();
            foreach (var name in (string[])["kind", "effect", "service", "resource"])
                if (failure[name] is { } word)
                    ordered[name] = word.DeepClone();
            record["failure"] = ordered;
        }

        return record;
    }
}
