using SecretRotator.Evidence;
using SecretRotator.Log;
using SecretRotator.Planning;
using SecretRotator.Providers.Http;
using SecretRotator.Settings;

namespace SecretRotator.Telemetry;

/// <summary>
/// A command's trace and metrics, where someone collects them. Fed from the evidence, as the log is, so that they
/// can't disagree. Whatever goes wrong here is a notice in the log: it neither fails nor holds up a run.
/// </summary>
internal sealed class RunTelemetry : IEvidenceLog
{
    private readonly Collecting? _collecting;
    private readonly RunLog _log;

    private RunTelemetry(Collecting? collecting, RunLog log) => (_collecting, _log) = (collecting, log);

    /// <summary>Tells no one anything.</summary>
    public static RunTelemetry None { get; } = new(null, RunLog.Silent);

    /// <summary>Begins to collect, where the environment says where it should go. Otherwise nothing of the library is touched.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="command">The command.</param>
    /// <param name="inSandbox">Whether it runs in the sandbox.</param>
    /// <param name="log">For what goes wrong.</param>
    public static RunTelemetry Open(RotatorSettings settings, string command, bool inSandbox, RunLog log)
    {
        if (settings.Telemetry is not { } telemetry)
            return None;
        foreach (var problem in telemetry.Problems)
            log.TelemetryLost(problem);
        if (telemetry is { Traces: null, Metrics: null })
            return None;
        try
        {
            var network = Network.Open(settings.CaBundle, settings.Proxies);
            var export = new OtlpExport(telemetry, network.Handler, inSandbox, TimeProvider.System);
            return new RunTelemetry(
                new Collecting(network, export, new RunMeters(command), new RunTrace(command, telemetry.Parent)), log);
        }
        catch (Exception exception) when (!Debugging.IsFatal(exception))
        {
            log.TelemetryLost(
                $"Neither traces nor metrics are collected: the library refuses the OTEL_ variables ({exception.GetType().Name}).");
            return None;
        }
    }

    /// <inheritdoc />
    public void Append(EvidenceRecord record) => Tell(collecting =>
    {
        collecting.Trace.Append(record);
        collecting.Meters.Append(record);
    });

    /// <summary>Takes from a plan what is measured: how old the oldest value is.</summary>
    public void Planned(RotationPlan plan) => Tell(collecting => collecting.Meters.Planned(plan));

    /// <summary>Counts calls that were made.</summary>
    public void Called(CallsMade calls) => Tell(collecting => collecting.Meters.Called(calls));

    /// <summary>Ends the command's span and sends the rest, within a few seconds.</summary>
    public async Task EndAsync(ExitCode exitCode)
    {
        if (_collecting is null)
            return;
        Tell(collecting =>
        {
            collecting.Trace.End(exitCode);
            collecting.Meters.End(exitCode);
        });
        if (await _collecting.Export.EndAsync() is { } why)
            _log.TelemetryLost(why);
        _collecting.Dispose();
    }

    // A listener's mistake must not end a rotation in the middle.
    private void Tell(Action<Collecting> tell)
    {
        if (_collecting is null)
            return;
        try
        {
            tell(_collecting);
        }
        catch (Exception exception) when (!Debugging.IsFatal(exception))
        {
            _log.Failed(exception);
        }
    }

    private sealed record Collecting(Network Network, OtlpExport Export, RunMeters Meters, RunTrace Trace) : IDisposable
    {
        public void Dispose()
        {
            Trace.Dispose();
            Meters.Dispose();
            Network.Dispose();
        }
    }
}

/// <summary>How many calls were made, each try counted.</summary>
/// <param name="Bitbucket">Calls of Bitbucket's API.</param>
/// <param name="Throttled">Those of them that were answered with 429.</param>
/// <param name="Vault">Requests to vaults, and to the services that identify us for them.</param>
internal readonly record struct CallsMade(long Bitbucket, long Throttled, long Vault);
