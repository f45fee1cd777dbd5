using System.CommandLine;

namespace SecretRotator.Commands;

/// <summary>Lists the versions of one secret. Writes nothing.</summary>
internal static class VersionsCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var name = runner.Options.SecretName();
        var command = new CommandWithExamples(
            "versions",
            "Lists the versions of one secret: which is current, which was delivered, which a rollback takes. Writes nothing.",
            "secret-rotator versions payments-db")
        {
            name,
        };
        return runner.WithInventory(command, context => ListAsync(context, context.Parsed.GetValue(name)!));
    }

    /// <summary>Lists them.</summary>
    /// <exception cref="UsageException">The inventory has no such secret.</exception>
    public static async Task<ExitCode> ListAsync(InventoryContext context, string name)
    {
        if (PlanRequestParser.Unknown(context.Command, [name], context.Inventory).ToArray() is { Length: > 0 } problems)
            throw new UsageException([.. problems]);
        var secret = context.Inventory.Secrets.Single(secret => secret.Name == name);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.Sessions.OpenReadAsync(context.SessionRequest(), watch.Token);
        var (description, versions) = await session.ListVersionsAsync(secret, watch.Token);
        var view = new VersionsView(context.Command, secret, description, versions, session.Now, session.Sandbox);
        context.Show(json => ResultContext.Write(json, new VersionsJson(view)), view.WriteText);
        return ExitCode.Done;
    }
}
