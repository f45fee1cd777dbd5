using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Checks the inventory offline: no network, no log, no layout.</summary>
internal static class ValidateCommand
{
    public static ExitCode Run(Terminal terminal, RotatorSettings settings)
    {
        var view = new InventoryView(settings.Inventory, CommandRunner.LoadInventory(settings));
        if (settings.Output == OutputFormat.Json)
            terminal.WriteJson(view.WriteJson);
        else
            view.WriteText(terminal);
        return ExitCode.Done;
    }
}
