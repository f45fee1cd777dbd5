using System.Collections.Immutable;
using System.CommandLine;
using SecretRotator.Configuration.Schedules;

namespace SecretRotator.Commands;

/// <summary>Makes Bitbucket's schedules what the files in <c>schedules/</c> say.</summary>
internal static class SchedulesApplyCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner, Option<string> folder)
    {
        var command = new CommandWithExamples(
            "apply",
            "Creates, enables, disables and replaces schedules, and deletes those that it made and no file asks for.",
            "secret-rotator schedules apply",
            "secret-rotator schedules apply --schedules ci/schedules")
        {
            folder,
        };
        return runner.WithInventory(command, context => RunAsync(context, SchedulesCommand.Declared(context, folder)));
    }

    private static async Task<ExitCode> RunAsync(InventoryContext context, ImmutableArray<ScheduleDeclaration> declared)
    {
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.Sessions.OpenSchedulesAsync(context.SessionRequest(), watch.Token);
        var results = await session.ApplyAsync(await session.PlanSchedulesAsync(declared, watch.Token), watch.Token);
        return SchedulesCommand.Show(
            context,
            new SchedulesView(context.Command, results, IsApplied: true, session.Now, session.Sandbox),
            results.Any(result => result.Failure is not null) ? ExitCode.Unexpected : ExitCode.Done);
    }
}
