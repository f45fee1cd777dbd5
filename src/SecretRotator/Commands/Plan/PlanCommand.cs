using System.CommandLine;
using SecretRotator.Notifications;
using SecretRotator.Reports;

namespace SecretRotator.Commands;

/// <summary>Shows what a run would do. Writes nothing but the files that <c>--out</c> and <c>--report</c> name.</summary>
internal static class PlanCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var options = runner.Options;
        var savedAs = new Option<string>("--out") { Description = "Save the plan, for rotate --plan.", HelpName = "FILE" };
        var usesExitCode = new Option<bool>("--exit-code") { Description = "Exit with 3 if anything is due, 6 if anything is blocked." };
        var command = new CommandWithExamples(
            "plan",
            "Shows what a run would do and why, with the calls it costs. Writes nothing.",
            "secret-rotator plan",
            "secret-rotator plan --only payments-db --now 2026-12-01T02:00:00Z",
            "secret-rotator plan --out plan.json",
            "secret-rotator plan --report report.html --report report.sarif")
        {
            options.Only, options.Force, options.Reason, options.Adopt, options.TakeOver, options.Shard,
            savedAs, options.Report, usesExitCode, options.Now, options.Parallelism, options.Evidence,
        };
        return runner.WithInventory(command, context => RunAsync(context, context.Value(savedAs), context.Value(usesExitCode)));
    }

    private static async Task<ExitCode> RunAsync(InventoryContext context, string? savedAs, bool usesExitCode)
    {
        var request = PlanRequestParser.Read(context);
        using var reports = ReportFiles.Begin(context.Value(context.Options.Report) ?? []);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.Sessions.OpenReadAsync(context.SessionRequest(), watch.Token);
        var toFiles = !reports.Paths.IsEmpty;
        var plan = ReportMaker.IsWanted(context, reports)
            ? (await ReportMaker.MakeAsync(context, session, request, reports, readsEvidence: toFiles, watch.Token)).Seen.Plan
            : await session.PlanAsync(request, watch.Token);
        context.Telemetry.Planned(plan);

        var view = new PlanView(plan, session.Sandbox, savedAs)
        {
            Notifications = AddressedNotification.Of(context.Inventory.Receivers, RunNotifier.Whole(
                context, plan.PlannedAt, plan.Items.Length,
                new NotificationRules(context.Inventory.Limits, session.CredentialEnd).OfPlan(plan))),
        };
        if (savedAs is not null)
            SavedPlan.Write(savedAs, request, view);

        var exitCode = usesExitCode ? ExitCodes.Of(plan) : ExitCode.Done;
        context.Show(json => ResultContext.Write(json, new PlanJson(view, exitCode)), view.WriteText);
        return exitCode;
    }
}
