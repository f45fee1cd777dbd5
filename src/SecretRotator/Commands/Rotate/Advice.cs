using System.Diagnostics;
using SecretRotator.Planning;
using SecretRotator.Rotation;

namespace SecretRotator.Commands;

/// <summary>What to tell about an outcome that someone must act on.</summary>
/// <param name="Cause">What happened.</param>
/// <param name="Now">Which state it is in now.</param>
/// <param name="Next">What to do next.</param>
/// <param name="Command">The command that does it, or null.</param>
internal sealed record Advice(string Cause, ImmutableArray<string> Now, string Next, string? Command)
{
    /// <summary>The advice for one secret, or null where no one needs to act.</summary>
    public static Advice? For(SecretResult result)
    {
        var name = result.Item.Secret.Name;
        return result.Outcome switch
        {
            RotationOutcome.Rotated or RotationOutcome.Redelivered or RotationOutcome.Adopted or RotationOutcome.Retired => null,
            RotationOutcome.RolledBack { Cancelled: true } rolledBack => new(
                FailureMessages.Text(rolledBack.Cause),
                [PutBack(result.Item)],
                "Nothing needs fixing. To do it now:",
                Again(result.Item)),
            RotationOutcome.RolledBack rolledBack => new(
                FailureMessages.Text(rolledBack.Cause),
                [PutBack(result.Item)],
                "Fix the cause, then:",
                Again(result.Item)),
            RotationOutcome.NeedsOperator needsOperator => new(
                FailureMessages.Text(needsOperator.Cause),
                StateOf(result.Item, needsOperator),
                "Fix the cause, then run again: that run finishes or undoes the rest.",
                Finish(result.Item)),
            RotationOutcome.Untouched untouched => ForUntouched(untouched.Decision, name),
            _ => throw new UnreachableException("A new outcome needs advice."),
        };
    }

    // A target that something is said of besides needs no second line for its state.
    private static ImmutableArray<string> StateOf(PlanItem item, RotationOutcome.NeedsOperator outcome)
    {
        var told = item.Secret.Targets.Select(target => $"{target} ").Where(target => IsOf(outcome.NotUndone, target)).ToList();
        return [.. outcome.State.Where(line => !told.Exists(target => IsOf([line], target))), .. outcome.NotUndone];

        static bool IsOf(ImmutableArray<string> lines, string target) =>
            lines.Any(line => line.StartsWith(target, StringComparison.Ordinal));
    }

    private static Advice? ForUntouched(Decision decision, string name) => decision switch
    {
        Decision.NotDue or Decision.Waiting => null,
        Decision.Blocked blocked => new(blocked.Why, ["Nothing was changed."], blocked.Hint, null),
        Decision.Adopt { Approved: false } => new(
            "It was never delivered by this tool, and what Bitbucket holds can't be read, so it couldn't be put back.",
            ["Nothing was changed."],
            "To deliver the vault's current value:",
            $"secret-rotator rotate --only {name} --adopt"),
        _ => new(
            $"The run ended before its turn; it was {HumanText.ForPeople(WireNames.Of(decision))}.",
            ["Nothing was changed."],
            "Look at what stopped the run, then:",
            $"secret-rotator rotate --only {name}"),
    };

    // What the next run finds may be recorded as delivered or not: where it isn't, it needs the operator's word again.
    private static string Finish(PlanItem item) =>
        $"secret-rotator rotate --only {item.Secret.Name}{(item.Decision is Decision.Adopt ? " --adopt" : "")}";

    // The same decision again: what was forced isn't due, and what was rolled back to isn't what a rotation would make.
    private static string Again(PlanItem item) => item switch
    {
        { Restores: { } version, Decision: Decision.Forced forced } =>
            $"secret-rotator rollback {item.Secret.Name} --to {version} --reason {Quoted(forced.Reason)}",
        { Decision: Decision.Forced forced } => $"secret-rotator rotate --force {item.Secret.Name} --reason {Quoted(forced.Reason)}",
        _ => Finish(item),
    };

    // As a POSIX shell reads it.
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string PutBack(PlanItem item)
    {
        if (item.Decision is Decision.Retire retire)
            return $"The old version {HumanText.Short(retire.Version)} is valid still. The current one and the targets were not touched.";
        var one = item.Secret.Targets.Length == 1;
        return item.Decision is Decision.Adopt or Decision.Redeliver
            ? $"The vault's current version is unchanged, and what was sent to {(one ? "its target" : "its targets")} was put back."
            : "The vault's current version is the old one, and "
            + $"{(one ? "its target holds" : $"all {item.Secret.Targets.Length} targets hold")} the old value.";
    }
}
