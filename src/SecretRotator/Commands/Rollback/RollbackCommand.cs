using System.CommandLine;
using System.CommandLine.Parsing;
using SecretRotator.Configuration;
using SecretRotator.Planning;

namespace SecretRotator.Commands;

/// <summary>Makes an older version of one secret current again and holds it; without a version it lists them.</summary>
internal static class RollbackCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var options = runner.Options;
        var name = options.SecretName();
        var to = new Option<string>("--to")
        {
            Description = "The version whose value to restore: a unique prefix of its id, or previous. "
                + "Without it, the versions are listed.",
            HelpName = "VERSION",
        };
        var hold = new Option<Duration?>("--hold")
        {
            Description = "How long no run gives it a new value, such as 12h or 7d "
                + "(default: until its window opens next; 7d without a window). rotate --force lifts it.",
            HelpName = "TIME",
            CustomParser = ParseHold,
        };
        var command = new CommandWithExamples(
            "rollback",
            "Makes an older version of one secret current again, delivers it and holds it. Without --to it lists the versions.",
            "secret-rotator rollback payments-db",
            "secret-rotator rollback payments-db --to previous --reason \"the new one is refused\"",
            "secret-rotator rollback payments-db --to 6f3c0a1e --hold 7d --reason \"the new one is refused\"")
        {
            name, to, hold, options.Reason, options.Parallelism, options.Evidence,
        };
        return runner.WithInventory(
            command, context => RunAsync(context, context.Parsed.GetValue(name)!, context.Value(to), context.Value(hold)));
    }

    private static Task<ExitCode> RunAsync(InventoryContext context, string name, string? to, Duration? hold)
    {
        if (to is null)
            return VersionsCommand.ListAsync(context, name);
        if (PlanRequestParser.Unknown("rollback", [name], context.Inventory).ToArray() is { Length: > 0 } problems)
            throw new UsageException([.. problems]);
        if (context.Value(context.Options.Reason)?.Trim() is not { Length: > 0 } reason)
            throw new UsageException(
                "rollback needs --reason.", "Say why the older value has to be restored. It is recorded in the evidence.");
        if (to.Trim() is not { Length: > 0 } version)
            throw new UsageException("--to names no version.", $"To see which there are: secret-rotator versions {name}");
        var request = new RollbackRequest(name, version, context.Settings.Operator, reason) { Hold = hold };
        return RotationCommandRunner.RunAsync(context, (session, cancellation) => session.RollbackAsync(request, cancellation));
    }

    private static Duration? ParseHold(ArgumentResult result)
    {
        if (PeriodText.Parse(result.Tokens[0].Value) is { } period && !PeriodText.HasCalendarUnits(period)
            && PeriodText.Least(period) is var length && length >= Duration.FromMinutes(1) && length <= Hold.Longest)
            return length;
        result.AddError("--hold takes a time from 1m to 366d, such as 12h, 7d or 2w.");
        return null;
    }
}
