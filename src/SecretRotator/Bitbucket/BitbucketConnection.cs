using System.Net;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Refit;
using SecretRotator.Attestations;
using SecretRotator.Bitbucket.Api;
using SecretRotator.Bitbucket.Calls;
using SecretRotator.Bitbucket.Credentials;
using SecretRotator.CodeInsights;
using SecretRotator.Discovery;
using SecretRotator.Identity;
using SecretRotator.Inventory;
using SecretRotator.Settings;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Bitbucket;

/// <summary>One run's connection to Bitbucket: everything that calls it, under one credential and one call budget.</summary>
internal sealed class BitbucketConnection : IDisposable
{
    private const string ClientName = "bitbucket";
    private const string TokenClientName = "bitbucket-token";
    private const string StorageClientName = "bitbucket-storage";

    private readonly ServiceProvider _services;
    private readonly BitbucketAuthorization _authorization;
    private readonly CallPacer _pacer;
    private readonly IBitbucketApi _api;
    private readonly BitbucketCalls _calls;
    private readonly VariableAddresses _addresses;

    private BitbucketConnection(
        ServiceProvider services, BitbucketAuthorization authorization, CallPacer pacer, BitbucketCalls calls)
    {
        (_services, _authorization, _pacer, _calls) = (services, authorization, pacer, calls);
        _api = services.GetRequiredService<IBitbucketApi>();
        _addresses = new(_api, calls);
        Variables = new BitbucketVariables(_api, _addresses, calls);
        Repositories = new BitbucketRepositories(_api, calls);
        Pipelines = new BitbucketPipelines(_api, services.GetRequiredService<IHttpClientFactory>().CreateClient(StorageClientName), calls);
        InFlight = new BitbucketPipelineReader(_api, calls);
        Holders = new BitbucketHolders(_api, calls, new LocalProcesses());
    }

    /// <summary>The variables of every scope.</summary>
    public IVariableStore Variables { get; }

    /// <summary>Runs pipelines that prove what they see.</summary>
    public IPipelines Pipelines { get; }

    /// <summary>Lists pipelines that run.</summary>
    public IPipelineReader InFlight { get; }

    /// <summary>Tells whether the holder of a claim is alive.</summary>
    public IHolders Holders { get; }

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
    /// <param name="handler">What sends the requests, or null for the network. The connection disposes it.</param>
    /// <param name="waiting">Told when calls must wait for more than a few seconds, and how long, so that people can be told.</param>
    public static BitbucketConnection Create(
        BitbucketSettings settings,
        BitbucketCredential credential,
        RunLimits limits,
        IClock clock,
        TimeProvider time,
        IRandomSource random,
        Func<HttpMessageHandler>? handler = null,
        Action<TimeSpan>? waiting = null)
    {
        var pacer = new CallPacer(limits.BitbucketCallsPerHour, settings.Patience, time, random, waiting);
        BitbucketAuthorization? authorization = null;
        var services = new ServiceCollection();
        Configure(
            services.AddRefitGeneratedClient<IBitbucketApi>(_ => Refit(), ClientName),
            settings.Api,
            () => new TryHandler(settings.Api, authorization, pacer, settings.Patience.Attempt, time),
            handler);
        Configure(
            services.AddHttpClient(TokenClientName),
            settings.Token,
            () => new TryHandler(settings.Token, authorization: null, pacer: null, settings.Patience.Attempt, time),
            handler);
        Configure(
            services.AddHttpClient(StorageClientName),
            settings.Api,
            () => new TryHandler(home: null, authorization: null, pacer: null, settings.Patience.Attempt, time),
            handler);
        var provider = services.BuildServiceProvider();
        authorization = credential is BitbucketCredential.OAuthClient consumer
            ? new OAuthAuthorization(provider.GetRequiredService<IHttpClientFactory>().CreateClient(TokenClientName), settings.Token, consumer, time)
            : new LastingAuthorization(credential);
        var calls = new BitbucketCalls(pacer, settings.Patience, credential, authorization, clock, time, random);
        return new(provider, authorization, pacer, calls);
    }

    /// <summary>Claims in a home repository. The board belongs to the connection and may be asked for once for each run.</summary>
    public IClaimBoard Claims(VariableScope.Repository home) => new BitbucketClaimBoard(home, _api, _addresses, _calls);

    /// <summary>Schedules, with the records that a home repository keeps of them.</summary>
    public BitbucketSchedules Schedules(VariableScope.Repository home) => new(_api, _calls, new BitbucketScheduleRecords(home, _api, _addresses, _calls));

    /// <summary>Sees repositories, environments and the keys of variables.</summary>
    public IScopeReader Scopes => new BitbucketScopes(_api, _calls, _pacer, _addresses, Variables);

    /// <summary>Publishes reports on a commit.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="lost">Told why a report isn't there, or not whole.</param>
    public InsightPublisher Insights(CommitFacts commit, Action<string> lost) => new(_api, _calls, commit, lost);

    /// <inheritdoc />
    public void Dispose()
    {
        _services.Dispose();
        _authorization.Dispose();
        _pacer.Dispose();
    }

    private static RefitSettings Refit() => new(new SystemTextJsonContentSerializer(BitbucketJson.Default.Options))
    {
        ExceptionFactory = async response =>
            response.IsSuccessStatusCode ? null : new RefusedAnswer(response, await response.Content.ReadAsByteArrayAsync()),
        DeserializationExceptionFactory = (_, _) => new(new GarbledAnswer("it isn't the JSON that was to be expected")),
    };

    // Handlers live as long as the connection: pooled connections are renewed below instead.
    private static void Configure(IHttpClientBuilder builder, Uri address, Func<TryHandler> tries, Func<HttpMessageHandler>? handler) =>
        builder
            .ConfigureHttpClient(client =>
            {
                client.BaseAddress = address;
                client.Timeout = Timeout.InfiniteTimeSpan; // each try has its own limit
                client.DefaultRequestHeaders.Accept.ParseAdd("application/json");
                client.DefaultRequestHeaders.UserAgent.ParseAdd("SecretRotator");
            })
            .ConfigurePrimaryHttpMessageHandler(handler ?? (() => Network(address)))
            .AddHttpMessageHandler(tries)
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();

    private static SocketsHttpHandler Network(Uri address) => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        UseCookies = false,
        UseProxy = !address.IsLoopback,
    };
}
