using System.Net;
using Refit;
using SecretRotator.Attestations;
using SecretRotator.Bitbucket;
using SecretRotator.Discovery;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>One run's connection to Bitbucket: everything that calls it, under one credential and one call budget.</summary>
internal sealed class BitbucketConnection : IDisposable
{
    private readonly ImmutableArray<HttpClient> _clients;
    private readonly BitbucketAuthorization _authorization;
    private readonly CallPacer _pacer;
    private readonly IBitbucketApi _api;
    private readonly BitbucketCalls _calls;
    private readonly VariableAddresses _addresses;

    private BitbucketConnection(
        HttpClient api, HttpClient token, HttpClient storage, BitbucketAuthorization authorization, CallPacer pacer, BitbucketCalls calls)
    {
        (_clients, _authorization, _pacer, _calls) = ([api, token, storage], authorization, pacer, calls);
        _api = RestService.ForGenerated<IBitbucketApi>(api, Refit());
        _addresses = new(_api, calls);
        Variables = new BitbucketVariables(_api, _addresses, calls);
        Repositories = new BitbucketRepositories(_api, calls);
        Pipelines = new BitbucketPipelines(_api, storage, calls);
        InFlight = new BitbucketPipelineReader(_api, calls);
        DeployKeys = new BitbucketDeployKeys(_api, calls, authorization, api.BaseAddress!);
        Holders = new BitbucketHolders(_api, calls, new LocalProcesses());
        PullRequests = new BitbucketPullRequests(_api, calls);
    }

    /// <summary>The variables of every scope.</summary>
    public IVariableStore Variables { get; }

    /// <summary>Runs pipelines that prove what they see.</summary>
    public IPipelines Pipelines { get; }

    /// <summary>Lists pipelines that run.</summary>
    public IPipelineReader InFlight { get; }

    /// <summary>The deploy keys of repositories.</summary>
    public BitbucketDeployKeys DeployKeys { get; }

    /// <summary>Tells whether the holder of a claim is alive.</summary>
    public IHolders Holders { get; }

    /// <summary>Comments on pull requests.</summary>
    public BitbucketPullRequests PullRequests { get; }

    /// <summary>Tells which repositories there are, and which of them run pipelines.</summary>
    public BitbucketRepositories Repositories { get; }

    /// <summary>Calls made so far, each try counted.</summary>
    public long CallsMade => _pacer.Calls;

    /// <summary>Answers so far that said "too many calls" (429).</summary>
    public long CallsThrottled => _pacer.Throttled;

    /// <summary>
    /// Calls that could begin now without waiting for the hourly budget; a reserve for undoing is kept on top. A
    /// rotation should begin only if this covers its calls and those of its undo.
    /// </summary>
    public int CallsLeft => _pacer.CallsLeft;

    /// <summary>Composes a connection. It makes no call yet.</summary>
    /// <param name="settings">Addresses and patience.</param>
    /// <param name="credential">The credential; the caller keeps it until the connection is disposed, then wipes it.</param>
    /// <param name="limits">For the hourly call budget.</param>
    /// <param name="clock">For reading a Retry-After that is a date.</param>
    /// <param name="time">For waiting and for time limits.</param>
    /// <param name="random">For jitter.</param>
    /// <param name="handler">Makes what sends the requests. The connection disposes it.</param>
    /// <param name="waiting">Told when calls must wait for more than a few seconds, and how long, so that people can be told.</param>
    public static BitbucketConnection Create(
        BitbucketSettings settings,
        BitbucketCredential credential,
        RunLimits limits,
        IClock clock,
        TimeProvider time,
        IRandomSource random,
        Func<HttpMessageHandler> handler,
        Action<TimeSpan>? waiting = null)
    {
        var pacer = new CallPacer(limits.BitbucketCallsPerHour, settings.Patience, time, random, waiting);
        var token = Client(Way(), settings.Token);
        BitbucketAuthorization authorization = credential is BitbucketCredential.OAuthClient consumer
            ? new OAuthAuthorization(token, settings.Token, consumer, time)
            : new LastingAuthorization(credential);
        return new(
            Client(new AuthorizationHandler(settings.Api, authorization, pacer, Way()), settings.Api),
            token,
            Client(Way(), settings.Api),
            authorization,
            pacer,
            new BitbucketCalls(pacer, settings.Patience, credential, authorization, clock, time, random));

        BufferedResponseHandler Way() => new(handler(), settings.Patience.Attempt, time);

        static HttpClient Client(DelegatingHandler way, Uri address)
        {
            var client = BufferedResponseHandler.ClientOver(way);
            client.BaseAddress = address;
            client.DefaultRequestHeaders.Add("Accept", "application/json");
            client.DefaultRequestHeaders.Add("User-Agent", "SecretRotator");
            return client;
        }
    }

    /// <summary>Claims in a home repository. The board belongs to the connection and may be asked for once for each run.</summary>
    public ILockStore Claims(VariableScope.Repository home) => new BitbucketLockStore(home, _api, _calls);

    /// <summary>Schedules, with the records that a home repository keeps of them.</summary>
    public BitbucketSchedules Schedules(VariableScope.Repository home) => new(home, _api, _calls);

    /// <summary>Sees repositories, environments and the keys of variables.</summary>
    public IScopeReader Scopes => new BitbucketScopes(_api, _calls, _pacer, _addresses, Variables);

    /// <summary>Whether administrators alone may deploy to an environment; null where Bitbucket doesn't tell.</summary>
    /// <exception cref="RemoteFailureException">There is no such environment, or the environments can't be listed.</exception>
    public Task<bool?> IsForAdministratorsAsync(VariableScope.Environment environment, CancellationToken cancellation) =>
        _addresses.IsForAdministratorsAsync(environment, cancellation);

    /// <summary>Publishes reports on a commit.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="lost">Told why a report isn't there, or not whole.</param>
    public InsightPublisher Insights(CommitFacts commit, Action<string> lost) => new(_api, _calls, commit, lost);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var client in _clients)
            client.Dispose();
        _authorization.Dispose();
        _pacer.Dispose();
    }

    private static RefitSettings Refit() => new(new SystemTextJsonContentSerializer(BitbucketJson.Default.Options))
    {
        ExceptionFactory = async response =>
            !response.IsSuccessStatusCode ? new RefusedAnswer(response, await response.Content.ReadAsByteArrayAsync())
            // A server that answers a deletion with a page, a sign-in for example, has deleted nothing.
            : response.RequestMessage?.Method == HttpMethod.Delete && response.StatusCode != HttpStatusCode.NoContent
            ? new GarbledAnswer("a deletion is answered with 204")
            : null,
        DeserializationExceptionFactory = (_, _) => new(new GarbledAnswer("it isn't the JSON that was to be expected")),
    };
}
