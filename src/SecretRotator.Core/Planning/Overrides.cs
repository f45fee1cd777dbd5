using NodaTime.Text;

namespace SecretRotator.Planning;

/// <summary>Lists the rules that don't hold for a secret, and why: what an auditor asks about first. Pure.</summary>
public static class Overrides
{
    private static readonly LocalTimePattern Time = LocalTimePattern.CreateWithInvariantCulture("HH':'mm");

    /// <summary>
    /// The freeze, the window, the wait, the grace and the hold that a forced rotation breaks at that moment, and the reasons for values
    /// with less than 128 bits. Each begins with <c>freeze: </c>, <c>window: </c>, <c>wait: </c>, <c>grace: </c>, <c>hold: </c> or <c>weak
    /// value: </c>.
    /// </summary>
    /// <param name="inventory">The inventory, for its freezes.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="decision">What was decided for it.</param>
    /// <param name="now">When.</param>
    /// <param name="inFlight">What runs and what is in grace, where the secret asks for it.</param>
    /// <param name="hold">The hold in force, or null.</param>
    public static ImmutableArray<string> Of(
        RotationInventory inventory, ManagedSecret secret, Decision decision, Instant now, JobsInFlight? inFlight = null, Hold? hold = null)
    {
        var weak = Generators(secret.Value).Where(made => made.Generator.WeakBecause is not null)
            .Select(made => made.Field is null
                ? $"weak value: {made.Generator.WeakBecause}"
                : $"weak value: {made.Field}: {made.Generator.WeakBecause}");
        return [.. OfRun(inventory, secret, decision, now, inFlight, hold), .. weak];
    }

    /// <summary>Those of them that hold for this run alone.</summary>
    internal static IEnumerable<string> OfRun(
        RotationInventory inventory, ManagedSecret secret, Decision decision, Instant now, JobsInFlight? inFlight = null, Hold? hold = null)
    {
        if (decision is not Decision.Forced)
            yield break;
        if (FreezeCalendar.FreezeAt(inventory.Freezes, now) is { } freeze)
            yield return $"freeze: {freeze.Reason}";
        if (secret.Window is { } window && !WindowCalendar.Contains(window, now))
            yield return $"window: {Text(window)}";
        if (secret.Wait is not null && inFlight is not { Running: { IsEmpty: true } })
            yield return inFlight?.Running is { } running ? $"wait: {JobsInFlight.Name(running)}" : "wait: what ran was not known";
        if (inFlight?.Grace is { OverBecause: null } grace)
            yield return $"grace: version {grace.Version} until {NodaTime.Text.InstantPattern.General.Format(grace.Until)}";
        if (hold is not null)
            yield return $"hold: {hold.Reason}, until {NodaTime.Text.InstantPattern.General.Format(hold.Until)}";
    }

    private static IEnumerable<(string? Field, ValueGenerator Generator)> Generators(ValuePolicy policy) => policy switch
    {
        ValuePolicy.Plain plain => [(null, plain.Generator)],
        ValuePolicy.Json json => json.Fields.Select(field => ((string?)field.Field, field.Generator)),
        _ => [],
    };

    private static string Text(RotationWindow window)
    {
        var days = string.Join(", ", window.Days.Order().Select(day => day.ToString()[..3]));
        return $"{days} {Time.Format(window.From)} to {Time.Format(window.To)} {window.Zone.Id}";
    }
}
