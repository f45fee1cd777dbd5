using SecretRotator.Providers;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;
using SecretRotator.Settings;

namespace SecretRotator.Hosting;

/// <summary>Finds what to show to Bitbucket: in the settings, or in the vault that the inventory names.</summary>
internal static class CredentialSource
{
    /// <summary>The credential; the caller wipes it.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    /// <exception cref="RemoteFailureException">The vault doesn't give it.</exception>
    public static async Task<BitbucketCredential> FindAsync(
        RotatorSettings settings, RotationInventory inventory, Network network, IClock clock, IRandomSource random, TimeProvider time,
        Action<string> notice, CancellationToken cancellation)
    {
        if (settings.Bitbucket is { } credential)
            return IsShowable(credential)
                ? credential.Copy()
                : throw new UsageException(
                    "The Bitbucket credential in the environment is empty or holds a character that no header can hold, such as a blank "
                        + "or a line break.",
                    "Set it again, without anything before or after it.");
        if (inventory.Credential is not { } reference)
            throw new UsageException(
                "No Bitbucket credential is set.",
                "Set BITBUCKET_ACCESS_TOKEN, or BITBUCKET_EMAIL and BITBUCKET_API_TOKEN, or BITBUCKET_OAUTH_CLIENT_ID and "
                + "BITBUCKET_OAUTH_CLIENT_SECRET; or let bitbucket.credential in the inventory lead to one in a vault.");

        using var vaults = new VaultConnections(settings.Providers, inventory, network.Handler, new NoClaims(), clock, random, time)
        {
            Notice = notice,
        };
        var (value, end) = await ReferencedSecret.ReadWithEndAsync(
            vaults.Create(inventory.Vaults[reference.Vault]), reference, "The Bitbucket credential", cancellation);
        BitbucketCredential found = settings.BitbucketEmail is { } email ? new BitbucketCredential.ApiToken(email, value) { End = end }
            : settings.BitbucketClientId is { } id ? new BitbucketCredential.OAuthClient(id, value) { End = end }
            : new BitbucketCredential.AccessToken(value) { End = end };
        if (IsShowable(found))
            return found;
        found.Dispose();
        throw new UsageException(
            $"The Bitbucket credential {reference} is empty or holds a character that no header can hold, such as a blank or a line break.",
            "Write it into the vault again, without anything before or after it.");
    }

    /// <summary>Warns where a credential ends soon.</summary>
    /// <exception cref="UsageException">It has ended, so that nothing could be done with it.</exception>
    public static void Heed(BitbucketCredential credential, Instant now, Action<string> notice)
    {
        if (credential.End is not { } end)
            return;
        if (end.HasPassed(now))
            throw new UsageException($"{end.Tell(now)} Nothing was read or changed with it.", CredentialEnd.Renewal);
        if (end.IsNear(now))
            notice($"{end.Tell(now)} {CredentialEnd.Renewal}");
    }

    // A header with anything else in it makes the library throw, and quote it.
    private static bool IsShowable(BitbucketCredential credential)
    {
#pragma warning disable RS0030 // Looked at before it becomes a header.
        return credential.Secret.Reveal(
            0, static (_, utf8) => !utf8.IsEmpty && utf8.Span.IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0);
#pragma warning restore RS0030
    }
}
