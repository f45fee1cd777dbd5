using System.CommandLine;
using SecretRotator.Audit;

namespace SecretRotator.Commands;

/// <summary>Tells at a glance what needs a person and what comes next. Writes nothing.</summary>
internal static class StatusCommand
{
    // A secret that waits longer for its next run has been due for long, which is told anyway.
    private static readonly Duration LooksBack = Duration.FromDays(30);

    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var options = runner.Options;
        var names = new Argument<string[]>("NAME")
        {
            Description = "Only these secrets (default: all).",
            HelpName = "NAME",
            Arity = ArgumentArity.ZeroOrMore,
        };
        names.CompletionSources.Add(options.SecretNames);
        var command = new CommandWithExamples(
            "status",
            "Shows at a glance what needs a person, and what comes next. Writes nothing.",
            "secret-rotator status",
            "secret-rotator status payments-db grid-api")
        {
            names, options.Shard, options.Now, options.Parallelism, options.Evidence,
        };
        return runner.WithInventory(command, context => RunAsync(context, context.Parsed.GetValue(names) ?? []));
    }

    private static async Task<ExitCode> RunAsync(InventoryContext context, string[] names)
    {
        if (PlanRequestParser.Unknown("status", names, context.Inventory).ToArray() is { Length: > 0 } problems)
            throw new UsageException([.. problems]);
        var request = PlanRequestParser.Read(context) with { Only = [.. names] };
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.Sessions.OpenReadAsync(context.SessionRequest(), watch.Token);
        var plan = await session.PlanAsync(request, watch.Token);
        context.Telemetry.Planned(plan);
        var past = await session.ReadEvidenceAsync(plan.PlannedAt - LooksBack, watch.Token);

        var view = new StatusView(StatusReport.Of(plan, context.Inventory, past.Runs, session.CredentialEnd), session.Sandbox);
        var exitCode = ExitCodes.Of(view.Report);
        context.Show(json => ResultContext.Write(json, new StatusJson(view, exitCode)), view.WriteText);
        return exitCode;
    }
}
