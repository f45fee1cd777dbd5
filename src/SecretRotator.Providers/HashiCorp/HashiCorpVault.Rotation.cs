namespace SecretRotator.Providers.HashiCorp;

// How a database engine is asked for a new password.
internal sealed partial class HashiCorpVault
{
    // Whoever asked has been answered by then, or is gone.
    private static readonly Duration AskedRecently = Duration.FromMinutes(10);

    /// <inheritdoc />
    /// <remarks>
    /// The engine knows no id: it would set another password for each that asks. So the one that asks is decided by check-and-set, in the
    /// marks, before it asks. What it asked for stays there, and is good for ten minutes: one that died in between keeps no one out.
    /// </remarks>
    public async Task RequestRotationAsync(string path, RotationId rotation, CancellationToken cancellation)
    {
        var role = StaticRole.In(Checked(path)) ?? throw Failed(
            FailureKind.Unsupported,
            $"{path} in vault {definition.Name} is in the KV engine, which can't make a new value.",
            "Write `database/static-creds/ROLE` as the path of a database role, or another kind of value than vault-managed.");
        var handle = NewHandle();
        for (var attempt = 1; ; attempt++)
        {
            var (marks, number, _) = await ReadMarksAsync(path, cancellation);
            var now = clock.GetCurrentInstant();
            if (marks.Asked?.Handle == handle)
                break;
            if (marks.Asked is { } asked && asked.Rotation == rotation && now - asked.At < AskedRecently)
                return;
            try
            {
                _seen[path] = await _engine.WriteMarksAsync(
                    path, marks with { Asked = new AskedRotation(rotation, handle, now) }, number, cancellation);
                break;
            }
            catch (OtherVersionException) when (attempt < ClaimAttempts)
            {
                // Another run's, or an earlier try of this very write: look.
            }
            catch (OtherVersionException)
            {
                throw Conflict($"The marks of {path} in vault {definition.Name} are written by others at the same time", "Run again.");
            }
        }

        try
        {
            await _database.RotateAsync(role, cancellation);
        }
        catch (RemoteFailureException refused) when (refused.Effect == Effect.Rejected)
        {
            await TryForgetAsync(path, handle);
            throw;
        }
        catch (RemoteFailureException unknown) when (unknown.Effect == Effect.Unknown)
        {
            // The engine goes on by itself where it could not finish. Whether it has is seen by the one that waits.
        }
    }

    // So that the next run asks again at once, once what was wrong is fixed.
    private async Task TryForgetAsync(string path, string handle)
    {
        try
        {
            var (marks, number, _) = await ReadMarksAsync(path, CancellationToken.None);
            if (marks.Asked?.Handle == handle)
                _seen[path] = await _engine.WriteMarksAsync(path, marks with { Asked = null }, number, CancellationToken.None);
        }
        catch (Exception e) when (e is RemoteFailureException or OtherVersionException)
        {
            // It ends by itself.
        }
    }
}
