namespace SecretRotator.Providers;

/// <summary>Reads a secret that the inventory or the settings only refer to: <c>vault://VAULT/PATH#FIELD</c>.</summary>
internal static class ReferencedSecret
{
    /// <summary>Its value; the caller wipes it.</summary>
    /// <param name="vault">The vault that it is in.</param>
    /// <param name="reference">Where.</param>
    /// <param name="what">What it is, at the beginning of a message.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="RemoteFailureException">The vault doesn't give it.</exception>
    /// <exception cref="UsageException">It has no such field.</exception>
    public static async Task<SecretValue> ReadAsync(
        ISecretVault vault, VaultReference reference, string what, CancellationToken cancellation) =>
        (await ReadWithEndAsync(vault, reference, what, cancellation)).Value;

    /// <summary>Its value, which the caller wipes, and its end, where the field <see cref="CredentialEnd.Field"/> beside it tells
    /// one.</summary>
    /// <inheritdoc cref="ReadAsync" />
    public static async Task<(SecretValue Value, CredentialEnd End)> ReadWithEndAsync(
        ISecretVault vault, VaultReference reference, string what, CancellationToken cancellation)
    {
        try
        {
            var description = await vault.DescribeAsync(reference.Path, cancellation);
            using var version = await vault.ReadAsync(reference.Path, description.Current, cancellation);
            return reference.Field is { } field
                ? (JsonSecret.Read(version.Value, field), CredentialEnd.Read($"{what} {reference}", EndBeside(version.Value, field)))
                : (version.Value.Copy(), new CredentialEnd($"{what} {reference}", At: null));
        }
        catch (RemoteFailureException failure)
        {
            throw new RemoteFailureException(
                failure.Failure.After($"{what} {reference} can't be read:") with { Effect = Effect.Rejected }, failure);
        }
        catch (SecretContentException exception)
        {
            throw new UsageException($"{what} {reference} can't be read: {exception.Message}", exception.Hint);
        }
    }

    private static string? EndBeside(SecretValue content, string field)
    {
        if (field == CredentialEnd.Field)
            return null;
        try
        {
            using var end = JsonSecret.Read(content, CredentialEnd.Field);
#pragma warning disable RS0030 // A date, which is no secret.
            return end.RevealText();
#pragma warning restore RS0030
        }
        catch (SecretContentException)
        {
            // It isn't known.
            return null;
        }
    }
}
