using SecretRotator.Vaults;

namespace SecretRotator.Commands;

/// <summary>Makes an older version of one secret current again.</summary>
internal static class RollbackCommand
{
    public static Task<ExitCode> RunAsync(CommandContext context)
    {
        var options = context.Options;
        var name = context.Parsed.GetValue(options.Secret)!;
        if (Requests.Unknown("rollback", [name], context.Inventory).ToArray() is { Length: > 0 } problems)
            throw new UsageException([.. problems]);
        if (context.Value(options.Reason)?.Trim() is not { Length: > 0 } reason)
            throw new UsageException("rollback needs --reason.", "Say why the older value is wanted back. It stands in the evidence.");
        if (context.Value(options.To)?.Trim() is not { Length: > 0 } version)
            throw new UsageException("--to names no version.", "The vault's console and the evidence name the versions.");
        var by = Operator.Name(context.Settings);
        return Running.RunAsync(
            context, "rollback", (rotator, cancellation) => rotator.RollbackAsync(name, new VersionId(version), by, reason, cancellation));
    }
}
