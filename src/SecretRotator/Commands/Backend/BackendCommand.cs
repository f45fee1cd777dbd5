using System.CommandLine;
using SecretRotator.Doctor;

namespace SecretRotator.Commands;

/// <summary>The command about systems that accept values.</summary>
internal static class BackendCommand
{
    /// <summary>Declares it, and what is below it.</summary>
    public static Command Create(CommandRunner runner) => new CommandWithExamples(
        "backend",
        "Asks the systems that accept values.",
        "secret-rotator backend test payments-db")
    {
        CreateTest(runner),
    };

    private static Command CreateTest(CommandRunner runner)
    {
        var name = runner.Options.SecretName();
        var writes = new Option<bool>("--writes")
        {
            Description = "Also set or issue a value in the idle slot, disable and enable it, and take it away again. Needs --yes.",
        };
        var yes = new Option<bool>("--yes") { Description = "The idle slot may be written to." };
        var command = new CommandWithExamples(
            "test",
            "Tests whether the backend of a secret does what a rotation rests on. Without --writes it changes nothing.",
            "secret-rotator backend test payments-db",
            "secret-rotator backend test payments-db --writes --yes")
        {
            name, writes, yes,
        };
        return runner.WithInventory(
            command, context => RunAsync(context, context.Parsed.GetValue(name)!, context.Value(writes), context.Value(yes)));
    }

    private static async Task<ExitCode> RunAsync(InventoryContext context, string name, bool writes, bool yes)
    {
        var secret = SecretOf(context.Inventory, name);
        if (writes != yes)
            throw new UsageException(
                writes ? "--writes needs --yes." : "--yes needs --writes.",
                "With both, the idle slot gets a value that is taken away again; whatever still uses that slot is refused then.");
        using var watch = context.Interruption.Watch(context.Terminal, undoes: writes);
        await using var session = await context.Sessions.OpenBackendAsync(context.SessionRequest(), watch.Token);
        var result = await session.TestAsync(secret, writes, watch.Token);
        var report = new DoctorReport(result.Results, Offline: false, session.Sandbox);
        var exitCode = result.LeftBehind ? ExitCode.NeedsOperator : ExitCodes.Of(report);
        context.Show(
            json => ResultContext.Write(json, new DoctorJson(report, exitCode, context.Command)),
            terminal => DoctorView.WriteText(terminal, report));
        return exitCode;
    }

    private static ManagedSecret SecretOf(RotationInventory inventory, string name)
    {
        if (PlanRequestParser.Unknown("backend test", [name], inventory).ToArray() is { Length: > 0 } problems)
            throw new UsageException([.. problems]);
        var secret = inventory.Secrets.Single(each => each.Name == name);
        return secret.Backend is not null
            ? secret
            : throw new UsageException($"{name} has no backend.", "docs/backends.md says which there are.");
    }
}
