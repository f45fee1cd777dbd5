using System.CommandLine;
using SecretRotator.Reports;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Tells an auditor what is known of every secret. Writes nothing but the report.</summary>
internal static class ReportCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var options = runner.Options;
        var command = new CommandWithExamples(
            "report",
            "Tells an auditor what is known of every secret: policy, age, what was done, by which run, proven how. Writes nothing.",
            "secret-rotator report",
            "secret-rotator report --output html > report.html",
            "secret-rotator report --output csv --evidence evidence > report.csv")
        {
            options.Only, options.Shard, options.Now, options.Parallelism, options.Evidence,
        };
        return runner.WithInventory(command, RunAsync, isReport: true);
    }

    private static async Task<ExitCode> RunAsync(InventoryContext context)
    {
        var request = PlanRequestParser.Read(context);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.Sessions.OpenReadAsync(context.SessionRequest(), watch.Token);
        var (seen, report) = await ReportMaker.MakeAsync(context, session, request, files: null, readsEvidence: true, watch.Token);
        context.Telemetry.Planned(seen.Plan);

        if (context.Settings.Output == OutputFormat.Text)
            ReportText.Write(context.Terminal, report);
        else
            context.Terminal.WriteBytes(stream => ReportFormats.Write(stream, report, context.Settings.Output));
        return ExitCode.Done;
    }
}
