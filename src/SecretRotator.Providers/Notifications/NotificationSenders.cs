using SecretRotator.Notifications;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;
using SecretRotator.Rotation;

namespace SecretRotator.Providers.Notifications;

/// <summary>Sends messages to all receivers at once, each within a time limit. Whatever fails becomes an answer.</summary>
/// <param name="read">Reads a secret that a receiver refers to; the second argument says what it is, at the beginning of a message.</param>
/// <param name="bitbucket">Bitbucket under the tool's own credential.</param>
/// <param name="network">The way to the receivers.</param>
/// <param name="routes">Where to connect to for a mail server.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Waits and measures.</param>
internal sealed class NotificationSenders(
    Func<VaultReference, string, CancellationToken, Task<SecretValue>> read,
    Func<CancellationToken, Task<BitbucketConnection>> bitbucket,
    Network network,
    ServerRoutes routes,
    IRandomSource random,
    TimeProvider time) : IDisposable
{
    /// <summary>How long one message may take, with all its tries.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ReceiverHttp _http = new(network, random, time);

    /// <summary>Where mail and Slack answer. The addresses of all others are in vaults, where this doesn't look.</summary>
    public static IEnumerable<Endpoint> Endpoints(RotationInventory inventory, ServerRoutes routes)
    {
        foreach (var receiver in inventory.Receivers)
        {
            if (receiver is NotificationReceiver.Slack)
                yield return new("Slack", new Uri("https://hooks.slack.com"));
            if (receiver is NotificationReceiver.Email email)
                yield return new($"mail at {email.Host}", routes.Of(new ServerAddress(email.Host, email.Port)).AsUri());
        }
    }

    /// <summary>Sends them. Throws for nothing that a receiver, a vault or the network does.</summary>
    /// <returns>One answer for each, in the same order.</returns>
    public Task<NotificationAnswer[]> SendAsync(IEnumerable<AddressedNotification> messages, CancellationToken cancellation) =>
        Task.WhenAll(messages.Select(message => SendAsync(message, cancellation)));

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private async Task<NotificationAnswer> SendAsync(AddressedNotification message, CancellationToken cancellation)
    {
        var receiver = message.Receiver;
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return new(receiver, await Open(receiver).SendAsync(message.Notification, either.Token), Failure: null);
        }
        catch (OperationCanceledException)
        {
            return new(
                receiver,
                Answer: null,
                cancellation.IsCancellationRequested
                    ? new Failure(FailureKind.Cancelled, "It was stopped before the receiver answered.")
                    : new Failure(
                        FailureKind.Unavailable, $"There was no answer within {Limit.TotalSeconds:0} seconds.",
                        "Look whether the receiver works: secret-rotator notify test"));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Whatever a library throws: the run that is told of has ended, and its exit code is known.
            return new(receiver, Answer: null, FailureMessages.Of(failure));
        }
    }

    private INotificationSender Open(NotificationReceiver receiver) => receiver switch
    {
        NotificationReceiver.Webhook webhook => new WebhookSender(Url(webhook, webhook.Url), Read(webhook, webhook.Key, "key"), _http),
        NotificationReceiver.Slack slack => new SlackSender(Url(slack, slack.Url), _http),
        NotificationReceiver.Teams teams => new TeamsSender(Url(teams, teams.Url), _http),
        NotificationReceiver.Email email => new EmailSender(
            email, email.Login is var (_, password) ? Read(email, password, "password") : null, network, routes, random, time),
        NotificationReceiver.BitbucketPullRequest pullRequest => new PullRequestSender(pullRequest, bitbucket),
        NotificationReceiver.Heartbeat heartbeat => new HeartbeatSender(Url(heartbeat, heartbeat.Url), _http),
        _ => throw new InvalidOperationException("A new kind of receiver needs its sender."),
    };

    private Func<CancellationToken, Task<SecretValue>> Read(NotificationReceiver receiver, VaultReference reference, string what) =>
        cancellation => read(reference, $"The {what} of {receiver.Name}", cancellation);

    private Func<CancellationToken, Task<ReceiverUrl>> Url(NotificationReceiver receiver, VaultReference reference) => async cancellation =>
    {
        using var value = await read(reference, $"The URL of {receiver.Name}", cancellation);
        return ReceiverUrl.Read(value, receiver, reference);
    };
}
