using System.Net;
using NodaTime.Testing;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;

namespace SecretRotator.Tests.Providers.Bitbucket;

/// <summary>Answers requests by a script, without sockets, for what no emulator does.</summary>
internal sealed class ScriptedNetwork(Func<HttpRequestMessage, int, HttpResponseMessage> script) : HttpMessageHandler
{
    public static readonly Instant Noon = Instant.FromUtc(2026, 11, 23, 12, 0);

    private int _requests;

    /// <summary>Requests so far.</summary>
    public int Requests => _requests;

    /// <summary>Answers the same to everything.</summary>
    public static ScriptedNetwork Always(int status, string body, string mediaType = "application/json") =>
        new((_, _) => Answer(status, body, mediaType));

    /// <summary>Answers in turn; the last answer stays.</summary>
    public static ScriptedNetwork InTurn(params Func<HttpResponseMessage>[] answers) =>
        new((_, number) => answers[Math.Min(number, answers.Length) - 1]());

    public static HttpResponseMessage Answer(int status, string body, string mediaType = "application/json") =>
        new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, mediaType) };

    /// <summary>A page of variables with these keys.</summary>
    public static HttpResponseMessage Page(string fields, params string[] keys) => Answer(
        200, $$"""{{{fields}}"values":[{{string.Join(',', keys.Select(k => $$"""{"uuid":"{{UuidOf(k)}}","key":"{{k}}","secured":true}"""))}}]}""");

    /// <summary>A uuid that belongs to a key.</summary>
    public static string UuidOf(string key) =>
        $"{{{new Guid(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16))}}}";

    /// <summary>The client on this network.</summary>
    public BitbucketConnection Connect(
        TimeProvider? time = null,
        BitbucketCredential? credential = null,
        int callsPerHour = 900,
        CallPatience? patience = null,
        byte drawn = 0) =>
        BitbucketConnection.Create(
            new BitbucketSettings { Patience = patience ?? new() { Attempt = Timeout.InfiniteTimeSpan } },
            credential ?? BitbucketStage.Token("the-token-of-a-test"),
            RunLimits.Default with { BitbucketCallsPerHour = callsPerHour },
            new FakeClock(Noon),
            time ?? new SkippingTime(),
            new ScriptedRandom(drawn),
            () => this);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(script(request, Interlocked.Increment(ref _requests)));
    }
}
