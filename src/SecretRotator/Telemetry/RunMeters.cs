using System.Diagnostics.Metrics;
using SecretRotator.Evidence;
using SecretRotator.Planning;
using SecretRotator.Rotation;

namespace SecretRotator.Telemetry;

/// <summary>What a command measures, by OpenTelemetry's conventions. docs/observability.md explains each to people.</summary>
internal sealed class RunMeters : IEvidenceLog, IDisposable
{
    /// <summary>The name of the meter that the instruments belong to.</summary>
    public const string MeterName = "SecretRotator";

    private const string ErrorType = "error.type";

    private readonly Meter _meter = new(MeterName, Hosting.ProductVersion.Text);
    private readonly KeyValuePair<string, object?> _command;
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private readonly Counter<long> _rotations;
    private readonly Counter<long> _failures;
    private readonly Gauge<double> _oldestAge;
    private readonly Counter<long> _bitbucketCalls;
    private readonly Counter<long> _bitbucketThrottled;
    private readonly Counter<long> _vaultCalls;
    private readonly Histogram<double> _duration;

    /// <summary>Begins to measure a command.</summary>
    public RunMeters(string command)
    {
        _command = new("secret_rotator.command", command);
        _rotations = _meter.CreateCounter<long>(
            "secret_rotator.rotations", "{rotation}", "Rotations that were started, by how they ended.");
        _failures = _meter.CreateCounter<long>("secret_rotator.failures", "{rotation}", "Rotations that failed, put back or not.");
        _oldestAge = _meter.CreateGauge<double>(
            "secret_rotator.oldest_age", "s", "The age of the oldest value among the secrets that were planned.");
        _bitbucketCalls = _meter.CreateCounter<long>(
            "secret_rotator.bitbucket.calls", "{call}", "Calls of Bitbucket's API, each try counted.");
        _bitbucketThrottled = _meter.CreateCounter<long>(
            "secret_rotator.bitbucket.throttled", "{call}", "Calls that Bitbucket answered with 429.");
        _vaultCalls = _meter.CreateCounter<long>(
            "secret_rotator.vault.calls", "{call}", "Requests to vaults and to the services that identify us for them, each try counted.");
        _duration = _meter.CreateHistogram<double>("secret_rotator.run.duration", "s", "How long a command took.");
        // A series that isn't there can't be alerted on.
        foreach (var outcome in new[] { "rolled-back", "needs-operator" })
            _failures.Add(0, _command, new(ErrorType, outcome));
    }

    /// <inheritdoc />
    public void Append(EvidenceRecord record)
    {
        if (record is not EvidenceRecord.Ended ended || ended.Outcome is RotationOutcome.Untouched)
            return;
        var word = WireNames.Of(ended.Outcome);
        _rotations.Add(1, _command, new("secret_rotator.outcome", word));
        if (ended.Outcome is RotationOutcome.RolledBack { Cancelled: false } or RotationOutcome.NeedsOperator)
            _failures.Add(1, _command, new(ErrorType, word));
    }

    /// <summary>Measures the oldest value of a plan.</summary>
    public void Planned(RotationPlan plan)
    {
        if (OldestAge(plan) is { } age)
            _oldestAge.Record(age.TotalSeconds, _command);
    }

    /// <summary>Counts calls.</summary>
    public void Called(CallsMade calls)
    {
        _bitbucketCalls.Add(calls.Bitbucket, _command);
        _bitbucketThrottled.Add(calls.Throttled, _command);
        _vaultCalls.Add(calls.Vault, _command);
    }

    /// <summary>Measures how long it took.</summary>
    public void End(ExitCode exitCode) =>
        _duration.Record(TimeProvider.System.GetElapsedTime(_began).TotalSeconds, _command, new("process.exit.code", (int)exitCode));

    public void Dispose() => _meter.Dispose();

    // A plan tells when a value becomes due, and the policy how long before that it came to be. Months of different
    // lengths make that inexact by a day or three, which no alert on an age depends on.
    // A clock that runs a little ahead makes no negative age.
    private static Duration? OldestAge(RotationPlan plan) =>
        plan.Items.Min(item => item.ValueSince) is { } oldest ? Duration.Max(Duration.Zero, plan.PlannedAt - oldest) : null;
}
