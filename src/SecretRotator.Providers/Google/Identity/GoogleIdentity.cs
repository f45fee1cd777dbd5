using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Google.Identity;

/// <summary>
/// Who the tool is at Google: in a pipeline the identity that the step's token is exchanged for, elsewhere that of the application default
/// credentials; acting as a service account where the settings name one.
/// </summary>
/// <remarks>
/// A token is asked for when it is first needed and again five minutes before it ends. Where that fails, because the step outlived its own
/// token, what is left of the old one is used up first: an undo may need it.
/// </remarks>
internal sealed class GoogleIdentity : IGoogleAccessTokens, IDisposable
{
    private const string StepTokenType = "urn:ietf:params:oauth:token-type:jwt";

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly GoogleSettings _settings;
    private readonly HttpClient _http;
    private readonly GoogleTokenCalls _calls;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private GoogleToken? _token;
    private DateTimeOffset _askAgain;

    /// <summary>Nothing is asked before the first token.</summary>
    /// <param name="settings">How Google is reached, and as whom.</param>
    /// <param name="handler">Makes the HTTP handler of all calls.</param>
    /// <param name="random">For jitter.</param>
    /// <param name="time">Tells when a token ends.</param>
    public GoogleIdentity(GoogleSettings settings, Func<HttpMessageHandler> handler, IRandomSource random, TimeProvider time)
    {
        _settings = settings;
        _http = BufferedResponseHandler.ClientOver(new BufferedResponseHandler(handler(), AnswerLimit, time));
        _calls = new GoogleTokenCalls(settings, _http, random, time);
        _time = time;
    }

    /// <inheritdoc />
    public string? QuotaProject => _token?.QuotaProject;

    /// <inheritdoc />
    public Task<string> GetAsync(string? refused, CancellationToken cancellation) =>
#pragma warning disable RS0030 // A header is a string, whatever we do.
        UseAsync(token => token.Text.RevealText(), refused, cancellation);
#pragma warning restore RS0030

    /// <summary>Whose token it is, for people.</summary>
    /// <exception cref="RemoteFailureException">There is none.</exception>
    public Task<string> HolderAsync(CancellationToken cancellation) => UseAsync(token => token.Holder, refused: null, cancellation);

    /// <inheritdoc />
    public void Dispose()
    {
        _token?.Dispose();
        _http.Dispose();
        _gate.Dispose();
    }

    private async Task<T> UseAsync<T>(Func<GoogleToken, T> use, string? refused, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (refused is not null && _token is not null && IsThat(_token, refused))
            {
                _token.Dispose();
                _token = null;
            }

            return use(await CurrentAsync(cancellation));
        }
        finally
        {
            _gate.Release();
        }
    }

    private static bool IsThat(GoogleToken token, string text)
    {
        using var other = SecretValue.FromText(text);
        return token.Text.FixedTimeEquals(other);
    }

    private async Task<GoogleToken> CurrentAsync(CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        if (_token is not null && now < _askAgain)
            return _token;
        try
        {
            var fresh = await AskAsync(cancellation);
            _token?.Dispose();
            _token = fresh;

            // The metadata server hands out tokens that end soon: such a one is used for half of its life.
            var life = fresh.Ends - now;
            _askAgain = now + (life > 2 * Early ? life - Early : life / 2);
            return fresh;
        }
        catch (RemoteFailureException) when (_token is not null && now < _token.Ends - Pause)
        {
            _askAgain = now + Pause;
            return _token;
        }
    }

    private async Task<GoogleToken> AskAsync(CancellationToken cancellation)
    {
        var own = await OwnAsync(cancellation);
        if (_settings.ServiceAccount is not { } account)
            return own;
        using (own)
            return await _calls.ImpersonateAsync(own, account, delegates: null, cancellation);
    }

    private Task<GoogleToken> OwnAsync(CancellationToken cancellation)
    {
        if (_settings is { WorkloadIdentityProvider: { } provider, StepToken: { } token })
            return _calls.ExchangeAsync($"//iam.googleapis.com/{provider}", StepTokenType, token, cancellation);
        if (_settings is { WorkloadIdentityProvider: not null, InPipeline: true })
            throw GoogleIdentityFailures.None(
                "this step has no token (BITBUCKET_STEP_OIDC_TOKEN isn't set)",
                "Set `oidc: true` on this step in bitbucket-pipelines.yml.");
        if (GoogleCredentialsFile.PathIn(_settings) is { } path)
            return new GoogleCredentialsFile(path, _calls, _time).TokenAsync(cancellation);
        return _settings.MetadataServer is { } server ? OfMachineAsync(server, cancellation) : throw Nothing();
    }

    private async Task<GoogleToken> OfMachineAsync(Uri server, CancellationToken cancellation)
    {
        try
        {
            return await _calls.OfMachineAsync(server, cancellation);
        }
        catch (RemoteFailureException failure) when (failure.InnerException is not GoogleTokenRefusal)
        {
            throw Nothing();
        }
    }

    private RemoteFailureException Nothing() => GoogleIdentityFailures.None(
        "no credentials were found, and this is no machine of Google's",
        _settings.InPipeline
            ? "Set google.workloadIdentityProvider, and `oidc: true` on the step; docs/google.md shows how to make the provider."
            : "Log in with `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS.");
}
