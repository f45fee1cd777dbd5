using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SecretRotator.Hosting;

namespace SecretRotator.Telemetry;

/// <summary>
/// Sends traces and metrics to a collector by OTLP over HTTP, with OpenTelemetry's library. The library is configured
/// from the variables that were read once, never from the process's environment, and reaches the network as everything else does.
/// </summary>
internal sealed class OtlpExport
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;
    private readonly TimeProvider _time;
    private string? _firstFailure;

    /// <summary>Begins to listen to the spans and instruments of this program.</summary>
    /// <param name="settings">Where they go.</param>
    /// <param name="handler">Makes the HTTP handlers.</param>
    /// <param name="inSandbox">Whether the command runs in the sandbox.</param>
    /// <param name="time">Limits the end.</param>
    public OtlpExport(TelemetrySettings settings, Func<HttpMessageHandler> handler, bool inSandbox, TimeProvider time)
    {
        _time = time;
        var resource = ResourceBuilder.CreateEmpty()
            .AddService("secret-rotator", serviceVersion: ProductVersion.Text)
            .AddAttributes(inSandbox ? [new("deployment.environment.name", "sandbox")] : [])
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
        if (settings.Traces is { } traces)
        {
            _traces = Sdk.CreateTracerProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(Configuration(settings, "TRACES")))
                .SetResourceBuilder(resource)
                .AddSource(RunTrace.SourceName)
                .AddOtlpExporter(options => Lead(options, traces, handler))
                .Build();
        }

        if (settings.Metrics is { } metrics)
        {
            _metrics = Sdk.CreateMeterProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(Configuration(settings, "METRICS")))
                .SetResourceBuilder(resource)
                .AddMeter(RunMeters.MeterName)
                .AddOtlpExporter(options => Lead(options, metrics, handler))
                .Build();
        }
    }

    /// <summary>Sends what is left. Answers why something may be missing there, or null.</summary>
    public async Task<string?> EndAsync()
    {
        var milliseconds = (int)Patience.TotalMilliseconds;
        var ends = Task.WhenAll(
            Task.Run(() => _traces?.Shutdown(milliseconds) ?? true),
            Task.Run(() => _metrics?.Shutdown(milliseconds) ?? true));
        var inTime = false;
        try
        {
            inTime = (await ends.WaitAsync(Patience, _time)).All(ended => ended);
        }
        catch (TimeoutException)
        {
            // Told below. The library's threads end with the process.
        }

        if (Volatile.Read(ref _firstFailure) is { } failure)
            return $"The telemetry isn't complete at its collector: {failure}.";
        return inTime
            ? null
            : $"The telemetry isn't complete at its collector: it took no more within {Patience.TotalSeconds:0} seconds.";
    }

    private static IConfiguration Configuration(TelemetrySettings settings, string signal)
    {
        var variables = settings.For(signal);
        // A run ends in seconds and rotates thousands: the usual 2,048 spans would overflow.
        variables.TryAdd("OTEL_BSP_MAX_QUEUE_SIZE", "32768");
        return new ConfigurationBuilder().AddInMemoryCollection(variables).Build();
    }

    private void Lead(OtlpExporterOptions options, Uri endpoint, Func<HttpMessageHandler> handler)
    {
        options.Endpoint = endpoint;
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.HttpClientFactory = () => new HttpClient(new NotingHandler(Note, handler()), disposeHandler: true)
        {
            Timeout = TimeSpan.FromMilliseconds(options.TimeoutMilliseconds),
        };
    }

    private void Note(string failure) => Interlocked.CompareExchange(ref _firstFailure, failure, null);
}
