
using SecretRotator.Hosting;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Makes an older version of one secret current again and holds it; without a version it lists them.</summary>
internal static class RollbackCommand
{
    public static Task<ExitCode> RunAsync(CommandContext context)
    {
        var options = context.Options;
        var name = context.Parsed.GetValue(options.Secret)!;
        if (PlanRequestParser.Unknown("rollback", [name], context.Inventory).ToArray() is { Length: > 0 } problems)
            throw new UsageException([.. problems]);
        if (context.Parsed.GetResult(options.To) is null)
            return ListAsync(context, context.Inventory.Secrets.Single(secret => secret.Name == name));
        if (context.Value(options.Reason)?.Trim() is not { Length: > 0 } reason)
            throw new UsageException("rollback needs --reason.", "Say why the older value is wanted back. It stands in the evidence.");
        if (context.Value(options.To)?.Trim() is not { Length: > 0 } version)
            throw new UsageException("--to names no version.", $"To see which there are: secret-rotator rollback {name}");
        var request = new RollbackRequest(name, version, Operator.Name(context.Settings), reason)
        {
            Hold = context.Parsed.GetResult(options.Hold) is null ? null : context.Value(options.Hold),
        };
        return RotationCommandRunner.RunAsync(context, "rollback", (rotator, cancellation) => rotator.RollbackAsync(request, cancellation));
    }

    private static async Task<ExitCode> ListAsync(CommandContext context, ManagedSecret secret)
    {
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        await using var session = await context.World.OpenReadAsync(context.SessionRequest("rollback"), watch.Token);
        var view = new VersionsView(secret, await session.ListVersionsAsync(secret, watch.Token), session.Sandbox);
        if (context.Settings.Output == OutputFormat.Json)
            context.Terminal.WriteJson(view.WriteJson);
        else
            view.WriteText(context.Terminal);
        return ExitCode.Done;
    }
}
