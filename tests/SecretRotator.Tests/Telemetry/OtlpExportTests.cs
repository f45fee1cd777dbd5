using SecretRotator.Telemetry;

namespace SecretRotator.Tests.Telemetry;

/// <summary>How long a run's end waits for its collector.</summary>
[Collection("telemetry")]
public sealed class OtlpExportTests
{
    [Fact]
    public async Task A_collector_that_takes_longer_than_five_seconds_is_left_in_the_end()
    {
        var time = new ManualTime();
        using var collector = new SilentCollector();
        var export = new OtlpExport(
            TelemetrySettings.Read(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] =
                "http://collector:4318"
            })!, () => collector, inSandbox: true, time);
        using (var trace = new RunTrace("plan", default))
            trace.End(ExitCode.Done);

        var end = export.EndAsync();
        time.Pass(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        end.IsCompleted.Should().BeFalse();
        time.Pass(TimeSpan.FromTicks(1));

        (await end).Should().Be("The telemetry isn't complete at its collector: it took no more within 5 seconds.");
    }

    /// <summary>Keeps every request until it is disposed.</summary>
    private sealed class SilentCollector : HttpMessageHandler
    {
        private readonly ManualResetEventSlim _over = new();

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _over.Wait(CancellationToken.None);
            return new HttpResponseMessage();
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(Send(request, cancellationToken));

        protected override void Dispose(bool disposing)
        {
            _over.Set();
            base.Dispose(disposing);
        }
    }
}
