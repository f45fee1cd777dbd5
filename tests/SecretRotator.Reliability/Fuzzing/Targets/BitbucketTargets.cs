using NodaTime.Testing;
using SecretRotator.Bitbucket;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Tests.Models;

namespace SecretRotator.Reliability.Fuzzing.Targets;

/// <summary>Conversations with Bitbucket.</summary>
internal static class BitbucketTargets
{
    private const string Uuid = "aaaaaaaa-0000-4000-8000-000000000001";
    private const string Variable = $$"""{"type":"pipeline_variable","uuid":"{{{Uuid}}}","key":"DB_PASSWORD","secured":true}""";
    private const string Json = "200\nContent-Type: application/json\n\n";
    private const string Refusal =
        """{"type":"error","error":{"message":"Bad request","detail":{"required":["pipeline:variable"],"granted":["pipeline"]},"fields":{"key":["is taken"]}}}""";
    private const string Environments = $$"""{"size":1,"page":1,"pagelen":100,"values":[{"uuid":"{{{Uuid}}}","name":"production"}]}""";
    private const string Claim =
        $$"""{"uuid":"{{{Uuid}}}","key":"SECRET_ROTATOR_CLAIM_0","value":"{{Uuid}} {{Uuid}} 2026-11-23T12:00:00.000Z process/0123456789abcdef/1/2/me","secured":false}""";

    private static readonly VariableScope.Repository Repository = new("acme", "payments-api");
    private static readonly VariableScope.Environment Environment = new("acme", "payments-api", "production");
    private static readonly ObservedVariable Observed = new(Uuid, "DB_PASSWORD", Secured: true);
    private static readonly ClaimText Text = new(
        new(Uuid), new(Uuid), Instant.FromUtc(2026, 11, 23, 12, 0), new Holder.Process("0123456789abcdef", 1, 2, "me"));

    private static readonly ImmutableArray<string> Trouble =
    [
        $"400\nContent-Type: application/json\n\n{Refusal}", $"403\n\n{Refusal}", "401\n\n", "404\n\n", "409\n\n", "410\n\n",
        "302\nLocation: https://elsewhere.test/\n\n", "500\n\n<html><title>Oops</title>",
        "429\nRetry-After: 3\nX-RateLimit-Limit: 1000\nX-RateLimit-NearLimit: true\n\n%%\n503\n\n%%\ndrop", "cut\n\n{\"uuid\":", "204\n\n",
        $"400\n\n{Canary.Sent}",
    ];

    public static ImmutableArray<FuzzTarget> All { get; } =
    [
        new("bitbucket-list",
            [
                $$"""{{Json}}{"size":1,"page":1,"pagelen":100,"values":[{{Variable}}]}""",
                $$"""{{Json}}{"page":1,"values":[{{Variable}}],"next":"https://x.test/?page=2"}""" + "\n%%\n"
                    + $$"""{{Json}}{"page":2,"values":[]}""",
                .. Trouble,
            ], List),
        new("bitbucket-environment",
            [$"{Json}{Environments}\n%%\n{Json}" + $$"""{"size":1,"values":[{{Variable}}]}""", .. Trouble], ListEnvironment),
        new("bitbucket-put", [Json + Variable, .. Trouble], Put),
        new("bitbucket-create",
            [
                $$"""{{Json}}{"size":0,"values":[]}""" + $"\n%%\n{Json}{Variable}",
                .. Trouble.Select(t => $$"""{{Json}}{"size":0,"values":[]}""" + $"\n%%\n{t}"),
            ], Create),
        new("bitbucket-delete", ["204\n\n", .. Trouble], Delete),
        new("bitbucket-claim",
            [
                $"{Json}{Claim}\n%%\n{Json}{Claim}",
                $"409\n\n\n%%\n{Json}" + $$"""{"size":1,"values":[{{Claim}}]}""",
                .. Trouble,
                .. Trouble.Select(t => $"{Json}{Claim}\n%%\n{t}"),
            ], PostClaim),
        new("bitbucket-holder", [$$$"""{{{Json}}}{"uuid":"{{{{Uuid}}}}","state":{"name":"COMPLETED"}}""", .. Trouble], Holds),
        new("bitbucket-token",
            [$$"""{{Json}}{"access_token":"{{Canary.Received}}","expires_in":7200,"token_type":"bearer"}"""
                + $$"""{{"\n%%\n"}}{{Json}}{"size":0,"values":[]}""", .. Trouble,
                "400\n\n{\"error\":\"invalid_client\",\"error_description\":\"no\"}"], Token),
    ];

    private static bool List(byte[] input) => Run(input, c => c.Variables.ListAsync(Repository, CancellationToken.None));

    private static bool ListEnvironment(byte[] input) => Run(input, c => c.Variables.ListAsync(Environment, CancellationToken.None));

    private static bool Put(byte[] input) => Run(input, "PUT", async c =>
    {
        using var value = SecretValue.FromText(Canary.Sent);
        await c.Variables.PutAsync(Repository, Observed, value, CancellationToken.None);
    });

    private static bool Create(byte[] input) => Run(input, "POST", async c =>
    {
        using var value = SecretValue.FromText(Canary.Sent);
        await c.Variables.CreateAsync(Repository, "DB_PASSWORD", value, CancellationToken.None);
    });

    private static bool Delete(byte[] input) =>
        Run(input, "DELETE", c => c.Variables.DeleteAsync(Repository, Uuid, CancellationToken.None));

    private static bool PostClaim(byte[] input) => Run(input, async c =>
    {
        var posted = await c.Claims(Repository).PostAsync("SECRET_ROTATOR_CLAIM_0", Text, CancellationToken.None);
        if (!Guid.TryParse(posted.Standing.Uuid, out _))
            throw new BrokenPromiseException("A claim without a uuid can never be released.");
    });

    private static bool Holds(byte[] input) =>
        Run(input, c => c.Holders.StateOfAsync(new Holder.Pipeline("acme", "api", Uuid, 1), CancellationToken.None));

    private static bool Token(byte[] input)
    {
        using var secret = SecretValue.FromText(Canary.Sent);
        return Run(
            input, null, c => c.Variables.ListAsync(Repository, CancellationToken.None), new BitbucketCredential.OAuthClient("id", secret));
    }

    private static bool Run(byte[] input, Func<BitbucketConnection, Task> converse) => Run(input, null, converse);

    private static bool Run(byte[] input, string? writes, Func<BitbucketConnection, Task> converse, BitbucketCredential? credential = null)
    {
        using var token = SecretValue.FromText(Canary.Sent + "-token");
        var service = new ScriptedService(input);
        var time = new SkippingTime();
        using var connection = BitbucketConnection.Create(
            new BitbucketSettings { Patience = new() { Attempt = TimeSpan.FromSeconds(30) } },
            credential ?? new BitbucketCredential.AccessToken(token),
            RunLimits.Default,
            new FakeClock(Instant.FromUtc(2026, 11, 23, 12, 0)),
            time,
            new SystemRandom(),
            () => service);
        try
        {
            converse(connection).GetAwaiter().GetResult();
            return true;
        }
        catch (RemoteFailureException failure)
        {
            Canary.MustNotBeIn(failure, input);
            if (failure.Effect == Effect.Rejected && writes is not null
                && service.Exchanges.Any(
                    e => e.Request.StartsWith(writes, StringComparison.Ordinal) && ScriptedService.LeavesOpen(e.Status)))
                throw new BrokenPromiseException("What may have been done is called refused.");
            return false;
        }
    }
}
