using SecretRotator.Inventory;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Composing;

/// <summary>Reads a secret that the inventory only refers to: <c>vault://VAULT/PATH#FIELD</c>.</summary>
internal static class ReferencedSecret
{
    /// <summary>Its value; the caller wipes it.</summary>
    /// <param name="vault">The vault that it is in.</param>
    /// <param name="reference">Where.</param>
    /// <param name="what">What it is, at the beginning of a message.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="RemoteFailureException">The vault doesn't give it.</exception>
    /// <exception cref="UsageException">It has no such field.</exception>
    public static async Task<SecretValue> ReadAsync(ISecretVault vault, VaultReference reference, string what, CancellationToken cancellation)
    {
        try
        {
            var description = await vault.DescribeAsync(reference.Path, cancellation);
            using var version = await vault.ReadAsync(reference.Path, description.Current, cancellation);
            return reference.Field is { } field ? JsonSecret.Read(version.Value, field) : version.Value.Copy();
        }
        catch (RemoteFailureException failure)
        {
            throw new RemoteFailureException(failure.Kind, Effect.Rejected, $"{what} {reference} can't be read: {failure.Message}", failure.Hint, failure);
        }
        catch (SecretContentException exception)
        {
            throw new UsageException($"{what} {reference} can't be read: {exception.Message}", exception.Hint);
        }
    }
}
