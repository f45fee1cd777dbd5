namespace SecretRotator.Providers.Google;

/// <summary>A service of Google answered with something else than what the call is for.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">Google's own status such as <c>FAILED_PRECONDITION</c>, a word; or null.</param>
/// <param name="reason">The reason in the details such as <c>SERVICE_DISABLED</c>, a word; or null.</param>
/// <param name="permission">The permission that is missing, where it is told; or null.</param>
/// <param name="retryAfter">How long it asks to wait, or null.</param>
internal sealed class GoogleRefusal(int status, string? code, string? reason, string? permission, TimeSpan? retryAfter)
    : Exception("Google refused a call.")
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>Google's own status, or null.</summary>
    public string? Code => code;

    /// <summary>The reason in the details, or null.</summary>
    public string? Reason => reason;

    /// <summary>The permission that is missing, or null.</summary>
    public string? Permission => permission;

    /// <summary>How long Google asks to wait, or null.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Reads an answer that isn't a success.</summary>
    public static async Task<GoogleRefusal> OfAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        GoogleErrorEntry? error = null;
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
            error = (await JsonSerializer.DeserializeAsync(body, SecretManagerJson.Default.GoogleError, cancellation))?.Error;
        }
        catch (JsonException)
        {
            // A proxy's page: the status has to do.
        }

        var info = error?.Details?.FirstOrDefault(detail => detail?.Reason is not null);
        return new GoogleRefusal(
            (int)answer.StatusCode, Word(error?.Status), Word(info?.Reason), NameOf(info?.Metadata?.GetValueOrDefault("permission")),
            answer.Headers.RetryAfter?.Delta);
    }

    // Anything else might be what was sent.
    private static string? Word(string? text) =>
        text is { Length: > 0 and <= 60 } && text.All(letter => char.IsAsciiLetterUpper(letter) || letter == '_') ? text : null;

    private static string? NameOf(string? permission) =>
        permission is { Length: <= 60 } && permission.StartsWith("secretmanager.", StringComparison.Ordinal)
        && permission.All(letter => char.IsAsciiLetterLower(letter) || letter == '.')
            ? permission
            : null;
}
