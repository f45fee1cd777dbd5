namespace SecretRotator.Doctor.BitbucketAccess;

/// <summary>
/// What the headers of Bitbucket's answers tell of the credential: its scopes (<c>X-OAuth-Scopes</c>), its kind
/// (<c>X-Credential-Type</c>) and its call limit (<c>X-RateLimit-Limit</c>, <c>X-RateLimit-NearLimit</c>). Atlassian
/// describes only the last ones (https://support.atlassian.com/bitbucket-cloud/docs/api-request-limits/), so each may be missing.
/// </summary>
internal sealed class AnswerNotes
{
    private const int MostScopes = 50;
    private const int LongestWord = 60;

    // Calls run side by side. Who reads has awaited them.
    private readonly Lock _lock = new();

    /// <summary>The credential's scopes, or null where no answer told them.</summary>
    public ImmutableSortedSet<string>? Scopes { get; private set; }

    /// <summary>The credential's kind in Bitbucket's words, such as <c>workspace_access_token</c>, or null.</summary>
    public string? Kind { get; private set; }

    /// <summary>Calls that the credential may make in an hour, or null.</summary>
    public int? Limit { get; private set; }

    /// <summary>Whether few of them are left, or null.</summary>
    public bool? NearLimit { get; private set; }

    /// <summary>Makes the handler that notes what passes.</summary>
    public HttpMessageHandler Over(HttpMessageHandler inner) => new Noting(this, inner);

    private void Note(HttpResponseMessage answer)
    {
        lock (_lock)
        {
            if (Header(answer, "X-OAuth-Scopes") is { } scopes && Words(scopes) is { IsEmpty: false } words)
                Scopes = words;
            if (Header(answer, "X-Credential-Type") is { } kind && IsWord(kind))
                Kind = kind;
            if (int.TryParse(Header(answer, "X-RateLimit-Limit"), NumberStyles.None, CultureInfo.InvariantCulture, out var limit))
                Limit = limit;
            if (bool.TryParse(Header(answer, "X-RateLimit-NearLimit"), out var near))
                NearLimit = near;
        }
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    private static ImmutableSortedSet<string> Words(string text) =>
        text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(IsWord)
            .Take(MostScopes)
            .ToImmutableSortedSet(StringComparer.Ordinal);

    // Whatever answers in Bitbucket's place may repeat what it was shown: only what looks like a scope is passed on.
    private static bool IsWord(string text) =>
        text.Length is > 0 and <= LongestWord && text.All(letter => char.IsAsciiLetterLower(letter) || letter is ':' or '_' or '-');

    private sealed class Noting(AnswerNotes notes, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            notes.Note(answer);
            return answer;
        }
    }
}
