using System.Collections.Immutable;
using SecretRotator.Planning;
using SecretRotator.Reports;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Finds drift. Writes nothing.</summary>
internal static class VerifyCommand
{
    public static async Task<ExitCode> RunAsync(CommandContext context)
    {
        var request = PlanRequestParser.ReadCoverage(context);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.World.OpenReadAsync(context.SessionRequest("verify"), watch.Token);
        using var none = ReportFiles.Begin([]);
        var report = ReportMaker.IsWanted(context, none)
            ? (await ReportMaker.TellAsync(context, session, request, none, watch.Token)).Seen.Drift
            : await session.CheckAsync(request, watch.Token);

        var view = new DriftView(report, Planner.Covered(context.Inventory, request).Length, session.Sandbox)
        {
            Inventory = context.Inventory.Secrets.ToImmutableDictionary(secret => secret.Name, StringComparer.Ordinal),
        };
        var exitCode = ExitCodes.Of(report);
        if (context.Settings.Output == OutputFormat.Json)
            context.Terminal.WriteJson(json => DriftJson.Write(json, view, exitCode));
        else
            DriftText.Write(context.Terminal, view);
        return exitCode;
    }
}
