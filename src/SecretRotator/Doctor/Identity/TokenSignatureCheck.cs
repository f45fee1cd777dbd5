using System.Buffers.Text;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;

namespace SecretRotator.Doctor.Identity;

/// <summary>
/// Whether the issuer's published keys prove the step's token. The keys come from the workspace that the inventory
/// names, below Bitbucket's own address: never from an address that only the token names.
/// </summary>
/// <param name="workspace">The inventory's workspace.</param>
/// <param name="token">The step's token, or null.</param>
/// <param name="endpoint">Where the issuer answers instead of Bitbucket's API, with its <c>/2.0</c>; or null.</param>
/// <param name="handler">Makes the HTTP handler.</param>
internal sealed class TokenSignatureCheck(string workspace, WebToken? token, Uri? endpoint, Func<HttpMessageHandler> handler) : ICheck
{
    private const string Id = "token-signature";
    private const int LargestAnswer = 256 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Identity;

    /// <inheritdoc />
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        // What is wrong with the issuer is reported by the check of the claims.
        if (token is null || token.Issuer != BitbucketIssuer.Of(workspace))
            return [];
        var issuer = new Uri(endpoint ?? BitbucketIssuer.Api, BitbucketIssuer.PathOf(workspace));
        using var client = BufferedResponseHandler.ClientOver(
            new BufferedResponseHandler(handler(), Limit, TimeProvider.System, LargestAnswer));
        try
        {
            using var configuration = await GetAsync(
                client, new Uri(issuer.AbsoluteUri + "/.well-known/openid-configuration"), cancellation);
            if (Text(configuration, "issuer") != token.Issuer)
                return [Failed(
                    $"The issuer's own document names {(Text(configuration, "issuer") is null ? "no issuer" : "another issuer")} than "
                        + "the token.")];
            if (!Uri.TryCreate(Text(configuration, "jwks_uri"), UriKind.Absolute, out var keys) || keys.Authority != issuer.Authority
                || keys.Scheme != issuer.Scheme)
                return [Failed("The issuer's document leads to keys on another host, which was not asked.")];
            using var published = await GetAsync(client, keys, cancellation);
            return [Judge(published, token)];
        }
        catch (Exception silence)
            when (silence is HttpRequestException or AuthenticationException or ProxyRefusedException or IOException or JsonException
                or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return [CheckResult.Unknown(
                Area, Id, $"The keys of {issuer.Host} could not be fetched: {HumanText.Sentence(Told(silence))}",
                "Without them no one here can tell whether Bitbucket signed the token; the clouds fetch them themselves.")];
        }
    }

    private CheckResult Judge(JsonDocument published, WebToken signed)
    {
        var keys = published.RootElement.TryGetProperty("keys", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(key => key.ValueKind == JsonValueKind.Object)
            : [];
        foreach (var key in keys.Where(key => signed.KeyId is null || Text(key, "kid") is not { } kid || kid == signed.KeyId))
        {
            using var rsa = Key(key);
            if (rsa is not null && signed.IsSignedBy(rsa))
                return CheckResult.Pass(Area, Id, "A key that the issuer publishes proves the token's signature (RS256).");
        }

        return Failed($"No key that the issuer publishes proves the token's signature ({signed.Algorithm ?? "without an algorithm"}).");
    }

    private CheckResult Failed(string observed) => CheckResult.Fail(
        Area, Id, observed,
        "OIDC token exchange failed is what every cloud says to a token that its issuer didn't sign.",
        "Don't set BITBUCKET_STEP_OIDC_TOKEN by hand, and look for a proxy that answers in Bitbucket's place.");

    private static async Task<JsonDocument> GetAsync(HttpClient client, Uri address, CancellationToken cancellation)
    {
        using var answer = await client.GetAsync(address, cancellation);
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new HttpRequestException(null, null, answer.StatusCode);
        var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation));
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new JsonException();
    }

    private static RSA? Key(JsonElement key)
    {
        if (Text(key, "kty") != "RSA" || Text(key, "n") is not { } modulus || Text(key, "e") is not { } exponent)
            return null;
        try
        {
            return RSA.Create(
                new RSAParameters { Modulus = Base64Url.DecodeFromChars(modulus), Exponent = Base64Url.DecodeFromChars(exponent) });
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }

    private static string Told(Exception silence) => silence switch
    {
        HttpRequestException { StatusCode: { } status } => $"it answered {(int)status}",
        ProxyRefusedException refused => refused.Message,
        JsonException => "it answered something that is no such document",
        OperationCanceledException or UnusableAnswerException { InnerException: TimeoutException } => "it gave no answer in time",
        _ when TlsTrust.IsMissing(silence) => $"its certificate isn't trusted. {TlsTrust.Hint}",
        _ => "no connection was established",
    };

    private static string? Text(JsonDocument document, string name) => Text(document.RootElement, name);

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
