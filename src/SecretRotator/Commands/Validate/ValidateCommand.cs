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
        context.Show(json => ResultContext.Write(json, new InventoryJson(view)), terminal => view.WriteText(terminal));
        return ExitCode.Done;
    }
}
