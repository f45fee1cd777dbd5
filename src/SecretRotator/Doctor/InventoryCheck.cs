using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor;

/// <summary>Whether the inventory can be read. Where it can't, most other questions have nothing to ask about.</summary>
/// <param name="path">The file.</param>
/// <param name="read">What reading it gave.</param>
internal sealed class InventoryCheck(string path, InventoryResult read) : ICheck
{
    /// <inheritdoc />
    public CheckArea Area => CheckArea.Inventory;

    /// <inheritdoc />
    public bool NeedsNetwork => false;

    /// <inheritdoc />
    public Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<CheckResult>>(
        read.Inventory is { } inventory
            ? [CheckResult.Pass(Area, "inventory", $"{path} names {inventory.Secrets.Length} secrets in {inventory.Vaults.Count} vaults.")]
            : [.. read.Problems.Select(Problem)]);

    private CheckResult Problem(InventoryProblem problem) => CheckResult.Fail(
        Area, "inventory", HumanText.Sentence(problem.What),
        "Without an inventory nothing can be rotated, and credentials, vaults and addresses can't be looked at.",
        problem.WriteInstead) with
    {
        File = problem.File,
        Line = problem.Line == 0 ? null : problem.Line,
        Column = problem.Column == 0 ? null : problem.Column,
    };
}
