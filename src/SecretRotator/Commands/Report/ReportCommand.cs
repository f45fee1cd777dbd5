using SecretRotator.Reports;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Tells an auditor what is known of every secret. Writes nothing but the report.</summary>
internal static class ReportCommand
{
    public static async Task<ExitCode> RunAsync(CommandContext context)
    {
        var request = PlanRequestParser.ReadCoverage(context);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.World.OpenReadAsync(context.SessionRequest("report"), watch.Token);
        using var none = ReportFiles.Begin([]);
        var (seen, report) = await ReportMaker.TellAsync(context, session, request, none, watch.Token);
        context.Telemetry.Planned(seen.Plan);

        if (context.Settings.Output == OutputFormat.Text)
            ReportText.Write(context.Terminal, report);
        else
            context.Terminal.WriteBytes(stream => ReportFormats.Write(stream, report, context.Settings.Output));
        return ExitCode.Done;
    }
}
