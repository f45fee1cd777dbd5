using System.CommandLine;
using SecretRotator.Planning;

namespace SecretRotator.Commands;

/// <summary>Finds drift. Writes nothing.</summary>
internal static class VerifyCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var options = runner.Options;
        var command = new CommandWithExamples(
            "verify",
            "Finds drift between inventory, vaults and Bitbucket. Writes nothing.",
            "secret-rotator verify",
            "secret-rotator verify --output json")
        {
            options.Only, options.Shard, options.Now, options.Parallelism,
        };
        return runner.WithInventory(command, RunAsync);
    }

    private static async Task<ExitCode> RunAsync(InventoryContext context)
    {
        var request = PlanRequestParser.Read(context);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.Sessions.OpenReadAsync(context.SessionRequest(), watch.Token);
        var report = ReportMaker.IsWanted(context, files: null)
            ? (await ReportMaker.MakeAsync(context, session, request, files: null, readsEvidence: false, watch.Token)).Seen.Drift
            : await session.CheckAsync(request, watch.Token);

        var view = new DriftView(report, Planner.Covered(context.Inventory, request).Length, session.Sandbox)
        {
            Inventory = context.Inventory.Secrets.ToImmutableDictionary(secret => secret.Name, StringComparer.Ordinal),
        };
        var exitCode = ExitCodes.Of(report);
        context.Show(json => ResultContext.Write(json, new DriftJson(view, exitCode)), view.WriteText);
        return exitCode;
    }
}
