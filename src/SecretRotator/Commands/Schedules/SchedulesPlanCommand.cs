using System.Collections.Immutable;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Shows how the files in <c>schedules/</c> and Bitbucket's schedules differ. Writes nothing.</summary>
internal static class SchedulesPlanCommand
{
    public static async Task<ExitCode> RunAsync(CommandContext context)
    {
        var declared = Declared(context);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.World.OpenScheduleReadAsync(context.SessionRequest("schedules plan"), watch.Token);
        var plan = await session.PlanAsync(declared, watch.Token);
        var exitCode = context.Value(context.Options.ScheduleExitCode) && !plan.IsDone ? ExitCode.Found : ExitCode.Done;
        Show(context, new SchedulesView("schedules plan", [.. plan.Items.Select(item => new ScheduleResult(item, null))], IsApplied: false, session.Now, session.Sandbox), exitCode);
        return exitCode;
    }

    /// <summary>What the folder's files say.</summary>
    /// <exception cref="UsageException">Names everything that is wrong with them.</exception>
    public static ImmutableArray<ScheduleDeclaration> Declared(CommandContext context)
    {
        var folder = ScheduleFolder.Read(context.Value(context.Options.Schedules)!, context.Inventory.Home, context.World.Now);
        return folder.Problems.IsEmpty ? folder.Schedules : throw new UsageException([.. folder.Problems.Select(CommandRunner.Told)]);
    }

    /// <summary>Tells people, or machines.</summary>
    public static void Show(CommandContext context, SchedulesView view, ExitCode exitCode)
    {
        if (context.Settings.Output == OutputFormat.Json)
            context.Terminal.WriteJson(json => SchedulesJson.Write(json, view, exitCode));
        else
            SchedulesText.Write(context.Terminal, view);
    }
}
