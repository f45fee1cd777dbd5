namespace SecretRotator.Providers.Google.Identity;

/// <summary>Who gives tokens.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Id">What a failure names it.</param>
internal sealed record GoogleTokenSource(string Name, string Id)
{
    /// <summary>Exchanges tokens of other issuers (https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token).</summary>
    public static GoogleTokenSource Sts { get; } = new("Google's STS", "google-sts");

    /// <summary>Gives tokens of service accounts to those who may act as them
    /// (https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken).</summary>
    public static GoogleTokenSource IamCredentials { get; } = new("Google's IAM credentials API", "google-iam-credentials");

    /// <summary>Gives tokens for signed assertions and for refresh tokens
    /// (https://developers.google.com/identity/protocols/oauth2/service-account#httprest).</summary>
    public static GoogleTokenSource OAuth { get; } = new("Google's token endpoint", "google-oauth");

    /// <summary>Gives tokens to what runs in Google Cloud
    /// (https://cloud.google.com/compute/docs/access/authenticate-workloads#applications).</summary>
    public static GoogleTokenSource Metadata { get; } = new("Google's metadata server", "google-metadata");

    /// <summary>The address that a credentials file names for tokens of another issuer.</summary>
    public static GoogleTokenSource Subject { get; } = new("the credential_source of the credentials file", "google-credential-source");
}

/// <summary>Why a token was refused, as far as the answer tells.</summary>
internal enum GoogleRefusalCause
{
    /// <summary>For another reason.</summary>
    Other,

    /// <summary>The pool or its provider doesn't exist, or is disabled or deleted.</summary>
    NoProvider,

    /// <summary>The provider's attribute condition doesn't admit the token.</summary>
    Condition,

    /// <summary>The token's audience isn't among those of the provider.</summary>
    Audience,

    /// <summary>The token's issuer isn't the provider's.</summary>
    Issuer,

    /// <summary>The token that was shown has ended.</summary>
    Ended,

    /// <summary>The identity may not act as the service account, or there is no such account.</summary>
    Impersonation,

    /// <summary>The API isn't switched on in the project.</summary>
    ApiDisabled,

    /// <summary>The key of a service account, or the account itself, isn't known any more.</summary>
    Key,

    /// <summary>The times of a signed assertion aren't those of Google's clock.</summary>
    Clock,
}

/// <summary>A token was refused. Google's own sentence is looked at and not kept: it may quote what was sent.</summary>
/// <param name="source">Who refused it.</param>
/// <param name="status">The HTTP status.</param>
internal sealed class GoogleTokenRefusal(GoogleTokenSource source, int status) : Exception("Google refused a token.")
{
    /// <summary>Who refused it.</summary>
    public GoogleTokenSource From => source;

    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>Google's code, a word such as <c>invalid_grant</c> or <c>PERMISSION_DENIED</c>; or null.</summary>
    public string? Code { get; private init; }

    /// <summary>Why.</summary>
    public GoogleRefusalCause Cause { get; private init; }

    /// <summary>How long Google asks to wait, or null.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Reads an answer that isn't a success: OAuth's form (<c>error</c>, <c>error_description</c>), or that of Google's
    /// APIs.</summary>
    /// <param name="source">Who answered.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="body">Its body.</param>
    /// <param name="shownHasEnded">Whether the token that was shown has ended by this machine's clock.</param>
    public static GoogleTokenRefusal Of(GoogleTokenSource source, HttpResponseMessage answer, byte[] body, bool shownHasEnded)
    {
        var (code, said, reason) = Read(body);
        return new GoogleTokenRefusal(source, (int)answer.StatusCode)
        {
            Code = code,
            Cause = CauseOf(source, code, said, reason) is var cause && cause == GoogleRefusalCause.Other
                && code == "invalid_grant" && shownHasEnded
                    ? GoogleRefusalCause.Ended
                    : cause,
            RetryAfter = answer.Headers.RetryAfter?.Delta,
        };
    }

    private static GoogleRefusalCause CauseOf(GoogleTokenSource source, string? code, string said, string reason)
    {
        return (source.Id, code) switch
        {
            _ when reason == "SERVICE_DISABLED" || Says("has not been used in project") => GoogleRefusalCause.ApiDisabled,
            ("google-sts", "invalid_target") => GoogleRefusalCause.NoProvider,
            ("google-sts", "unauthorized_client") => GoogleRefusalCause.Condition,
            ("google-sts", "invalid_grant") when Says("audience") => GoogleRefusalCause.Audience,
            ("google-sts", "invalid_grant") when Says("stale") || Says("expired") => GoogleRefusalCause.Ended,
            ("google-sts", "invalid_grant") when Says("issuer in") => GoogleRefusalCause.Issuer,
            ("google-iam-credentials", "PERMISSION_DENIED" or "NOT_FOUND") => GoogleRefusalCause.Impersonation,
            ("google-oauth", "invalid_grant") when Says("short-lived") => GoogleRefusalCause.Clock,
            ("google-oauth", "invalid_grant") when Says("expired or revoked") => GoogleRefusalCause.Ended,
            ("google-oauth", "invalid_grant") => GoogleRefusalCause.Key,
            _ => GoogleRefusalCause.Other,
        };

        bool Says(string words) => said.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    private static (string? Code, string Said, string Reason) Read(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("error", out var error))
                return (null, "", "");
            return error.ValueKind == JsonValueKind.Object
                ? (Word(Text(error, "status")), Text(error, "message"), Reason(error))
                : (Word(Text(root, "error")), Text(root, "error_description"), "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A proxy's page: the status has to do.
            return (null, "", "");
        }
    }

    private static string Reason(JsonElement error) =>
        error.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Array
            ? details.EnumerateArray().Where(each => each.ValueKind == JsonValueKind.Object).Select(each => Text(each, "reason"))
                .FirstOrDefault(reason => reason.Length > 0) ?? ""
            : "";

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string? Word(string code) =>
        code.Length is > 0 and <= 64 && code.All(letter => char.IsAsciiLetter(letter) || letter == '_') ? code : null;
}
