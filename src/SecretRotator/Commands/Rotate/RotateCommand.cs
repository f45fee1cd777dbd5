using SecretRotator.Planning;

namespace SecretRotator.Commands;

/// <summary>Rotates what is due, or what a saved plan says.</summary>
internal static class RotateCommand
{
    public static async Task<ExitCode> RunAsync(CommandContext context)
    {
        var (request, saved) = Read(context);
        try
        {
            return await RotationCommandRunner.RunAsync(context, "rotate", (rotator, cancellation) => rotator.RotateAsync(request, saved?.Digest, cancellation));
        }
        catch (PlanChangedException changed) when (saved?.Parts is { } reviewed)
        {
            throw changed.Since(reviewed);
        }
    }

    private static (PlanRequest Request, SavedPlan? Saved) Read(CommandContext context)
    {
        var options = context.Options;
        if (context.Value(options.Plan) is not { } path)
            return (PlanRequestParser.Read(context), null);
        var fixedByPlan = new System.CommandLine.Option[] { options.Only, options.Force, options.Reason, options.Adopt, options.TakeOver, options.Shard };
        if (fixedByPlan.FirstOrDefault(option => context.Parsed.GetResult(option) is { Implicit: false }) is { } stray)
            throw new UsageException($"{stray.Name} can't stand beside --plan.", "A saved plan holds what was asked for. Make a new one: secret-rotator plan --out FILE");
        var saved = SavedPlan.Read(path);
        PlanRequestParser.Check(saved.Request, context.Inventory);
        return (saved.Request, saved);
    }
}
