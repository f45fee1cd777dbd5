using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Google.Identity;

/// <summary>Asks Google for tokens. Asking twice does no harm, so every call may be repeated; it fails in one way only.</summary>
/// <param name="settings">Where the services answer.</param>
/// <param name="http">Sends the calls.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Tells when a token ends, and waits between tries.</param>
internal sealed class GoogleTokenCalls(GoogleSettings settings, HttpClient http, IRandomSource random, TimeProvider time)
{
    /// <summary>What tokens are asked for. What they may be used for is decided by IAM.</summary>
    public const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    /// <summary>What a signed assertion is for.</summary>
    public const string AssertionAudience = "https://oauth2.googleapis.com/token";

    // A longer one needs a policy of the organisation that allows it.
    private const string ImpersonationLifetime = "3600s";
    private const string Flavor = "Metadata-Flavor";

    private static readonly RetryPatience Patience = new()
    {
        FirstPause = TimeSpan.FromSeconds(1),
        LongestRetryAfter = TimeSpan.FromMinutes(1),
        Drawn = (0.75, 1.25),
    };

    private readonly Retry _retry = new(Patience, random, time);

    /// <summary>Exchanges a token of another issuer.</summary>
    /// <param name="audience">The provider that trusts it, <c>//iam.googleapis.com/projects/…</c>.</param>
    /// <param name="type">The kind of token, a URN.</param>
    /// <param name="subject">The token; the caller wipes it.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    public Task<GoogleToken> ExchangeAsync(string audience, string type, SecretValue subject, CancellationToken cancellation)
    {
        var shown = WebToken.Read(subject);
        return AskAsync(
            GoogleTokenSource.Sts,
            () => Post(new Uri(settings.StsEndpoint, "v1/token"), SecretForm.Of(
                [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                    ("audience", audience),
                    ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
                    ("scope", Scope),
                    ("subject_token_type", type),
                ],
                ("subject_token", subject))),
            content => Read(content, $"the federated identity {shown?.Subject ?? "of the token"} in {audience}"),
            cancellation,
            shown?.Ends is { } end ? () => end.ToDateTimeOffset() <= time.GetUtcNow() : null);
    }

    /// <summary>Asks for a token of a service account.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="account">The account's e-mail address.</param>
    /// <param name="delegates">Accounts in between, each of which may act as the next one.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    public Task<GoogleToken> ImpersonateAsync(
        GoogleToken caller, string account, IReadOnlyList<string>? delegates, CancellationToken cancellation) => AskAsync(
        GoogleTokenSource.IamCredentials,
        () =>
        {
            var order = JsonSerializer.Serialize(
                new ImpersonationOrder([Scope], ImpersonationLifetime, delegates), GoogleIdentityJson.Default.ImpersonationOrder);
            var request = Post(
                new Uri(settings.IamCredentialsEndpoint, $"v1/projects/-/serviceAccounts/{account}:generateAccessToken"),
                new StringContent(order, Encoding.UTF8, "application/json"));
#pragma warning disable RS0030 // A header is a string, whatever we do.
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", caller.Text.RevealText());
#pragma warning restore RS0030
            return request;
        },
        content =>
        {
            var end = Text(content, "expireTime");
            return DateTimeOffset.TryParse(end, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var ends)
                ? Token(content, "accessToken", ends, $"the service account {account}")
                : throw new JsonException();
        },
        cancellation);

    /// <summary>Asks for a token of a service account with an assertion that its key signed.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    public Task<GoogleToken> ByAssertionAsync(SecretValue assertion, string account, CancellationToken cancellation) => AskAsync(
        GoogleTokenSource.OAuth,
        () => Post(settings.OAuthEndpoint, SecretForm.Of(
            [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")], ("assertion", assertion))),
        content => Read(content, $"the service account {account}"),
        cancellation);

    /// <summary>Asks for a token of a person who has logged in with gcloud.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    public Task<GoogleToken> ByRefreshTokenAsync(
        string clientId, SecretValue clientSecret, SecretValue refreshToken, CancellationToken cancellation) => AskAsync(
        GoogleTokenSource.OAuth,
        () => Post(settings.OAuthEndpoint, SecretForm.Of(
            [("grant_type", "refresh_token"), ("client_id", clientId)],
            ("client_secret", clientSecret), ("refresh_token", refreshToken))),
        content => Read(content, "the person who logged in with gcloud"),
        cancellation);

    /// <summary>Asks the metadata server for a token of the machine's service account.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    public Task<GoogleToken> OfMachineAsync(Uri server, CancellationToken cancellation) => AskAsync(
        GoogleTokenSource.Metadata,
        () =>
        {
            var request = new HttpRequestMessage(
                HttpMethod.Get, new Uri(server, $"computeMetadata/v1/instance/service-accounts/default/token?scopes={Scope}"));
            request.Headers.Add(Flavor, "Google");
            return request;
        },
        content => Read(content, "the service account of this machine"),
        cancellation);

    /// <summary>Asks an address that a credentials file names for a token of another issuer.</summary>
    /// <param name="url">The address.</param>
    /// <param name="headers">What it wants to be sent.</param>
    /// <param name="read">Reads the token.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    public Task<SecretValue> SubjectAtAsync(
        Uri url, IReadOnlyDictionary<string, string> headers, Func<SecretValue, SecretValue> read, CancellationToken cancellation) =>
        AskAsync(
            GoogleTokenSource.Subject,
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, url);
                foreach (var (name, value) in headers)
                    request.Headers.TryAddWithoutValidation(name, value);
                return request;
            },
            read,
            cancellation);

    private static HttpRequestMessage Post(Uri address, HttpContent content) => new(HttpMethod.Post, address) { Content = content };

    private Task<T> AskAsync<T>(
        GoogleTokenSource source,
        Func<HttpRequestMessage> request,
        Func<SecretValue, T> read,
        CancellationToken cancellation,
        Func<bool>? shownHasEnded = null) => _retry.RunAsync(
        new RetriedCall(IsIdempotent: true, thrown => Judged(thrown, source)),
        async stop =>
        {
            using var asked = request();
            using var answer = await http.SendAsync(asked, stop);
            var body = await answer.Content.ReadAsByteArrayAsync(stop);
            try
            {
                if (answer.StatusCode != HttpStatusCode.OK)
                    throw GoogleTokenRefusal.Of(source, answer, body, shownHasEnded?.Invoke() ?? false);

                // A proxy or another network's server may answer under the name of the metadata server.
                if (source == GoogleTokenSource.Metadata
                    && !(answer.Headers.TryGetValues(Flavor, out var flavors) && flavors.Contains("Google", StringComparer.Ordinal)))
                    throw new JsonException();
                using var content = SecretValue.FromUtf8(body);
                return read(content);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(body);
            }
        },
        cancellation);

    private static JudgedTry? Judged(Exception thrown, GoogleTokenSource source)
    {
        var failure = thrown switch
        {
            GoogleTokenRefusal refused => GoogleIdentityFailures.Of(refused),
            ProxyRefusedException or AuthenticationException or HttpRequestException or IOException or OperationCanceledException
                or JsonException or SecretContentException =>
                SilentCall.Failure(thrown, GoogleIdentityFailures.What, writes: false, source.Name).At(source.Id, null),
            _ => null,
        };
        if (failure is null)
            return null;
        var next = thrown switch
        {
            GoogleTokenRefusal { Status: 429 } => NextTry.Throttled,
            GoogleTokenRefusal { Status: 408 or >= 500 } => NextTry.AfterPause,

            // Where there is no metadata server, there will be none a second later.
            HttpRequestException or IOException or OperationCanceledException when source != GoogleTokenSource.Metadata =>
                NextTry.AfterPause,
            _ => NextTry.Never,
        };
        return new JudgedTry(Effect.Rejected, next, (thrown as GoogleTokenRefusal)?.RetryAfter, _ => failure);
    }

    private GoogleToken Read(SecretValue content, string holder) =>
        int.TryParse(Text(content, "expires_in"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? Token(content, "access_token", time.GetUtcNow().AddSeconds(seconds), holder)
            : throw new JsonException();

    private static GoogleToken Token(SecretValue content, string field, DateTimeOffset ends, string holder)
    {
        var text = JsonSecret.Read(content, field);

        // Looked at before it becomes a header, which would quote it in an exception.
        if (text.Look(0, static (_, utf8) => !utf8.IsEmpty && utf8.IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0))
            return new GoogleToken(text, ends, holder);
        text.Dispose();
        throw new JsonException();
    }

    private static string Text(SecretValue content, string field)
    {
        using var text = JsonSecret.Read(content, field);
#pragma warning disable RS0030 // A time, which is no secret.
        return text.RevealText();
#pragma warning restore RS0030
    }
}

/// <summary>What is asked of <c>generateAccessToken</c>.</summary>
/// <param name="Scope">What the token is for.</param>
/// <param name="Lifetime">How long it lives, such as <c>3600s</c>.</param>
/// <param name="Delegates">Accounts in between, or null.</param>
internal sealed record ImpersonationOrder(IReadOnlyList<string> Scope, string Lifetime, IReadOnlyList<string>? Delegates);

/// <summary>The header of a signed assertion.</summary>
internal sealed record AssertionHeader(string Alg, string Typ, string? Kid);

/// <summary>What a signed assertion says: who asks, what for, whom, and from when until when in seconds since 1970.</summary>
internal sealed record AssertionClaims(string Iss, string Scope, string Aud, long Iat, long Exp);

/// <summary>What is read of a credentials file beside its secrets. Everything may be missing.</summary>
internal sealed record CredentialsDocument(
    string? Type,
    string? UniverseDomain,
    string? QuotaProjectId,
    string? ClientEmail,
    string? PrivateKeyId,
    string? ClientId,
    string? Audience,
    string? SubjectTokenType,
    string? ServiceAccountImpersonationUrl,
    IReadOnlyList<string>? Delegates,
    CredentialSource? CredentialSource);

/// <summary>Where the token of another issuer is.</summary>
/// <param name="File">A file that holds it, or null.</param>
/// <param name="Url">An address that gives it, or null.</param>
/// <param name="Headers">What that address wants to be sent.</param>
/// <param name="Format">How the token is written; null for its mere text.</param>
internal sealed record CredentialSource(
    string? File, string? Url, IReadOnlyDictionary<string, string>? Headers, SubjectTokenFormat? Format);

/// <summary>How the token of another issuer is written.</summary>
/// <param name="Type"><c>text</c> or <c>json</c>.</param>
/// <param name="SubjectTokenFieldName">The field of the JSON object that holds it.</param>
internal sealed record SubjectTokenFormat(string? Type, string? SubjectTokenFieldName);

/// <summary>What requests and files look like. Generated, so that nothing is reflected over at run time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImpersonationOrder))]
[JsonSerializable(typeof(AssertionHeader))]
[JsonSerializable(typeof(AssertionClaims))]
[JsonSerializable(typeof(CredentialsDocument))]
internal sealed partial class GoogleIdentityJson : JsonSerializerContext;
