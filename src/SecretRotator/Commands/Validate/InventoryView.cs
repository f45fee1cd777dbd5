using System.Text.Json;
using SecretRotator.Inventory;
using SecretRotator.Output;
using SecretRotator.Values;

namespace SecretRotator.Commands;

/// <summary>What <c>validate</c> found in a valid inventory.</summary>
/// <param name="File">The file as it was named.</param>
/// <param name="Inventory">What it says.</param>
internal sealed record InventoryView(string File, RotationInventory Inventory)
{
    /// <summary>One line for people. No layout library: this command is run on every save.</summary>
    public void WriteText(Terminal terminal)
    {
        var targets = Inventory.Secrets.Sum(secret => secret.Targets.Length);
        var line =
            $"{PrintableText.Of(File)} is valid: {HumanText.Count(Inventory.Secrets.Length, "secret")} in "
                + $"{HumanText.Count(Inventory.Vaults.Count, "vault")}, {HumanText.Count(targets, "target")}.";
        foreach (var folded in WordWrap.Lines(line, terminal.Width))
            terminal.WriteLine(folded);
    }

    /// <summary>For machines; docs/json.md.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Json.Version);
        json.WriteString("command", "validate");
        json.WriteNumber("exitCode", (int)ExitCode.Done);
        json.WriteString("file", File);
        json.WriteNumber("secrets", Inventory.Secrets.Length);
        json.WriteNumber("vaults", Inventory.Vaults.Count);
        json.WriteNumber("targets", Inventory.Secrets.Sum(secret => secret.Targets.Length));
        json.WriteStartArray("problems");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
