using System.Diagnostics;
using SecretRotator.Telemetry;

namespace SecretRotator.Tests.Telemetry;

/// <summary>What the variables that OpenTelemetry defines come to.</summary>
public sealed class TelemetrySettingsTests
{
    [Fact]
    public void Without_an_endpoint_there_is_no_telemetry() => Read(("OTEL_SERVICE_NAME", "x"), ("TRACEPARENT", "x")).Should().BeNull();

    [Fact]
    public void It_can_be_switched_off() =>
        Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), ("OTEL_SDK_DISABLED", "TRUE")).Should().BeNull();

    [Theory]
    [InlineData("http://collector:4318")]
    [InlineData("http://collector:4318/")]
    public void The_common_endpoint_gets_each_signal_s_path(string endpoint)
    {
        var settings = Read(("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint))!;

        settings.Traces.Should().Be(new Uri("http://collector:4318/v1/traces"));
        settings.Metrics.Should().Be(new Uri("http://collector:4318/v1/metrics"));
    }

    [Fact]
    public void A_signal_s_own_endpoint_is_used_as_it_is()
    {
        var settings = Read(("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://traces.example/in"))!;

        settings.Traces.Should().Be(new Uri("https://traces.example/in"));
        settings.Metrics.Should().BeNull();
    }

    [Fact]
    public void One_signal_can_be_left_out() =>
        Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), ("OTEL_METRICS_EXPORTER", "none"))!.Metrics.Should().BeNull();

    [Fact]
    public void A_signal_s_own_headers_go_before_the_common_ones()
    {
        var settings = Read(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=1"),
            ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "a=2"))!;

        settings.For("TRACES")["OTEL_EXPORTER_OTLP_HEADERS"].Should().Be("a=1");
        settings.For("METRICS")["OTEL_EXPORTER_OTLP_HEADERS"].Should().Be("a=2");
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://collector")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]
    public void What_is_wrong_is_named_and_sends_nothing(string variable, string value)
    {
        var settings = TelemetrySettings.Read(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] =
                "http://collector:4318",
                [variable] = value
            })!;

        settings.Should().BeEquivalentTo(new { Traces = (Uri?)null, Metrics = (Uri?)null });
        settings.Problems.Should().ContainSingle().Which.Should().Contain(variable).And.NotContain("collector");
    }

    [Fact]
    public void The_parent_comes_from_the_environment()
    {
        var settings = Read(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
            ("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))!;

        settings.Parent.TraceId.ToHexString().Should().Be("0af7651916cd43dd8448eb211c80319c");
        settings.Parent.IsRemote.Should().BeTrue();
    }

    [Fact]
    public void A_parent_that_is_none_is_left_out() =>
        Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), ("TRACEPARENT", "nonsense"))!.Parent.Should()
            .Be(default(ActivityContext));

    private static TelemetrySettings? Read(params (string Name, string Value)[] variables) =>
        TelemetrySettings.Read(variables.ToDictionary(each => each.Name, each => each.Value, StringComparer.Ordinal));
}
