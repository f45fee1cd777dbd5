using System.CommandLine;

namespace SecretRotator.Commands;

/// <summary>Checks the inventory offline: no network, no log, no layout.</summary>
internal static class ValidateCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner) => runner.Offline(
        new CommandWithExamples(
            "validate",
            "Checks the inventory offline.",
            "secret-rotator validate",
            "secret-rotator validate --inventory other.yaml --output json"),
        context => Task.FromResult(Run(context)));

    private static ExitCode Run(CommandContext context)
    {
        var view = new InventoryView(context.Settings.Inventory, context.LoadInventory());
        context.Show(json => ResultContext.Write(json, new InventoryJson(view)), view.WriteText);
        return ExitCode.Done;
    }
}

/// <summary>What <c>validate</c> found in a valid inventory.</summary>
/// <param name="File">The file as it was named.</param>
/// <param name="Inventory">What it says.</param>
internal sealed record InventoryView(string File, RotationInventory Inventory)
{
    /// <summary>One line for people. No layout library: this command is run on every save.</summary>
    public void WriteText(Terminal terminal)
    {
        var targets = Inventory.Secrets.Sum(secret => secret.Targets.Length);
        var files = Inventory.Secrets.Select(secret => secret.File).OfType<string>().Distinct(StringComparer.Ordinal).Count();
        terminal.Write(
            $"{File} {(files == 0 ? "is" : $"and {HumanText.Count(files, "file")} of it are")} valid: "
                + $"{HumanText.Count(Inventory.Secrets.Length, "secret")} in "
                + $"{HumanText.Count(Inventory.Vaults.Count, "vault")}, {HumanText.Count(targets, "target")}.");
    }
}

/// <summary>What validate --output json writes of a valid inventory.</summary>
internal sealed class InventoryJson : ResultJson
{
    private readonly InventoryView _view;

    internal InventoryJson(InventoryView view)
        : base("validate", SecretRotator.ExitCode.Done) => _view = view;

    public string File => _view.File;
    public int Secrets => _view.Inventory.Secrets.Length;
    public int Vaults => _view.Inventory.Vaults.Count;
    public int Targets => _view.Inventory.Secrets.Sum(secret => secret.Targets.Length);

    /// <summary>Always empty: schemas/error.schema.json describes an invalid one.</summary>
    public IEnumerable<string> Problems { get; } = [];
}
