using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SecretRotator.Providers.Backends;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Sandbox;

/// <summary>
/// Serves emulators on loopback sockets, a port each, with faults, latency, a call log and a control listener.
/// </summary>
internal sealed class SandboxHost(
    WebApplication app,
    SandboxStore store,
    SandboxCertificates certificates,
    SandboxTime time,
    FaultRegistry faults,
    CallLog calls,
    Exchange exchange,
    BackgroundJobs jobs,
    ImmutableDictionary<string, Uri> endpoints,
    IReadOnlyList<(ServerAddress Server, Uri Address)> servers,
    IReadOnlyList<IRealServer> real) : IAsyncDisposable
{
    private const string ControlListener = "control";
    private const string ProxyListener = "proxy";
    private const int LargestBody = 4 * 1024 * 1024;
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);

    /// <summary>The state, for tests and for seeding.</summary>
    public SandboxStore Store => store;

    /// <summary>The faults that are set.</summary>
    public FaultRegistry Faults => faults;

    /// <summary>The calls so far.</summary>
    public CallLog Calls => calls;

    /// <summary>The time that secrets and variables live in.</summary>
    public IClock Clock => time;

    /// <summary>Both times, as that state has them.</summary>
    public SandboxClock TimeOf(SandboxState state) => time.At(state);

    /// <summary>The certificate authority that clients must trust, as PEM.</summary>
    public string AuthorityPem => certificates.AuthorityPem;

    /// <summary>The file that holds it, or null where the sandbox keeps no files.</summary>
    public string? AuthorityPath => certificates.AuthorityPath;

    /// <summary>Where the control listener answers.</summary>
    public Uri Control => endpoints[ControlListener];

    /// <summary>The proxy that clients must go through, or null.</summary>
    public Uri? Proxy => endpoints.GetValueOrDefault(ProxyListener);

    /// <summary>Where the servers answer that speak no HTTP.</summary>
    public IReadOnlyList<(ServerAddress Server, Uri Address)> Servers => servers;

    /// <summary>Where an emulator answers.</summary>
    /// <exception cref="KeyNotFoundException">No emulator has that listener.</exception>
    public Uri EndpointOf(string listener) => endpoints[listener];

    /// <summary>Starts a host over the state in the options' folder, or over a new state in memory.</summary>
    /// <param name="options">How to run.</param>
    /// <param name="emulators">What to serve; listeners are unique.</param>
    /// <param name="seed">Prepares the state before anything is served, and answers whether it changed it; null for nothing.</param>
    /// <param name="settings">What <c>GET /_sandbox/settings</c> shows, made when it is asked for; null for nothing.</param>
    /// <param name="servers">What to serve that speaks no HTTP; listeners are unique.</param>
    /// <param name="real">What runs beside it, with data in the options' folder.</param>
    /// <param name="cancellation">Stops the start.</param>
    /// <exception cref="SandboxFailureException">A fault can't be read, the folder or a port can't be used, or a real server doesn't
    /// start.</exception>
    public static async Task<SandboxHost> StartAsync(
        SandboxOptions options,
        IReadOnlyList<IEmulator> emulators,
        Func<SandboxState, bool>? seed = null,
        Func<SandboxHost, CancellationToken, Task<ImmutableSortedDictionary<string, string>>>? settings = null,
        IReadOnlyList<ISocketEmulator>? servers = null,
        IReadOnlyList<IRealServer>? real = null,
        CancellationToken cancellation = default)
    {
        servers ??= [];
        real ??= [];
        var board = new FaultRegistry();
        var (conditions, faults) = FaultSpec.Read(options.Faults);
        board.Add(faults);

        var folder = options.StateFolder is null ? null : new StateFolder(options.StateFolder, TimeProvider.System);
        var store = new SandboxStore(folder);
        if (options.Reset)
            await store.ClearAsync(cancellation);
        var time = new SandboxTime(options.RealClock);
        Task SeedAsync(CancellationToken cancelled) => store.UseAsync(
            state =>
            {
                var changed = seed?.Invoke(state) ?? false;
                time.Follow(state);
                return (true, changed);
            },
            cancelled);
        await SeedAsync(cancellation);
        var now = options.RealClock.GetCurrentInstant();
        var hosts = servers.Select(server => server.Server).Concat(real.Select(server => server.Server))
            .Select(server => server.Host).Distinct(StringComparer.Ordinal).ToImmutableArray();
        var certificates = folder is null
            ? SandboxCertificates.InMemory(now, hosts)
            : await SandboxCertificates.InAsync(folder, now, cancellation, hosts);

        var log = new CallLog();
        var jobs = new BackgroundJobs(store, board, TimeProvider.System, options.Note);
        var ahead = conditions.Contains(Condition.ClockSkew) ? Skew : TimeSpan.Zero;
        var exchange = new Exchange(store, board, log, options, time, ahead, jobs, TimeProvider.System);
        SandboxHost? host = null;

        // A held call is dropped: it belongs to the state that goes away.
        async Task ResetAsync()
        {
            board.Clear(goOn: false);
            await store.ClearAsync(CancellationToken.None);
            await SeedAsync(CancellationToken.None);
            log.Clear();
        }

        Task<ImmutableSortedDictionary<string, string>> SettingsAsync(CancellationToken cancelled) =>
            host is null || settings is null ? Task.FromResult(ImmutableSortedDictionary<string, string>.Empty) : settings(host, cancelled);
        var control = new ControlPages(store, board, log, time, SettingsAsync, ResetAsync);

        var listeners = new List<Listener> { new(ControlListener, Uri.UriSchemeHttp, control.AnswerAsync) };
        listeners.AddRange(emulators.Select(emulator => new Listener(
            emulator.Listener, emulator.Tls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, context => exchange.RunAsync(emulator, context))));
        if (conditions.Contains(Condition.ProxyRefuses))
            listeners.Add(new Listener(ProxyListener, Uri.UriSchemeHttp, RefusingProxy.AnswerAsync));
        listeners.AddRange(servers.Select(server => new Listener(server.Listener, "tcp", Answer: null)
        {
            Serve = async connection =>
            {
                await using var open = new SocketConnection(server, connection, exchange, certificates.Server);
                await open.ServeAsync();
            },
        }));
        var app = Build(listeners, certificates.Server, options.BasePort);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            await app.DisposeAsync();
            throw new SandboxFailureException(
                $"The sandbox can't listen on 127.0.0.1: {e.Message} Choose another --port, or leave it out.", e);
        }

        var bound = listeners.ToImmutableDictionary(listener => listener.Name, listener => listener.Endpoint, StringComparer.Ordinal);
        var addresses = servers.Select(server => (server.Server, bound[server.Listener])).ToList();
        host = new SandboxHost(app, store, certificates, time, board, log, exchange, jobs, bound, addresses, real);
        try
        {
            foreach (var server in real)
            {
                var port = await server.StartAsync(options.DataOf(server.Server)!, options.StateFolder!, store);
                addresses.Add((server.Server, new ServerAddress("127.0.0.1", port).AsUri()));
            }

            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops serving without waiting for answers: what took effect is saved. What a gateway held takes effect now.</summary>
    public async ValueTask DisposeAsync()
    {
        faults.Clear(goOn: false);
        await exchange.DisposeAsync();
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
        await jobs.DisposeAsync();
        foreach (var server in real)
            await server.DisposeAsync();
        certificates.Dispose();
        store.Dispose();
    }

    private static WebApplication Build(List<Listener> listeners, X509Certificate2 certificate, int basePort)
    {
        // Empty: no configuration from the environment, no log, and no hand on the process's signals, which belong to the rotator.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            foreach (var (listener, index) in listeners.Select((listener, index) => (listener, index)))
            {
                kestrel.Listen(IPAddress.Loopback, basePort == 0 ? 0 : basePort + index, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listener.Bound = listen;
                    if (listener.Serve is { } serve)
                    {
                        listen.Use(_ => serve);
                        return;
                    }

                    listen.Use(next => connection =>
                    {
                        connection.Features.Set(listener);
                        return next(connection);
                    });
                    if (listener.Scheme == Uri.UriSchemeHttps)
                        listen.UseHttps(certificate);
                });
            }
        });

        var app = builder.Build();
        app.Run(context => context.Features.GetRequiredFeature<Listener>().Answer!(context));
        return app;
    }

    /// <summary>A port and what answers on it: requests of HTTP, or connections of another protocol.</summary>
    private sealed record Listener(string Name, string Scheme, RequestDelegate? Answer)
    {
        public ConnectionDelegate? Serve { get; init; }

        public ListenOptions? Bound { get; set; }

        // Known once Kestrel has bound it.
        public Uri Endpoint => new($"{Scheme}://127.0.0.1:{Bound!.IPEndPoint!.Port}/");
    }

    /// <summary>Leaves SIGINT and SIGTERM alone: a rotator that is told to stop needs its emulators for the undo.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
