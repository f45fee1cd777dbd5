using System.Collections.Immutable;
using System.CommandLine;
using SecretRotator.Configuration.Schedules;

namespace SecretRotator.Commands;

/// <summary>Shows how the files in <c>schedules/</c> and Bitbucket's schedules differ. Writes nothing.</summary>
internal static class SchedulesPlanCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner, Option<string> folder)
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
        return runner.WithInventory(
            command, context => RunAsync(context, SchedulesCommand.Declared(context, folder), context.Value(usesExitCode)));
    }

    private static async Task<ExitCode> RunAsync(
        InventoryContext context, ImmutableArray<ScheduleDeclaration> declared, bool usesExitCode)
    {
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.Sessions.OpenReadAsync(context.SessionRequest(), watch.Token);
        var plan = await session.PlanSchedulesAsync(declared, watch.Token);
        var results = plan.Items.Select(item => new ScheduleResult(item, null)).ToImmutableArray();
        return SchedulesCommand.Show(
            context,
            new SchedulesView(context.Command, results, IsApplied: false, session.Now, session.Sandbox),
            usesExitCode && !plan.IsDone ? ExitCode.Found : ExitCode.Done);
    }
}
