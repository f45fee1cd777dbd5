using SecretRotator.Evidence;
using SecretRotator.Notifications;
using SecretRotator.Providers;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;
using SecretRotator.Providers.Notifications;
using SecretRotator.Rotation;

namespace SecretRotator.Hosting;

/// <summary>Sends messages with connections of its own, which end with it.</summary>
internal static class NotificationDelivery
{
    /// <summary>Sends them.</summary>
    /// <param name="request">The inventory and the settings.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="clock">The time.</param>
    /// <param name="time">Waits and measures.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<ImmutableArray<NotificationAnswer>> SendAsync(
        SessionRequest request, ImmutableArray<AddressedNotification> messages, IClock clock, TimeProvider time,
        CancellationToken cancellation)
    {
        if (messages.IsEmpty || request.SandboxRun is not null)
            return [.. messages.Select(message => new NotificationAnswer(message.Receiver, Answer: null, Failure: null))];
        var (settings, inventory) = (request.Settings, request.Inventory);
        var random = new SystemRandom();
        BitbucketCredential? credential = null;
        BitbucketConnection? bitbucket = null;
        using var once = new SemaphoreSlim(1);
        try
        {
            using var network = Network.Open(settings.CaBundle, settings.Proxies);
            using var vaults = new VaultConnections(
                settings.Providers, inventory, network.Handler, new NoClaims(), clock, random, time)
            {
                Notice = request.Log.Notice,
            };
            using var senders = new NotificationSenders(
                (reference, what, stop) => ReferencedSecret.ReadAsync(
                    vaults.Create(inventory.Vaults[reference.Vault]), reference, what, stop),
                ConnectAsync, network, settings.Providers.Routes, random, time);
            return [.. await senders.SendAsync(
                messages.Select(message => message with { Notification = message.Notification with { Id = RunId.New(random).Value } }),
                cancellation)];

            // Several receivers may ask at once.
            async Task<BitbucketConnection> ConnectAsync(CancellationToken stop)
            {
                await once.WaitAsync(stop);
                try
                {
                    credential ??= await CredentialSource.FindAsync(
                        settings, inventory, network, clock, random, time, request.Log.Notice, stop);
                    return bitbucket ??= BitbucketConnection.Create(
                        Connections.BitbucketSettingsOf(settings.Endpoints), credential, inventory.Limits, clock, time, random,
                        network.Handler);
                }
                finally
                {
                    once.Release();
                }
            }
        }
        catch (UsageException wrong)
        {
            return [.. messages.Select(message => new NotificationAnswer(message.Receiver, Answer: null, FailureMessages.Of(wrong)))];
        }
        finally
        {
            bitbucket?.Dispose();
            credential?.Dispose();
        }
    }
}
