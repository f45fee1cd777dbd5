using System.Net.Http.Headers;
using System.Security.Cryptography;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket.Credentials;

/// <summary>
/// Tokens of an OAuth consumer by the client-credentials grant. However many calls run, one at a time asks for a
/// token; a token is replaced before it ends, and once when Bitbucket refuses it.
/// </summary>
internal sealed class OAuthAuthorization(HttpClient client, Uri endpoint, BitbucketCredential.OAuthClient consumer, TimeProvider time)
    : BitbucketAuthorization
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan UndeclaredLifetime = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Lock _lock = new();
    private IssuedToken? _token;
    private int _generation;

    /// <inheritdoc />
    public override async ValueTask<(AuthenticationHeaderValue Header, int Generation)> ShowAsync(CancellationToken cancellation)
    {
        if (Current() is { } shown)
            return shown;
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            if (Current() is { } meanwhile)
                return meanwhile;
            var fresh = await AskAsync(cancellation);
            lock (_lock)
            {
                _token?.Text.Dispose();
                _token = fresh;
                _generation++;
                return (Bearer(fresh.Text), _generation);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc />
    public override bool Renew(int generation)
    {
        lock (_lock)
        {
            if (generation == _generation)
            {
                _token?.Text.Dispose();
                _token = null;
            }
            return true;
        }
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _token?.Text.Dispose();
        _oneAtATime.Dispose();
        client.Dispose();
    }

    private (AuthenticationHeaderValue Header, int Generation)? Current()
    {
        lock (_lock)
            return _token is { } token && time.GetElapsedTime(token.AskedAt) < token.UsableFor ? (Bearer(token.Text), _generation) : null;
    }

    private async Task<IssuedToken> AskAsync(CancellationToken cancellation)
    {
        try
        {
            return await PostAsync(cancellation);
        }
        catch (Exception e) when (FailedTry.From(e) is not null && !cancellation.IsCancellationRequested)
        {
            throw new NoToken(e);
        }
    }

    private async Task<IssuedToken> PostAsync(CancellationToken cancellation)
    {
        var askedAt = time.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
        {
            Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
        };
        request.Headers.Authorization = Basic(consumer.ClientId, consumer.ClientSecret);
        request.Options.Set(Shown, request.Headers.Authorization.Parameter!);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        try
        {
            return response.IsSuccessStatusCode
                ? Read(body, askedAt)
                : throw new RefusedAnswer(response, body);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    private static IssuedToken Read(byte[] body, long askedAt)
    {
        SecretValue? text = null;
        var lifetime = UndeclaredLifetime;
        try
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                if (reader.ValueTextEquals("access_token"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
                {
                    text?.Dispose();
                    text = SecretValue.FromUtf8(reader.ValueSpan); // tokens hold no character that JSON escapes
                }
                else if (reader.ValueTextEquals("expires_in"u8) && reader.Read() && reader.TryGetInt32(out var seconds) && seconds > 0)
                {
                    lifetime = TimeSpan.FromSeconds(seconds);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            text?.Dispose();
            throw new GarbledAnswer("Bitbucket's token endpoint answered with something that isn't the JSON of a token");
        }
        // A token that lives shorter than the margin allows is used for half of its life.
        return text is null
            ? throw new GarbledAnswer("Bitbucket's token endpoint answered without an access_token")
            : !IsShowable(text)
            ? throw new GarbledAnswer("Bitbucket's token endpoint answered with an access_token that is none")
            : new IssuedToken(text, askedAt, lifetime > 2 * Margin ? lifetime - Margin : lifetime / 2);
    }

    // What JSON escapes or HTTP refuses is no part of a token.
    private static bool IsShowable(SecretValue token)
    {
#pragma warning disable RS0030 // Looked at before it becomes a header, which would quote it in an exception.
        var isShowable = token.Reveal(
            0, static (
                _, utf8) => !utf8.IsEmpty && utf8.Span.IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0
                    && !utf8.Span.ContainsAny((byte)'"', (byte)'\\'));
#pragma warning restore RS0030
        if (!isShowable)
            token.Dispose();
        return isShowable;
    }

    private sealed record IssuedToken(SecretValue Text, long AskedAt, TimeSpan UsableFor);
}
