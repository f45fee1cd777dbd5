using System.Net;
using NodaTime.Testing;
using SecretRotator.Providers.Azure;
using SecretRotator.Tests.Models;

namespace SecretRotator.Reliability.Fuzzing.Targets;

/// <summary>Conversations with Key Vault and Entra, through Microsoft's libraries.</summary>
internal static class AzureTargets
{
    // In the scripts; each conversation has a host of its own, because the library remembers challenges by host.
    private const string Host = "https://vault.test";
    private const string Version = "0123456789abcdef0123456789abcdef";
    private const string Json = "200\nContent-Type: application/json; charset=utf-8\n\n";
    private const string Properties = $$"""
        "id":"{{Host}}/secrets/grid-api/{{Version}}","contentType":"text","attributes":{"enabled":true,"created":1700000000,"updated":1700000000,"exp":1800000000,"recoveryLevel":"Recoverable"},"tags":{"a":"b"}
        """;

    private static readonly AzureVaultDefinition Definition = new("grid", new Uri("https://acme-prod.vault.azure.net/"));
    private static int _hosts;

    private static readonly ImmutableArray<string> Trouble =
    [
        """403""" + "\n\n" + """{"error":{"code":"Forbidden","message":"no","innererror":{"code":"SecretDisabled"}}}""",
        """404""" + "\n\n" + """{"error":{"code":"SecretNotFound","message":"no"}}""",
        "409\n\n{\"error\":{\"code\":\"Conflict\",\"innererror\":{\"code\":\"ObjectIsBeingDeleted\"}}}", "429\nRetry-After: 1\n\n",
        "401\nWWW-Authenticate: Bearer authorization=\"https://elsewhere.test/t\", resource=\"https://vault.azure.net\"\n\n",
        "500\n\n", "302\nLocation: https://elsewhere.test/\n\n", "200\n\n<html>", "200\n\n{}", "200\n\n[]", "200\n\n", "drop",
        "cut\n\n{\"value\":", "204\n\n",
    ];

    public static ImmutableArray<FuzzTarget> All { get; } =
    [
        new(
            "azure-list",
            [
                $$"""{{Json}}{"value":[{{{Properties}}}],"nextLink":null}""",
                $$"""{{Json}}{"value":[{{{Properties}}}],"nextLink":"{{Host}}/secrets/grid-api/versions?api-version=7.5&$skiptoken=x"}"""
                    + "\n%%\n" + $$"""{{Json}}{"value":[]}""",
                .. Trouble,
            ],
            input =>
                Converse(input, secrets => secrets.ListAsync("grid-api", CancellationToken.None))),
        new(
            "azure-read",
            [$$"""{{Json}}{"value":"{{Canary.Received}}",{{Properties}}}""", .. Trouble],
            input => Converse(input, async secrets =>
            {
                using var read = await secrets.GetAsync("grid-api", new(Version), CancellationToken.None);
            })),
        new(
            "azure-put",
            [$$"""{{Json}}{"value":"{{Canary.Received}}",{{Properties}}}""", .. Trouble],
            input => Write(input, async secrets =>
            {
                using var value = SecretValue.FromText(Canary.Sent);
                await secrets.PutAsync("grid-api", value, "text", VersionTimes.None, [], CancellationToken.None);
            })),
        new("azure-patch",
            [$$"""{{Json}}{{{Properties}}}""", .. Trouble],
            input => Write(input, secrets => secrets.DisableAsync("grid-api", new(Version), CancellationToken.None))),
        new("entra",
            [
                $$"""{{Json}}{"token_type":"Bearer","expires_in":3600,"ext_expires_in":3600,"access_token":"{{Canary.Received}}"}""",
                "401\n\n{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: no\",\"error_codes\":[7000215]}",
                .. Trouble,
            ], Token),
    ];

    private static bool Converse(byte[] input, Func<KeyVaultSecrets, Task> converse)
    {
        using var there = new Conversation(input);
        return Judge(input, () => converse(there.Secrets)) is null;
    }

    private static bool Write(byte[] input, Func<KeyVaultSecrets, Task> write)
    {
        using var there = new Conversation(input);
        var failure = Judge(input, () => write(there.Secrets));
        if (failure?.Effect == Effect.Rejected && there.Vault.Exchanges.Any(e => ScriptedService.LeavesOpen(e.Status)))
            throw new BrokenPromiseException("What may have been done is called refused.");
        if (failure is null && there.Vault.Exchanges[^1].Status is < 200 or > 299)
            throw new BrokenPromiseException("What was refused is called done.");
        return failure is null;
    }

    private static bool Token(byte[] input)
    {
        using var there = new Conversation(Encoding.UTF8.GetBytes($$"""{{Json}}{"value":[]}"""), entra: input);
        return Judge(input, () => there.Secrets.ListAsync("grid-api", CancellationToken.None)) is null;
    }

    private static RemoteFailureException? Judge(byte[] input, Func<Task> converse)
    {
        try
        {
            converse().GetAwaiter().GetResult();
            return null;
        }
        catch (RemoteFailureException failure)
        {
            Canary.MustNotBeIn(failure, input);
            return failure;
        }
    }

    /// <summary>Asks for a token as a vault does, answers as Entra does, and leaves the rest to the script.</summary>
    private sealed class Conversation : HttpMessageHandler
    {
        private readonly string _authority;
        private readonly string _tenant;
        private readonly AzureVaultFactory _factory;
        private readonly HttpMessageInvoker _vault;
        private readonly HttpMessageInvoker? _entra;

        public Conversation(byte[] vault, byte[]? entra = null)
        {
            var number = Interlocked.Increment(ref _hosts);
            var host = $"127.{1 + (number >> 16 & 63)}.{number >> 8 & 255}.{number & 255}:8443";
            _tenant = $"tenant-{number}";
            _authority = $"https://127.0.0.1:9443/{_tenant}";
            Vault = new ScriptedService(
                Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(vault).Replace("vault.test", host, StringComparison.Ordinal)));
            _vault = new HttpMessageInvoker(Vault);
            _entra = entra is null ? null : new HttpMessageInvoker(new ScriptedService(entra));
            var settings = new AzureSettings
            {
                TenantId = _tenant,
                ClientId = "client",
                ClientSecret = SecretValue.FromText(Canary.Sent),
                AuthorityHost = new Uri("https://127.0.0.1:9443/"),
                Endpoints = ImmutableDictionary<string, Uri>.Empty.Add(Definition.Name, new Uri($"https://{host}")),
            };
            _factory = new AzureVaultFactory(
                settings, () => this, new NoBoard(), new FakeClock(Instant.FromUtc(2026, 11, 23, 12, 0)), new SystemRandom(),
                new SkippingTime());
            Secrets = _factory.Secrets(Definition);
        }

        public ScriptedService Vault { get; }

        public KeyVaultSecrets Secrets { get; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.Port != 9443)
                return request.Headers.Authorization is null && request.RequestUri.IsLoopback
                    ? Task.FromResult(
                        new HttpResponseMessage(
                            HttpStatusCode.Unauthorized)
                        {
                            RequestMessage = request,
                            Headers =
                                {
                                    { "WWW-Authenticate", $"Bearer authorization=\"{_authority}\", resource=\"https://vault.azure.net\"" },
                                },
                            Content = new ByteArrayContent([]),
                        })
                    : _vault.SendAsync(request, cancellationToken);
            if (request.RequestUri.AbsolutePath.EndsWith("openid-configuration", StringComparison.Ordinal))
                return Answer(
                    $$"""{"issuer":"{{_authority}}/v2.0","authorization_endpoint":"{{_authority}}/oauth2/v2.0/authorize","token_endpoint":"{{_authority}}/oauth2/v2.0/token","jwks_uri":"{{_authority}}/keys"}""");
            return _entra?.SendAsync(request, cancellationToken)
                ?? Answer("""{"token_type":"Bearer","expires_in":86400,"access_token":"token"}""");

            Task<HttpResponseMessage> Answer(string json) =>
                Task.FromResult(
                    new HttpResponseMessage(HttpStatusCode.OK)
                    {
                        RequestMessage =
                        request,
                        Content = new StringContent(json, Encoding.UTF8, "application/json")
                    });
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _factory.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class NoBoard : ILockStore
    {
        public string Home => "acme/home";

        public int Calls => 0;

        public Task<PostedClaim?> FindAsync(string key, CancellationToken cancellation) => Task.FromResult<PostedClaim?>(null);

        public Task<PostResult> PostAsync(string key, ClaimText text, CancellationToken cancellation) =>
            throw new InvalidOperationException("Nothing is claimed here.");

        public Task RemoveAsync(string uuid, Lease? lease, CancellationToken cancellation) =>
            throw new InvalidOperationException("Nothing is claimed here.");
    }
}
