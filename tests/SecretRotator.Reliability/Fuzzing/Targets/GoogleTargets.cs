using SecretRotator.Providers.Google;
using SecretRotator.Providers.Google.Identity;
using SecretRotator.Providers.Http;
using SecretRotator.Tests.Models;

namespace SecretRotator.Reliability.Fuzzing.Targets;

/// <summary>Conversations with Secret Manager of Google.</summary>
internal static class GoogleTargets
{
    private const string Json = "200\nContent-Type: application/json; charset=UTF-8\n\n";
    private const string Name = "projects/400300200100/secrets/grid-api";
    private const string Version = $$"""
        {"name":"{{Name}}/versions/3","createTime":"2026-11-23T01:02:03.456789Z","state":"ENABLED","etag":"\"15f6\""}
        """;

    private const string Secret = $$$"""
        {"name":"{{{Name}}}","createTime":"2026-11-23T01:02:03Z","replication":{"automatic":{}},"etag":"\"15f7\"","annotations":{"a":"b"}}
        """;

    private static readonly GoogleVaultDefinition Definition = new("google", "acme-prod", Location: null);

    private static readonly string Received = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Canary.Received));

    private static readonly ImmutableArray<string> Trouble =
    [
        """400""" + "\n\n" + """{"error":{"code":400,"message":"no","status":"FAILED_PRECONDITION"}}""",
        """403""" + "\n\n" + """{"error":{"code":403,"status":"PERMISSION_DENIED","details":[{"reason":"IAM_PERMISSION_DENIED","metadata":{"permission":"secretmanager.versions.add"}}]}}""",
        """409""" + "\n\n" + """{"error":{"code":409,"status":"ABORTED"}}""", "429\nRetry-After: 1\n\n", "401\n\n", "500\n\n",
        "302\nLocation: https://elsewhere.test/\n\n", "200\n\n<html>", "200\n\n{}", "200\n\n[]", "200\n\nnull", "200\n\n", "drop",
        "cut\n\n{\"name\":", "204\n\n",
    ];

    public static ImmutableArray<FuzzTarget> All { get; } =
    [
        new(
            "google-get",
            [Json + Secret, .. Trouble],
            input => Converse(input, async calls =>
            {
                var seen = await calls.GetAsync("grid-api", default);
                try
                {
                    _ = GoogleMarks.Read(seen.Annotations) is { BytesOfOthers: >= 0 } marks && marks.Format().IsEmpty;
                }
                catch (FormatException)
                {
                    // A mark that the tool hasn't written, which the vault tells by its key.
                }
            })),
        new(
            "google-list",
            [
                $$"""{{Json}}{"versions":[{{Version}}],"totalSize":1}""",
                $$"""{{Json}}{"versions":[{{Version}}],"nextPageToken":"x"}""" + "\n%%\n" + $$"""{{Json}}{"versions":[]}""",
                .. Trouble,
            ],
            input => Converse(input, calls => calls.ListAsync("grid-api", default))),
        new(
            "google-access",
            [
                $$$"""{{{Json}}}{"name":"{{{Name}}}/versions/3","payload":{"data":"{{{Received}}}","dataCrc32c":"{{{SecretPayload.Crc32C(
                    System.Text.Encoding.UTF8.GetBytes(Canary.Received))}}}"}}""",
                .. Trouble,
            ],
            input => Converse(input, async calls =>
            {
                using var value = await calls.AccessAsync("grid-api", 3, default);
            })),
        new(
            "google-add",
            [Json + Version, .. Trouble],
            input => Write(input, async calls =>
            {
                using var value = SecretValue.FromText(Canary.Sent);
                await calls.AddAsync("grid-api", value, default);
            })),
        new(
            "google-annotate",
            [Json + Secret, .. Trouble],
            input => Write(input, calls => calls.AnnotateAsync("grid-api", "\"1\"", new GoogleMarks().Format(), default))),
        new(
            "google-disable",
            [Json + Version.Replace("ENABLED", "DISABLED", StringComparison.Ordinal), .. Trouble],
            input => Write(input, calls => calls.DisableAsync("grid-api", 3, "\"1\"", default))),
        new(
            "google-permissions",
            [Json + """{"permissions":["secretmanager.versions.add"]}""", .. Trouble],
            input => Converse(input, calls => calls.TestPermissionsAsync("grid-api", ["secretmanager.versions.add"], default))),
    ];

    private static bool Converse(byte[] input, Func<SecretManagerCalls, Task> converse)
    {
        using var service = new ScriptedService(input);
        return Judge(service, input, converse) is null;
    }

    private static bool Write(byte[] input, Func<SecretManagerCalls, Task> write)
    {
        using var service = new ScriptedService(input);
        var failure = Judge(service, input, write);
        if (failure?.Effect == Effect.Rejected && service.Exchanges.Any(e => ScriptedService.LeavesOpen(e.Status)))
            throw new BrokenPromiseException("What may have been done is called refused.");
        if (failure is null && service.Exchanges[^1].Status is < 200 or > 299)
            throw new BrokenPromiseException("What was refused is called done.");
        return failure is null;
    }

    private static RemoteFailureException? Judge(ScriptedService service, byte[] input, Func<SecretManagerCalls, Task> converse)
    {
        using var http = BufferedResponseHandler.ClientOver(
            new BufferedResponseHandler(service, TimeSpan.FromSeconds(30), TimeProvider.System));
        try
        {
            converse(new SecretManagerCalls(Definition, null, http, new Tokens(), new SystemRandom(), new SkippingTime()))
                .GetAwaiter().GetResult();
            return null;
        }
        catch (RemoteFailureException failure)
        {
            Canary.MustNotBeIn(failure, input);
            return failure;
        }
    }

    private sealed class Tokens : IGoogleAccessTokens
    {
        public Task<string> GetAsync(string? refused, CancellationToken cancellation) => Task.FromResult("token");
    }
}
