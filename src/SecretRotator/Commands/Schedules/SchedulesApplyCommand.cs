namespace SecretRotator.Commands;

/// <summary>Makes Bitbucket's schedules what the files in <c>schedules/</c> say.</summary>
internal static class SchedulesApplyCommand
{
    public static async Task<ExitCode> RunAsync(CommandContext context)
    {
        var declared = SchedulesPlanCommand.Declared(context);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var scheduler = await context.World.OpenSchedulesAsync(context.SessionRequest("schedules apply"), watch.Token);
        var results = await scheduler.ApplyAsync(await scheduler.PlanAsync(declared, watch.Token), watch.Token);
        var exitCode = results.Any(result => result.Failure is not null) ? ExitCode.Unexpected : ExitCode.Done;
        SchedulesPlanCommand.Show(context, new SchedulesView("schedules apply", results, IsApplied: true, scheduler.Now, scheduler.Sandbox), exitCode);
        return exitCode;
    }
}
