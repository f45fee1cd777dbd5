using SecretRotator.Providers.HashiCorp;
using SecretRotator.Providers.Http;
using SecretRotator.Tests.Models;

namespace SecretRotator.Reliability.Fuzzing.Targets;

/// <summary>Conversations with a KV engine of HashiCorp Vault.</summary>
internal static class HashiCorpTargets
{
    private const string Json = "200\nContent-Type: application/json\n\n";
    private const string Version = "\"created_time\":\"2026-01-02T03:04:05.678901234Z\",\"deletion_time\":\"\",\"destroyed\":false";

    // What follows a text in the data.
    private const string Metadata = "\"},\"metadata\":{\"version\":1," + Version + "}}}";

    private static readonly HashiCorpVaultDefinition Definition = new(
        "grid", new Uri("https://vault.test:8200"), "secret", null, new HashiCorpAuth.Token());

    private static readonly RotationId Rotation = new("00000000-0000-4000-8000-000000000001");

    private static readonly ImmutableArray<string> Trouble =
    [
        "400\n\n{\"errors\":[\"check-and-set parameter did not match the current version\"]}",
        "403\n\n{\"errors\":[\"permission denied\"]}",
        "404\n\n{\"errors\":[]}",
        "404\n\n" + """{"data":{"data":null,"metadata":{"version":1,""" + Version + "}}}",
        "412\n\n", "429\nRetry-After: 1\n\n", "473\n\n", "503\n\n{\"errors\":[\"Vault is sealed\"]}",
        "500\n\n", "307\nLocation: https://elsewhere.test/\n\n", "200\n\n<html>", "200\n\n{}", "200\n\n[]", "200\n\n", "drop",
        "cut\n\n{\"data\":", "204\n\n",
    ];

    public static ImmutableArray<FuzzTarget> All { get; } =
    [
        new(
            "hashicorp-metadata",
            [
                Json + """{"data":{"current_version":1,"max_versions":0,"cas_required":false,"versions":{"1":{""" + Version + "}}}}",
                .. Trouble,
            ],
            input => Converse(input, engine => engine.FindAsync("grid-api", CancellationToken.None))),
        new(
            "hashicorp-read",
            [Json + """{"data":{"data":{"value":""" + "\"" + Canary.Received + Metadata, .. Trouble],
            input => Converse(input, async engine =>
            {
                using var read = await engine.ReadAsync("grid-api", 1, KvForm.Either, CancellationToken.None);
            })),
        new(
            "hashicorp-staged",
            [
                Json + """{"data":{"data":{"rotation":"00000000-0000-4000-8000-000000000001","content":""" + "\"" + Canary.Received
                    + Metadata,
                .. Trouble,
            ],
            input => Converse(input, async engine =>
            {
                using var read = await engine.ReadStagedAsync("grid-api", 1, Rotation, CancellationToken.None);
            })),
        new(
            "hashicorp-marks",
            [
                Json + """{"data":{"data":{"claim":{"rotation":"00000000-0000-4000-8000-000000000001","base":"1","""
                    + "\"holder\":\"process/0123456789abcdef/1/2/me\",\"since\":\"2026-01-02T03:04:05.678Z\",\"handle\":\"00\","
                    + "\"stage\":1},"
                    + "\"stage\":1,\"made\":{\"version\":\"1\",\"rotation\":\"r\"}" + Metadata[1..],
                .. Trouble,
            ],
            input => Converse(input, engine => engine.MarksAsync("grid-api", CancellationToken.None))),
        new(
            "hashicorp-write",
            [Json + """{"data":{"version":2,""" + Version + "}}", .. Trouble],
            input => Write(input, async engine =>
            {
                using var value = SecretValue.FromText(Canary.Sent);
                await engine.PutAsync("grid-api", value, KvForm.Text, 1, CancellationToken.None);
            })),
        new(
            "hashicorp-delete",
            ["204\n\n", .. Trouble],
            input => Write(input, engine => engine.DeleteAsync("grid-api", "It could not be deleted", [1], CancellationToken.None))),
    ];

    private static bool Converse(byte[] input, Func<KvEngine, Task> converse)
    {
        using var service = new ScriptedService(input);
        return Judge(input, service, converse) is null;
    }

    private static bool Write(byte[] input, Func<KvEngine, Task> write)
    {
        using var service = new ScriptedService(input);
        try
        {
            var failure = Judge(input, service, write);
            if (failure?.Effect == Effect.Rejected && service.Exchanges.Any(e => ScriptedService.LeavesOpen(e.Status)))
                throw new BrokenPromiseException("What may have been done is called refused.");
            if (failure is null && service.Exchanges[^1].Status is < 200 or > 299)
                throw new BrokenPromiseException("What was refused is called done.");
            return failure is null;
        }
        catch (OtherVersionException)
        {
            // Whoever writes looks then.
            return false;
        }
    }

    private static RemoteFailureException? Judge(byte[] input, HttpMessageHandler service, Func<KvEngine, Task> converse)
    {
        using var client = BufferedResponseHandler.ClientOver(
            new BufferedResponseHandler(service, TimeSpan.FromSeconds(30), TimeProvider.System));
        client.BaseAddress = Definition.Address;
        var engine = new KvEngine(
            new HashiCorpCalls(client, new FixedToken(), null, new SystemRandom(), new SkippingTime()), Definition);
        try
        {
            converse(engine).GetAwaiter().GetResult();
            return null;
        }
        catch (RemoteFailureException failure)
        {
            Canary.MustNotBeIn(failure, input);
            return failure;
        }
    }

    private sealed class FixedToken : IHashiCorpToken
    {
        private readonly SecretValue _token = SecretValue.FromText(Canary.Sent);

        public ValueTask<SecretValue> GetAsync(CancellationToken cancellation) => new(_token);
    }
}
