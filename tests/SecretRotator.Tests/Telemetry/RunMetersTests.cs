using System.Diagnostics.Metrics;
using SecretRotator.Evidence;
using SecretRotator.Rotation;
using SecretRotator.Telemetry;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Telemetry;

/// <summary>What evidence and plans become as numbers.</summary>
[Collection("telemetry")]
public sealed class RunMetersTests : IDisposable
{
    private readonly List<(string Name, double Value, string Tags)> _measured = [];
    private readonly MeterListener _listener = new()
    {
        InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument),
    };
    private readonly RunMeters _meters;

    public RunMetersTests()
    {
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();
        _meters = new RunMeters("rotate");
        _measured.Clear();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void Every_outcome_but_untouched_is_a_rotation()
    {
        foreach (var outcome in Samples.Outcomes)
            _meters.Append(new EvidenceRecord.Ended(Samples.Now, "payments-db", null, outcome));

        Of("secret_rotator.rotations").Select(each => each.Tags).Should().BeEquivalentTo(
            Samples.Outcomes.Where(outcome => outcome is not RotationOutcome.Untouched)
                .Select(outcome => $"secret_rotator.command=rotate secret_rotator.outcome={WireNames.Of(outcome)}"));
    }

    [Fact]
    public void A_rotation_that_was_stopped_from_outside_is_no_failure()
    {
        foreach (var outcome in Samples.Outcomes)
            _meters.Append(new EvidenceRecord.Ended(Samples.Now, "payments-db", null, outcome));

        Of("secret_rotator.failures").Select(each => each.Tags).Should().BeEquivalentTo(
            "secret_rotator.command=rotate error.type=rolled-back", "secret_rotator.command=rotate error.type=needs-operator");
    }

    [Fact]
    public void The_oldest_age_is_that_of_the_oldest_value_whatever_is_decided_on_it()
    {
        var plan = Samples.PlanOf(
            [
                new Decision.Due(Samples.Now),
                new Decision.Waiting("Outside its window", null),
                new Decision.Blocked(FailureKind.Other, "x", "y"),
            ]);
        int?[] ages = [3, 35, null];

        _meters.Planned(
            plan with
            {
                Items =
                [
                    .. plan.Items.Zip(
                        ages, (item, days) => item with { ValueSince = days is { } age ? plan.PlannedAt - Duration.FromDays(age) : null }),
                ],
            });

        Of("secret_rotator.oldest_age").Single().Value.Should().Be(Duration.FromDays(35).TotalSeconds);
    }

    [Fact]
    public void Where_no_age_is_known_none_is_told()
    {
        _meters.Planned(Samples.PlanOf([new Decision.Blocked(FailureKind.Other, "x", "y")]));

        Of("secret_rotator.oldest_age").Should().BeEmpty();
    }

    private IEnumerable<(string Name, double Value, string Tags)> Of(string name) => _measured.Where(each => each.Name == name);

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (instrument.Meter.Name == RunMeters.MeterName)
            _measured.Add((instrument.Name, value, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
    }
}
