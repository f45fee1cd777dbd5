using System.Collections.Concurrent;
using System.Net.Mime;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Sandbox.Hosting;

/// <summary>
/// One request and its answer: read it whole, wait for the latency, then under the lock name it, ask for faults, let
/// the emulator act and save; after that send, delay or lose the answer. An effect is saved before its answer leaves.
/// </summary>
/// <param name="store">The state.</param>
/// <param name="faults">The faults that are set.</param>
/// <param name="log">Gets every call.</param>
/// <param name="options">How the sandbox runs.</param>
/// <param name="clock">The times.</param>
/// <param name="ahead">How far the services' clock is ahead of the machine's.</param>
/// <param name="jobs">Runs what calls have started.</param>
/// <param name="time">Waits.</param>
internal sealed class Exchange(
    SandboxStore store,
    FaultRegistry faults,
    CallLog log,
    SandboxOptions options,
    SandboxTime clock,
    TimeSpan ahead,
    BackgroundJobs jobs,
    TimeProvider time) : IAsyncDisposable
{
    private static readonly SandboxAnswer Page = new(
        StatusCodes.Status200OK,
        MediaTypeNames.Text.Html,
        "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in to the guest network</h1>"u8.ToArray());

    private readonly CancellationTokenSource _ends = new();
    private readonly ConcurrentBag<Task> _late = [];

    /// <summary>A connection that ends without an answer.</summary>
    public static SandboxAnswer NoAnswer { get; } = new(0, null, []);

    /// <summary>A call arrives. Answers its depth.</summary>
    public int Begin() => log.Begin();

    /// <summary>Answers a request to an emulator.</summary>
    public async Task RunAsync(IEmulator emulator, HttpContext context)
    {
        var depth = Begin();
        var request = await ReadAsync(context, emulator.Tls);
        var call = new EmulatedCall(
            emulator,
            new CallName("unknown", request.Path),
            state => emulator.Identify(request, state),
            (state, at) => emulator.Answer(request, state, at),
            emulator.Trouble);
        if (await TakeAsync(call, depth, context.Connection.RemotePort, context.Connection.LocalPort) is { } answer)
            await SendAsync(answer, context);
        else
            context.Abort();
    }

    /// <summary>Takes a call, and gives the answer to send; null where the connection ends without one.</summary>
    /// <param name="call">The call.</param>
    /// <param name="depth">What <see cref="Begin"/> answered when it arrived.</param>
    /// <param name="client">The port that it came from.</param>
    /// <param name="server">The port that it came to.</param>
    public async Task<SandboxAnswer?> TakeAsync(EmulatedCall call, int depth, int client, int server)
    {
        // From here on a client that goes away changes nothing: a real service has the request and acts on it.
        if (options.Latency > TimeSpan.Zero)
            await Task.Delay(options.Latency, time);
        var (answer, fault) = await ActAsync(call, depth, held: null);
        if (fault?.Effect is FaultEffect.Hold hold)
        {
            // A client that goes away meanwhile changes nothing either: that is how a request lands late.
            if (!await faults.HoldAsync())
            {
                log.End(depth);
                return null;
            }

            if (hold.Before)
                (answer, _) = await ActAsync(call, depth, held: fault);
        }

        if (fault?.Effect is FaultEffect.Delay delay)
            await Task.Delay(delay.By, time);
        if (fault?.Effect is FaultEffect.Late late)
            _late.Add(LandAsync(call, fault, late.By));

        // Before the answer leaves: what its sender asks next has to come after it.
        log.End(depth);
        if (fault?.Effect is FaultEffect.Kill)
            Kill(client, server);
        return fault?.Effect is FaultEffect.Lost or FaultEffect.Kill || answer.Status == 0 ? null : answer;
    }

    /// <summary>Lets every call that is to take effect late take effect now.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        await Task.WhenAll(_late);
        _ends.Dispose();
    }

    private async Task LandAsync(EmulatedCall call, Fault fault, TimeSpan by)
    {
        await Task.Delay(by, time, _ends.Token)
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        var depth = log.Begin();
        await ActAsync(call, depth, held: fault);
        log.End(depth);
    }

    // A call that was held before its effect acts in a second go, with the fault that held it.
    private async Task<(SandboxAnswer Answer, Fault? Fault)> ActAsync(EmulatedCall call, int depth, Fault? held)
    {
        var (emulator, name) = (call.Service, call.Unnamed);
        try
        {
            var acted = await store.UseAsync(state =>
            {
                name = call.Identify(state);
                var fault = held ?? faults.Meet(emulator.Service, name);
                if (fault?.Effect is FaultEffect.Hold { Before: true } && held is null)
                    return ((NoAnswer, fault), false);
                var answer = fault?.Effect switch
                {
                    FaultEffect.Late when held is null => call.Trouble(StatusCodes.Status504GatewayTimeout),
                    FaultEffect.Kill { Before: true } => NoAnswer,
                    FaultEffect.Status status => call.Trouble(status.Code),
                    FaultEffect.Garbage => Page,
                    _ => call.Answer(state, Ahead(clock.At(state))),
                };
                var sent = fault?.Effect is FaultEffect.Lost or FaultEffect.Kill ? 0 : answer.Status;
                log.Add(emulator, name, depth, sent, fault?.Spec, defect: null);
                return ((answer, fault), answer.Changed);
            });
            if (acted.Item1.Starts is { } job)
                jobs.Start(job);
            return acted;
        }
        catch (Exception e)
        {
            // The sandbox's own mistake, or its folder's. The answer says so, so that it isn't taken for the real service's.
            var text = e is SandboxFailureException
                ? e.Message
                : $"The sandbox's {emulator.Listener} failed on {name.Operation}: {e.GetType().Name}. Its call log has the details.";
            log.Add(emulator, name, depth, StatusCodes.Status500InternalServerError, fault: null, defect: e.ToString());
            options.Note?.Invoke(text);
            return (new SandboxAnswer(
                StatusCodes.Status500InternalServerError, MediaTypeNames.Text.Plain, Encoding.UTF8.GetBytes(text)), null);
        }
    }

    private SandboxClock Ahead(SandboxClock at) => new(at.Now + ahead, at.Real + ahead);

    private void Kill(int client, int server)
    {
        if (!(options.KillClient ?? ClientProcess.Kill)(client, server))
            options.Note?.Invoke($"kill: no process of yours holds the connection from port {client}; the answer was dropped instead.");
    }

    private static async Task<SandboxRequest> ReadAsync(HttpContext context, bool tls)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);

        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (Uri.TryCreate(target, UriKind.Absolute, out var absolute) && absolute.Scheme.StartsWith("http", StringComparison.Ordinal))
            target = absolute.PathAndQuery;
        var question = target.IndexOf('?', StringComparison.Ordinal);

        return new SandboxRequest(
            context.Request.Method.ToUpperInvariant(),
            question < 0 ? target : target[..question],
            question < 0 ? "" : target[(question + 1)..],
            context.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal),
            context.Request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray(),
            new Uri($"{(tls ? "https" : "http")}://{context.Request.Host.Value}"));
    }

    private async Task SendAsync(SandboxAnswer answer, HttpContext context)
    {
        if (ahead != TimeSpan.Zero)
            context.Response.Headers.Date = (options.RealClock.GetCurrentInstant().ToDateTimeOffset() + ahead)
                .ToString("r", CultureInfo.InvariantCulture);
        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        if (answer.Status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
            return;
        context.Response.ContentType = answer.ContentType;
        context.Response.ContentLength = answer.Body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }
}

/// <summary>A call to an emulated service, whatever its protocol.</summary>
/// <param name="Service">The service.</param>
/// <param name="Unnamed">What it is called where it can't be identified.</param>
/// <param name="Identify">Its name for faults and the call log.</param>
/// <param name="Answer">Answers it, and changes the state as the real service would.</param>
/// <param name="Trouble">The answer that the real service gives with a status when it is unavailable.</param>
internal sealed record EmulatedCall(
    IEmulatedService Service,
    CallName Unnamed,
    Func<SandboxState, CallName> Identify,
    Func<SandboxState, SandboxClock, SandboxAnswer> Answer,
    Func<int, SandboxAnswer> Trouble);
