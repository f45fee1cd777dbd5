using System.Diagnostics;

namespace SecretRotator.Telemetry;

/// <summary>
/// Where traces and metrics go, by the environment variables that OpenTelemetry defines for every program. The
/// program's own settings have no say in it.
/// </summary>
/// <param name="Traces">Where traces are POSTed to, or null for nowhere.</param>
/// <param name="Metrics">Where metrics are POSTed to, or null for nowhere.</param>
/// <param name="Parent">The span that the run belongs to, or none.</param>
/// <param name="Variables">All variables that begin with <c>OTEL_</c>, for the library.</param>
/// <param name="Problems">What is wrong with them. Nothing of it stops a run.</param>
internal sealed record TelemetrySettings(
    Uri? Traces, Uri? Metrics, ActivityContext Parent, ImmutableDictionary<string, string> Variables, ImmutableArray<string> Problems)
{
    /// <summary>The only supported protocol: it needs nothing but HTTP/1.1, which every proxy understands.</summary>
    public const string Protocol = "http/protobuf";

    private const string Exporter = "OTEL_EXPORTER_OTLP_";

    /// <summary>Reads them, or answers null where no endpoint is set or telemetry is switched off.</summary>
    public static TelemetrySettings? Read(IReadOnlyDictionary<string, string> environment)
    {
        if (environment.GetValueOrDefault("OTEL_SDK_DISABLED") is { } disabled
            && disabled.Equals("true", StringComparison.OrdinalIgnoreCase))
            return null;
        var problems = ImmutableArray.CreateBuilder<string>();
        var (traces, metrics) = (Endpoint(environment, "TRACES", problems), Endpoint(environment, "METRICS", problems));
        if (traces is null && metrics is null && problems.Count == 0)
            return null;
        return new TelemetrySettings(
            traces,
            metrics,
            ActivityContext.TryParse(
                environment.GetValueOrDefault("TRACEPARENT"), environment.GetValueOrDefault("TRACESTATE"), isRemote: true, out var parent)
                    ? parent
                    : default,
            environment.Where(variable => variable.Key.StartsWith("OTEL_", StringComparison.Ordinal))
                .ToImmutableDictionary(StringComparer.OrdinalIgnoreCase),
            problems.ToImmutable());
    }

    /// <summary>What the library is configured with for one signal: what is said for the signal alone goes before what is said for
    /// all.</summary>
    public Dictionary<string, string?> For(string signal)
    {
        var variables = Variables.ToDictionary(each => each.Key, each => (string?)each.Value, StringComparer.OrdinalIgnoreCase);
        foreach (var option in new[] { "HEADERS", "TIMEOUT" })
        {
            if (Variables.TryGetValue($"{Exporter}{signal}_{option}", out var own))
                variables[Exporter + option] = own;
        }

        variables[Exporter + "PROTOCOL"] = Protocol;
        variables.Remove(Exporter + "ENDPOINT");
        return variables;
    }

    // By OpenTelemetry's specification a signal's own address is used as it is, and the common one gets the signal's path.
    private static Uri? Endpoint(IReadOnlyDictionary<string, string> environment, string signal, ImmutableArray<string>.Builder problems)
    {
        if (environment.GetValueOrDefault($"OTEL_{signal}_EXPORTER") is { } exporter
            && !exporter.Equals("otlp", StringComparison.OrdinalIgnoreCase))
            return null;
        var own = environment.GetValueOrDefault($"{Exporter}{signal}_ENDPOINT");
        if ((own ?? environment.GetValueOrDefault($"{Exporter}ENDPOINT")) is not { } text)
            return null;
        var name = own is null ? $"{Exporter}ENDPOINT" : $"{Exporter}{signal}_ENDPOINT";
        if (!Uri.TryCreate(own ?? $"{text.TrimEnd('/')}/v1/{signal.ToLowerInvariant()}", UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            Add(problems, $"{name} is no http or https address, so nothing is sent there.");
            return null;
        }

        var protocol = environment.GetValueOrDefault($"{Exporter}{signal}_PROTOCOL") ?? environment.GetValueOrDefault($"{Exporter}PROTOCOL")
            ?? Protocol;
        if (protocol.Equals(Protocol, StringComparison.OrdinalIgnoreCase))
            return uri;
        Add(problems,
            $"{Exporter}PROTOCOL asks for another protocol than {Protocol}, the only supported one, so nothing is sent. Collectors take "
                + "it on port 4318 as a rule.");
        return null;
    }

    private static void Add(ImmutableArray<string>.Builder problems, string problem)
    {
        if (!problems.Contains(problem))
            problems.Add(problem);
    }
}
