using SecretRotator.Audit;
using SecretRotator.EvidenceStorage;
using SecretRotator.Hosting;
using SecretRotator.Planning;
using SecretRotator.Reports;

namespace SecretRotator.Commands;

/// <summary>Makes the report of what a command observes, writes it to files and puts it on the pipeline's commit.</summary>
internal static class ReportMaker
{
    /// <summary>Whether a report is wanted besides the command's own result.</summary>
    public static bool IsWanted(CommandContext context, ReportFiles? files) =>
        files is { Paths.IsEmpty: false } || context.Settings.Commit is not null;

    /// <summary>Observes, makes the report, writes the files and publishes it.</summary>
    /// <param name="context">The command.</param>
    /// <param name="session">What is observed.</param>
    /// <param name="request">Which secrets.</param>
    /// <param name="files">The files to write, or null.</param>
    /// <param name="readsEvidence">Whether the report tells what earlier runs did. One for the commit alone has no place for that.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="UsageException">A file can't be written, or evidence can't be read.</exception>
    public static async Task<(Snapshot Seen, AuditReport Report)> MakeAsync(
        InventoryContext context,
        IReadSession session,
        PlanRequest request,
        ReportFiles? files,
        bool readsEvidence,
        CancellationToken cancellation)
    {
        var seen = await session.TakeSnapshotAsync(request, cancellation);
        var past = readsEvidence ? await session.ReadEvidenceAsync(since: null, cancellation) : PastEvidence.None;
        var report = Auditor.Of(seen, past.Runs, past.Facts, new ReportOrigin(
            seen.Plan.PlannedAt,
            ProductVersion.Text,
            context.Settings.Operator,
            context.Value(context.Options.Sandbox),
            context.Settings.Inventory,
            InventoryDigest.Of(context.Inventory),
            seen.Plan.Digest,
            context.Inventory.Workspace,
            context.Inventory.Secrets.Length));
        files?.Write(report);
        await session.PublishAsync(ReportInsights.Of(report), cancellation);
        return (seen, report);
    }
}
