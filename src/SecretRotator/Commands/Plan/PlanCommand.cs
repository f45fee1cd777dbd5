using SecretRotator.Reports;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Shows what a run would do. Writes nothing but the files that <c>--out</c> and <c>--report</c> name.</summary>
internal static class PlanCommand
{
    public static async Task<ExitCode> RunAsync(CommandContext context)
    {
        var request = PlanRequestParser.Read(context);
        using var reports = ReportFiles.Begin(context.Value(context.Options.Report) ?? []);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.World.OpenReadAsync(context.SessionRequest("plan"), watch.Token);
        var plan = ReportMaker.IsWanted(context, reports)
            ? (await ReportMaker.TellAsync(context, session, request, reports, watch.Token)).Seen.Plan
            : await session.PlanAsync(request, watch.Token);
        context.Telemetry.Planned(plan);

        var path = context.Value(context.Options.Out);
        var view = new PlanView(plan, context.Inventory.Limits.BitbucketCallsPerHour, session.Sandbox, path);
        if (path is not null)
            SavedPlan.Write(path, request, view);

        var exitCode = context.Value(context.Options.UseExitCode) ? ExitCodes.Of(plan) : ExitCode.Done;
        if (context.Settings.Output == OutputFormat.Json)
            context.Terminal.WriteJson(json => PlanJson.Write(json, view, exitCode));
        else
            PlanText.Write(context.Terminal, view);
        return exitCode;
    }
}
