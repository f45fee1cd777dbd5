namespace SecretRotator.Planning;

/// <summary>What a person should know of a secret though it stops nothing.</summary>
/// <remarks>Only scopes that were observed anyway are looked at.</remarks>
internal static class PlanWarnings
{
    /// <summary>The warnings in the order of the targets.</summary>
    public static ImmutableArray<string> Of(ManagedSecret secret, HidingVariables hiding) =>
        [.. secret.Targets.Select(target => Shadowed(target, secret, hiding)).OfType<string>()];

    /// <summary>The warnings of a rotation that doesn't wait for what runs, though its secret or its backend asks for it.</summary>
    public static ImmutableArray<string> Of(
        ManagedSecret secret, Decision decision, JobsInFlight? inFlight) => (secret.Wait, decision, inFlight) switch
        {
            ({ } wait, Decision.Due, { Running: { IsEmpty: false } running }) =>
                [$"Pipelines run, but it has been due for longer than `wait` allows ({Text(wait.Limit)}), so it rotates anyway: "
                + $"{JobsInFlight.Name(running)}."],
            ({ } wait, Decision.Due, { Running: null } unseen) =>
                [$"It has been due for longer than `wait` allows ({Text(wait.Limit)}), so it rotates though it isn't known what runs. "
                + $"{unseen.Unknown}"],
            (null, Decision.Due, _) or (_, Decision.Forced, _) when secret.Backend is { Traits.Overlaps: false } backend =>
                [$"{backend.Place} accepts one value only (overlap: none), and the rotation waits for no pipeline: one that runs, and "
                    + "logs in after the change, is refused."],
            (_, Decision.Forced, { Grace: { OverBecause: null } grace }) =>
                [$"The version before, {grace.Version}, is still in its grace. Forcing retires it now."],
            _ => [],
        };

    /// <summary>The targets that a run deleted and has yet to create again, where the decision doesn't name them itself.</summary>
    public static IEnumerable<string> Of(ManagedSecret secret, Decision decision, Observation observation) =>
        decision is not Decision.Redeliver && observation.DescriptionOf(secret)?.Delivering is { } delivering
            ? delivering.Missing(secret, observation.Scopes)
                .Select(target => $"{target} is missing now: a delivery deleted it to create it anew, and was not finished.")
            : [];

    /// <summary>What a person has to do about a value that no program can make and that is due.</summary>
    public static string? Reminder(ManagedSecret secret, Instant now) => secret.Value is not ValuePolicy.External external ? null
        : (external.EndsAt is null
            ? $"{secret.Name} is as old as `rotate-every` allows."
            : new CredentialEnd(secret.Name, external.EndsAt).Tell(now))
        + $" No program can make a new one, so a person has to write it into the vault: {external.Instructions}";

    private static string Text(Duration duration) => $"{duration.TotalHours:0.#} hours";

    /// <summary>The observed scopes that hide a target behind a variable which this secret doesn't feed, by their text.</summary>
    public static ImmutableArray<VariableScope> ScopesThatHide(VariableTarget target, ManagedSecret secret, HidingVariables hiding) =>
    [
        .. hiding.ScopesBefore(target)
            .Where(scope => !secret.Targets.Any(
                own => own.Scope == scope && own.Variable.Equals(target.Variable, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(scope => scope.ToString(), StringComparer.Ordinal),
    ];

    private static string? Shadowed(VariableTarget target, ManagedSecret secret, HidingVariables hiding) =>
        ScopesThatHide(target, secret, hiding) is [_, ..] scopes
            ? $"{target} is shadowed: pipelines see the variable {target.Variable} of {string.Join(", ", scopes)} instead, which this "
            + "secret doesn't feed."
            : null;
}
