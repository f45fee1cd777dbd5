using System.CommandLine;

namespace SecretRotator.Commands;

/// <summary>Rotates what is due, or what a saved plan says.</summary>
internal static class RotateCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var options = runner.Options;
        var plan = new Option<string>("--plan")
        {
            Description = "Act on a saved plan, and refuse it if anything that it depends on has changed.",
            HelpName = "FILE",
        };
        var until = new Option<string>("--until")
        {
            Description = "Go on through the hours with what waits for calls; start nothing from then on. A local time or an instant.",
            HelpName = "TIME",
        };
        var command = new CommandWithExamples(
            "rotate",
            "Rotates what is due, delivers it, verifies, and puts back what failed.",
            "secret-rotator rotate",
            "secret-rotator rotate --plan plan.json",
            "secret-rotator rotate --force payments-db --reason \"leaked in a log\"",
            "secret-rotator rotate --only deploy-key --adopt",
            "secret-rotator rotate --until 05:00")
        {
            options.Only, options.Force, options.Reason, options.Adopt, options.TakeOver, options.Shard,
            plan, until, options.Report, options.Now, options.Parallelism, options.Evidence,
        };
        return runner.WithInventory(command, context => RunAsync(context, context.Value(plan), context.Value(until)));
    }

    private static async Task<ExitCode> RunAsync(InventoryContext context, string? plan, string? until)
    {
        if (plan is not null && until is not null)
            throw new UsageException(
                "--until can't be used with --plan.", "A saved plan is for one run. What it leaves waiting needs a plan of its own.");
        var saved = plan is null ? null : ReadPlan(context, plan);
        var request = saved?.Request ?? PlanRequestParser.Read(context);
        if (until is not null)
        {
            var now = context.Value(context.Options.Now) ?? context.Sessions.Now;
            request = request with { Until = RunEnd.Read(until, context.Inventory, now) };
        }

        if (context.Value(context.Options.Now) is not null && !context.Value(context.Options.Sandbox))
            throw new UsageException(
                "rotate takes --now with --sandbox only.",
                "A real rotation happens at the real time. To see what would happen then: secret-rotator plan --now");
        try
        {
            return await RotationCommandRunner.RunAsync(
                context with { Shards = request.Shard?.Count ?? 1 }, (session, cancellation) => session.RotateAsync(request, saved?.Digest, cancellation));
        }
        catch (PlanChangedException changed) when (saved?.Parts is { } reviewed)
        {
            throw changed.Since(reviewed);
        }
    }

    private static SavedPlan ReadPlan(InventoryContext context, string path)
    {
        var options = context.Options;
        var fixedByPlan = new Option[] { options.Only, options.Force, options.Reason, options.Adopt, options.TakeOver, options.Shard };
        if (fixedByPlan.FirstOrDefault(option => context.Parsed.GetResult(option) is { Implicit: false }) is { } stray)
            throw new UsageException(
                $"{stray.Name} can't be used with --plan.",
                "A saved plan holds what was asked for. Make a new one: secret-rotator plan --out FILE");
        var saved = SavedPlan.Read(path);
        PlanRequestParser.Check(saved.Request, context.Inventory);
        return saved;
    }
}
