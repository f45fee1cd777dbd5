namespace SecretRotator.Providers.Backends.Entra;

/// <summary>Graph answered with something else than what the call is for.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">Graph's own code, or null.</param>
/// <param name="retryAfter">How long it asks to wait, or null.</param>
internal sealed class GraphRefusal(int status, string? code, TimeSpan? retryAfter) : Exception("Microsoft Graph refused a call.")
{
    /// <summary>The code for one secret too many.</summary>
    public const string TooMany = "TooManyAppPasswords";

    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>Graph's own code, a word; or null.</summary>
    public string? Code => code;

    /// <summary>How long Graph asks to wait, or null.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Reads an answer that isn't a success.</summary>
    public static async Task<GraphRefusal> OfAsync(HttpResponseMessage answer)
    {
        string? code = null;
        try
        {
            code = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(), GraphJson.Default.GraphError)?.Error?.Code;
        }
        catch (JsonException)
        {
            // A proxy's page: the status has to do.
        }

        var isWord = code is { Length: > 0 and <= 80 } && code.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
        return new GraphRefusal((int)answer.StatusCode, isWord ? code : null, answer.Headers.RetryAfter?.Delta);
    }
}

/// <summary>There is no token to show, so the call itself was never sent.</summary>
internal sealed class NoGraphTokenException(Exception cause) : Exception("There is no token for Microsoft Graph.", cause);
