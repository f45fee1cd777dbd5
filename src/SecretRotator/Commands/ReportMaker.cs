using SecretRotator.Composing;
using SecretRotator.Planning;
using SecretRotator.Reporting;

namespace SecretRotator.Commands;

/// <summary>Makes the report of what a command has seen.</summary>
internal static class ReportMaker
{
    public static AuditReport Make(CommandContext context, Sighting seen)
    {
        var past = new PastRuns();
        var inventory = context.Inventory;
        return Audit.Of(seen, past, EvidenceFacts.None, new ReportOrigin(
            seen.Plan.PlannedAt,
            ProductVersion.Text,
            Operator.Name(context.Settings),
            context.Value(context.Options.Sandbox),
            context.Settings.Inventory,
            InventoryDigest.Of(inventory),
            seen.Plan.Digest,
            inventory.Workspace,
            inventory.Secrets.Length));
    }
}
