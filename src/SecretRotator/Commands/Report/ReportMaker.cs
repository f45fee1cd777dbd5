
using SecretRotator.Audit;
using SecretRotator.EvidenceStorage;
using SecretRotator.Hosting;
using SecretRotator.Planning;
using SecretRotator.Reports;

namespace SecretRotator.Commands;

/// <summary>Makes the report of what a command sees, and takes it wherever it is wanted: to files, and to the pipeline's commit.</summary>
internal static class ReportMaker
{
    /// <summary>Whether anybody wants a report besides the command's own result.</summary>
    public static bool IsWanted(CommandContext context, ReportFiles reports) => !reports.Paths.IsEmpty || context.Settings.Commit is not null;

    /// <summary>Looks, reads the evidence of earlier runs, makes the report and tells it.</summary>
    /// <remarks>A report that goes to the commit alone has no place for what earlier runs did: then evidence isn't read.</remarks>
    /// <exception cref="UsageException">A file can't be written, or evidence can't be read.</exception>
    public static async Task<(Snapshot Seen, AuditReport Report)> TellAsync(
        CommandContext context, IReporter reporter, PlanRequest request, ReportFiles reports, CancellationToken cancellation)
    {
        var seen = await reporter.LookAsync(request, cancellation);
        var isForPeople = !reports.Paths.IsEmpty || context.Parsed.CommandResult.Command.Name == "report";
        var report = Make(context, seen, isForPeople ? await reporter.ReadEvidenceAsync(cancellation) : PastEvidence.None);
        reports.Write(report);
        await reporter.PublishAsync(ReportInsights.Of(report), cancellation);
        return (seen, report);
    }

    private static AuditReport Make(CommandContext context, Snapshot seen, PastEvidence past) => Auditor.Of(seen, past.Runs, past.Facts, new ReportOrigin(
        seen.Plan.PlannedAt,
        ProductVersion.Text,
        Operator.Name(context.Settings),
        context.Value(context.Options.Sandbox),
        context.Settings.Inventory,
        InventoryDigest.Of(context.Inventory),
        seen.Plan.Digest,
        context.Inventory.Workspace,
        context.Inventory.Secrets.Length));
}
