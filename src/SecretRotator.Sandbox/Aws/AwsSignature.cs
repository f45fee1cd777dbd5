using System.Security.Cryptography;

namespace SecretRotator.Sandbox.Aws;

/// <summary>
/// Checks Signature Version 4 by computing it again, as AWS does
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
/// </summary>
internal static class AwsSignature
{
    /// <summary>What S3's clients say in place of a body's hash where TLS alone protects it.</summary>
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    private const string Algorithm = "AWS4-HMAC-SHA256";
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Who signed the request.</summary>
    /// <exception cref="Refusal">It isn't signed, or not correctly.</exception>
    public static AwsCaller Verify(SandboxRequest request, string service, SandboxState state, SandboxClock clock)
    {
        var (credential, signedHeaders, signature) = Authorization(request);
        var scope = credential.Split('/');
        if (scope.Length != 5 || scope[4] != "aws4_request")
            throw new Refusal("IncompleteSignatureException", "Credential must have exactly 5 slash-delimited elements.");
        if (scope[3] != service)
            throw new Refusal("InvalidSignatureException", $"Credential should be scoped to correct service: '{service}'.", 403);
        var stamp = Header(request, "x-amz-date");
        var dated = DateTimeOffset.TryParseExact(
            stamp, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at);
        if (!dated || !stamp.StartsWith(scope[1], StringComparison.Ordinal))
            throw new Refusal("IncompleteSignatureException", "Date must be in ISO-8601 'basic format'.");
        if ((clock.Real - at).Duration() > Tolerance)
        {
            throw new Refusal(
                "InvalidSignatureException",
                at < clock.Real
                    ? $"Signature expired: {stamp} is now earlier than the allowed time."
                    : $"Signature not yet current: {stamp} is still later than the allowed time.",
                403);
        }

        var known = Credentials(request, state, scope[0], clock);
        var expected = Sign(request, signedHeaders, known.SecretAccessKey, scope, stamp);
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(signature)))
            throw new Refusal("InvalidSignatureException", "The request signature we calculated does not match the signature you "
                + "provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.", 403);
        if (state.Iam.Key(scope[0]) is { } key)
            (key.Used, key.UsedService, key.UsedRegion) = (clock.Now, service, scope[2]);
        return new AwsCaller(known.Account, known.Arn, scope[2], scope[0]);
    }

    private static (string Credential, string SignedHeaders, string Signature) Authorization(SandboxRequest request)
    {
        if (!request.Headers.TryGetValue("Authorization", out var text) || !text.StartsWith(Algorithm, StringComparison.Ordinal))
            throw new Refusal("MissingAuthenticationTokenException", "Missing Authentication Token");
        var parts = text[Algorithm.Length..]
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2)
            .ToDictionary(part => part[0], part => part[1], StringComparer.Ordinal);
        return parts.TryGetValue("Credential", out var credential)
            && parts.TryGetValue("SignedHeaders", out var headers)
            && parts.TryGetValue("Signature", out var signature)
            ? (credential, headers, signature)
            : throw new Refusal(
                "IncompleteSignatureException", "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.");
    }

    private static AwsCredentialState Credentials(SandboxRequest request, SandboxState state, string accessKey, SandboxClock clock)
    {
        var token = request.Headers.GetValueOrDefault("x-amz-security-token");
        if (!state.Sts.Credentials.TryGetValue(accessKey, out var known) || known.SessionToken != token || known.Inactive
            || clock.Now < known.WorksFrom)
            throw new Refusal("UnrecognizedClientException", "The security token included in the request is invalid.");
        return known.Expires is { } end && end <= clock.Real
            ? throw new Refusal("ExpiredTokenException", "The security token included in the request is expired")
            : known;
    }

    private static string Sign(SandboxRequest request, string signedHeaders, string secretKey, string[] scope, string stamp)
    {
        var names = signedHeaders.Split(';');
        if (!names.Contains("host", StringComparer.Ordinal))
            throw new Refusal(
                "InvalidSignatureException", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.", 403);
        var canonical = new StringBuilder()
            .Append(request.Method).Append('\n')
            .Append(request.Path).Append('\n')
            .Append(CanonicalQuery(request.RawQuery)).Append('\n');
        foreach (var name in names)
            canonical.Append(name).Append(':').Append(Trimmed(Header(request, name))).Append('\n');
        canonical.Append('\n').Append(signedHeaders).Append('\n').Append(Payload(request, scope[3]));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())));
        var toSign = $"{Algorithm}\n{stamp}\n{string.Join('/', scope.Skip(1))}\n{hash}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (var part in scope.Skip(1))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }

    // Only S3 takes requests whose body isn't part of the signature.
    private static string Payload(SandboxRequest request, string service) =>
        service == "s3" && Header(request, "x-amz-content-sha256") == UnsignedPayload
            ? UnsignedPayload
            : Convert.ToHexStringLower(SHA256.HashData(request.Body));

    private static string CanonicalQuery(string query) =>
        string.Join('&', query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=")
            .Order(StringComparer.Ordinal));

    private static string Header(SandboxRequest request, string name) =>
        name.Equals("host", StringComparison.OrdinalIgnoreCase)
            ? request.Headers.GetValueOrDefault(name) ?? request.Host.Authority
            : request.Headers.GetValueOrDefault(name) ?? "";

    private static string Trimmed(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}

/// <summary>Who signed a request, and for where.</summary>
/// <param name="Account">The account of the access key.</param>
/// <param name="Arn">The user or the role's session.</param>
/// <param name="Region">The region of the credential scope.</param>
/// <param name="AccessKey">The access key.</param>
internal sealed record AwsCaller(string Account, string Arn, string Region, string AccessKey);
