using System.CommandLine;
using SecretRotator.Configuration.Schedules;

namespace SecretRotator.Commands;

/// <summary>Shows how the files in <c>schedules/</c> and Bitbucket's schedules differ, and makes the schedules what the files say.</summary>
internal static class SchedulesCommand
{
    /// <summary>Declares it, with <c>plan</c>, which writes nothing, and <c>apply</c>.</summary>
    public static Command Create(CommandRunner runner)
    {
        var folder = new Option<string>("--schedules")
        {
            Description = "The folder with the schedules, a file each.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "schedules",
        };
        return new CommandWithExamples(
            "schedules",
            "Compares the files in schedules/ with Bitbucket's pipeline schedules, and makes them so.",
            "secret-rotator schedules plan",
            "secret-rotator schedules apply")
        {
            CreatePlan(runner, folder),
            CreateApply(runner, folder),
        };
    }

    private static Command CreatePlan(CommandRunner runner, Option<string> folder)
    {
        var usesExitCode = new Option<bool>("--exit-code") { Description = "Exit with 3 if anything has to change." };
        var command = new CommandWithExamples(
            "plan",
            "Shows what apply would do, and when each schedule runs next. Writes nothing.",
            "secret-rotator schedules plan",
            "secret-rotator schedules plan --exit-code --output json")
        {
            folder, usesExitCode,
        };
        return runner.WithInventory(command, context => PlanAsync(context, Declared(context, folder), context.Value(usesExitCode)));
    }

    private static Command CreateApply(CommandRunner runner, Option<string> folder)
    {
        var command = new CommandWithExamples(
            "apply",
            "Creates, enables, disables and replaces schedules, and deletes those that it made and no file asks for.",
            "secret-rotator schedules apply",
            "secret-rotator schedules apply --schedules ci/schedules")
        {
            folder,
        };
        return runner.WithInventory(command, context => ApplyAsync(context, Declared(context, folder)));
    }

    private static async Task<ExitCode> PlanAsync(
        InventoryContext context, ImmutableArray<ScheduleDeclaration> declared, bool usesExitCode)
    {
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.Sessions.OpenReadAsync(context.SessionRequest(), watch.Token);
        var plan = await session.PlanSchedulesAsync(declared, watch.Token);
        var results = plan.Items.Select(item => new ScheduleResult(item, null)).ToImmutableArray();
        return Show(
            context,
            new SchedulesView(context.Command, results, IsApplied: false, session.Now, session.Sandbox),
            usesExitCode && !plan.IsDone ? ExitCode.Found : ExitCode.Done);
    }

    private static async Task<ExitCode> ApplyAsync(InventoryContext context, ImmutableArray<ScheduleDeclaration> declared)
    {
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.Sessions.OpenSchedulesAsync(context.SessionRequest(), watch.Token);
        var results = await session.ApplyAsync(await session.PlanSchedulesAsync(declared, watch.Token), watch.Token);
        return Show(
            context,
            new SchedulesView(context.Command, results, IsApplied: true, session.Now, session.Sandbox),
            results.Any(result => result.Failure is not null) ? ExitCode.Unexpected : ExitCode.Done);
    }

    // Throws what is wrong with the folder's files.
    private static ImmutableArray<ScheduleDeclaration> Declared(InventoryContext context, Option<string> folder)
    {
        var read = ScheduleFolder.Read(context.Value(folder)!, context.Inventory.Home, context.Sessions.Now);
        return read.Problems.IsEmpty ? read.Schedules : throw new UsageException([.. read.Problems.Select(CommandContext.ProblemOf)]);
    }

    private static ExitCode Show(CommandContext context, SchedulesView view, ExitCode exitCode)
    {
        context.Show(json => ResultContext.Write(json, new SchedulesJson(view, exitCode)), view.WriteText);
        return exitCode;
    }
}
