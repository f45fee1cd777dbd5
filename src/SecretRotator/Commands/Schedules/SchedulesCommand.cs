using System.Collections.Immutable;
using System.CommandLine;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Output;

namespace SecretRotator.Commands;

/// <summary>The commands about schedules, and what they share.</summary>
internal static class SchedulesCommand
{
    /// <summary>Declares them.</summary>
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
            SchedulesPlanCommand.Create(runner, folder),
            SchedulesApplyCommand.Create(runner, folder),
        };
    }

    /// <summary>What the folder's files say.</summary>
    /// <exception cref="UsageException">Names everything that is wrong with them.</exception>
    public static ImmutableArray<ScheduleDeclaration> Declared(InventoryContext context, Option<string> folder)
    {
        var read = ScheduleFolder.Read(context.Value(folder)!, context.Inventory.Home, context.Sessions.Now);
        return read.Problems.IsEmpty ? read.Schedules : throw new UsageException([.. read.Problems.Select(CommandContext.ProblemOf)]);
    }

    /// <summary>Tells people, or machines.</summary>
    public static ExitCode Show(CommandContext context, SchedulesView view, ExitCode exitCode)
    {
        context.Show(json => ResultContext.Write(json, new SchedulesJson(view, exitCode)), terminal => SchedulesText.Write(terminal, view));
        return exitCode;
    }
}
