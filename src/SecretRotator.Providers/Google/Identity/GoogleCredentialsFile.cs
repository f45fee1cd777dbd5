using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using SecretRotator.Configuration;

namespace SecretRotator.Providers.Google.Identity;

/// <summary>
/// A file with application default credentials (https://google.aip.dev/auth/4110). It is read whenever a token is asked for, and nothing
/// of it is kept. Of the addresses in it only that of a credential source is called: where Google answers, the settings say.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="calls">Asks for tokens.</param>
/// <param name="time">Dates assertions.</param>
internal sealed partial class GoogleCredentialsFile(string path, GoogleTokenCalls calls, TimeProvider time)
{
    private const int MostBytes = 256 * 1024;

    private const UnixFileMode ForOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The file that the settings lead to: one that is named, or that of gcloud's login where it exists; else null.</summary>
    public static string? PathIn(GoogleSettings settings) =>
        settings.CredentialsPath ?? (File.Exists(settings.WellKnownPath) ? settings.WellKnownPath : null);

    /// <summary>Whether a file can be read by others than its owner. False where that can't be told.</summary>
    public static bool IsOpenToOthers(string path) =>
        !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & ForOthers) != UnixFileMode.None;

    /// <summary>Asks for a token with it.</summary>
    /// <exception cref="RemoteFailureException">It can't be used, or the token is refused.</exception>
    public async Task<GoogleToken> TokenAsync(CancellationToken cancellation)
    {
        using var content = Read(path);
        return await TokenOfAsync(content, isSource: false, cancellation);
    }

    private async Task<GoogleToken> TokenOfAsync(SecretValue content, bool isSource, CancellationToken cancellation)
    {
        try
        {
            var document = Document(content);
            if (document.UniverseDomain is not (null or "" or "googleapis.com"))
                throw Unusable("is for another cloud than Google's own (universe_domain)", "Use credentials of googleapis.com.");
            var token = document.Type switch
            {
                "external_account" => await FederatedAsync(document, cancellation),
                "service_account" => await OfKeyAsync(document, content, cancellation),
                "authorized_user" => await OfPersonAsync(document, content, cancellation),
                "impersonated_service_account" when !isSource => await ImpersonatedAsync(document, content, cancellation),
                var other => throw Unusable(
                    $"has the type {Quoted.Of(other ?? "")}, which can't be used",
                    "Known are external_account, service_account, authorized_user and impersonated_service_account."),
            };
            return token with { QuotaProject = document.QuotaProjectId ?? token.QuotaProject };
        }
        catch (Exception wrong) when (wrong is JsonException or SecretContentException)
        {
            throw Unusable("is not the JSON of Google credentials, or lacks a field", "Make it anew as docs/google.md says.");
        }
    }

    private async Task<GoogleToken> FederatedAsync(CredentialsDocument document, CancellationToken cancellation)
    {
        if (document is not { Audience: { } audience, SubjectTokenType: { } type, CredentialSource: { } source })
            throw new JsonException();
        using var subject = await SubjectAsync(source, cancellation);
        var token = await calls.ExchangeAsync(audience, type, subject, cancellation);
        if (document.ServiceAccountImpersonationUrl is not { } url)
            return token;
        using (token)
            return await calls.ImpersonateAsync(token, AccountIn(url), delegates: null, cancellation);
    }

    private async Task<SecretValue> SubjectAsync(CredentialSource source, CancellationToken cancellation)
    {
        if (source.File is { } file)
        {
            using var content = Read(file);
            return SubjectIn(content, source.Format);
        }

        if (source.Url is { } text && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            return await calls.SubjectAtAsync(
                url, source.Headers ?? ImmutableDictionary<string, string>.Empty, content => SubjectIn(content, source.Format), cancellation);
        throw Unusable(
            "has a credential_source that can't be used", "It must be a file or an address: no program is started for it.");
    }

    private static SecretValue SubjectIn(SecretValue content, SubjectTokenFormat? format)
    {
        if (format is { Type: "json", SubjectTokenFieldName: { } field })
            return JsonSecret.Read(content, field);
#pragma warning disable RS0030 // A file's text often ends with a line break.
        return content.Reveal(0, static (_, utf8) => SecretValue.FromUtf8(utf8.Span.Trim(" \r\n\t"u8)));
#pragma warning restore RS0030
    }

    private async Task<GoogleToken> OfKeyAsync(CredentialsDocument document, SecretValue content, CancellationToken cancellation)
    {
        if (document.ClientEmail is not { } account)
            throw new JsonException();
        using var key = Key(content);
        using var assertion = Assertion(key, document.PrivateKeyId, account);
        return await calls.ByAssertionAsync(assertion, account, cancellation);
    }

    private async Task<GoogleToken> OfPersonAsync(CredentialsDocument document, SecretValue content, CancellationToken cancellation)
    {
        if (document.ClientId is not { } client)
            throw new JsonException();
        using var secret = JsonSecret.Read(content, "client_secret");
        using var refresh = JsonSecret.Read(content, "refresh_token");
        return await calls.ByRefreshTokenAsync(client, secret, refresh, cancellation);
    }

    private async Task<GoogleToken> ImpersonatedAsync(CredentialsDocument document, SecretValue content, CancellationToken cancellation)
    {
        var account = AccountIn(document.ServiceAccountImpersonationUrl ?? "");
        using var source = JsonSecret.Read(content, "source_credentials");
        using var token = await TokenOfAsync(source, isSource: true, cancellation);
        return await calls.ImpersonateAsync(token, account, document.Delegates, cancellation);
    }

    private string AccountIn(string url) =>
        ImpersonationUrl().Match(url) is { Success: true } match && GoogleSettings.IsServiceAccount(match.Groups["account"].Value)
            ? match.Groups["account"].Value
            : throw Unusable("names no service account of Google's (service_account_impersonation_url)", "Make it anew with gcloud.");

    private RSA Key(SecretValue content)
    {
        using var pem = JsonSecret.Read(content, "private_key");
        var key = RSA.Create();
        try
        {
            PemKey.Import(key, pem);
            return key;
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw Unusable("has a private_key that is none in PEM form", "Take the file as Google made it.");
        }
    }

    // RFC 7523, as https://developers.google.com/identity/protocols/oauth2/service-account#httprest has it.
    private SecretValue Assertion(RSA key, string? keyId, string account)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        using var jwt = new SecretBuffer(2048);
        jwt.Append(Part(new AssertionHeader("RS256", "JWT", keyId), GoogleIdentityJson.Default.AssertionHeader));
        jwt.Append((byte)'.');
        jwt.Append(Part(
            new AssertionClaims(account, GoogleTokenCalls.Scope, GoogleTokenCalls.AssertionAudience, now, now + 3600),
            GoogleIdentityJson.Default.AssertionClaims));
        var signature = key.SignData(jwt.Written, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        jwt.Append((byte)'.');
        jwt.Append(Encoded(signature));
        return jwt.ToValue();
    }

    private static byte[] Part<T>(T part, JsonTypeInfo<T> type) =>
        Encoded(JsonSerializer.SerializeToUtf8Bytes(part, type));

    private static byte[] Encoded(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetBytes(Base64Url.EncodeToString(bytes));

    private static CredentialsDocument Document(SecretValue content) =>
#pragma warning disable RS0030 // What is read of it is no secret.
        content.Reveal(0, static (_, utf8) => JsonSerializer.Deserialize(utf8.Span, GoogleIdentityJson.Default.CredentialsDocument))
#pragma warning restore RS0030
            ?? throw new JsonException();

    private static SecretValue Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = GC.AllocateArray<byte>(MostBytes, pinned: true);
            try
            {
                return SecretValue.FromUtf8(bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
            }
            finally
            {
                Array.Clear(bytes);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw GoogleIdentityFailures.None(
                $"the file {path} can't be read",
                "Check GOOGLE_APPLICATION_CREDENTIALS and the credential_source of the file, and that this user may read both.");
        }
    }

    // Without the cause: its text may quote the file.
    private RemoteFailureException Unusable(string why, string hint) => GoogleIdentityFailures.None($"the file {path} {why}", hint);

    [GeneratedRegex(
        @"^https://iamcredentials\.googleapis\.com/v1/projects/-/serviceAccounts/(?<account>[^/:]{1,200}):generateAccessToken\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex ImpersonationUrl();
}
