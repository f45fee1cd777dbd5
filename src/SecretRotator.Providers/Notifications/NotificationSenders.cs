using SecretRotator.Notifications;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;
using SecretRotator.Rotation;

namespace SecretRotator.Providers.Notifications;

/// <summary>Sends messages to all receivers at once, each within a time limit. Whatever fails becomes an answer. A message that gets no
/// answer is sent again: twice does less harm than never.</summary>
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
            return new(receiver, await TellAsync(receiver, message.Notification, either.Token), Failure: null);
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

    // What the receiver answers, in words of our own, such as 202.
    private async Task<string> TellAsync(NotificationReceiver receiver, Notification notification, CancellationToken cancellation)
    {
        switch (receiver)
        {
            case NotificationReceiver.Webhook webhook:
                var url = await UrlAsync(webhook, webhook.Url, cancellation);
                using (var key = await read(webhook.Key, $"The key of {webhook.Name}", cancellation))
                {
                    var (json, headers) = WebhookMessage.Of(notification, webhook, key);
                    return await _http.SendAsync(url, json, headers, cancellation);
                }

            case NotificationReceiver.Slack slack:
                return await _http.SendAsync(
                    await UrlAsync(slack, slack.Url, cancellation), SlackMessage.Of(notification), [], cancellation);
            case NotificationReceiver.Teams teams:
                return await _http.SendAsync(
                    await UrlAsync(teams, teams.Url, cancellation), TeamsMessage.Of(notification), [], cancellation);
            case NotificationReceiver.Email email:
                using (var password = email.Login is var (_, reference)
                    ? await read(reference, $"The password of {email.Name}", cancellation)
                    : null)
                {
                    return await new EmailSender(email, network, routes, random, time).SendAsync(notification, password, cancellation);
                }

            case NotificationReceiver.BitbucketPullRequest pullRequest:
                return await CommentAsync(pullRequest, notification, cancellation);
            case NotificationReceiver.Heartbeat heartbeat:
                // GET, which all such services take (https://healthchecks.io/docs/http_api/).
                return await _http.SendAsync(await UrlAsync(heartbeat, heartbeat.Url, cancellation), json: null, [], cancellation);
            default:
                throw new InvalidOperationException("A new kind of receiver needs its message.");
        }
    }

    // On a pull request, since Bitbucket's issues are gone: Atlassian removed them on 20 August 2026.
    private async Task<string> CommentAsync(
        NotificationReceiver.BitbucketPullRequest receiver, Notification notification, CancellationToken cancellation)
    {
        string[] lines =
        [
            $"**{NotificationText.Subject(notification)}**",
            .. NotificationText.Lines(notification),
            .. notification.Link is { } link ? [$"[The pipeline's step]({link.AbsoluteUri})"] : Array.Empty<string>(),
        ];

        // Two blanks at the end of a line break it.
        var connection = await bitbucket(cancellation);
        await connection.PullRequests.CommentAsync(receiver.Repository, receiver.Id, string.Join("  \n", lines), cancellation);
        return "the comment was added";
    }

    private async Task<ReceiverUrl> UrlAsync(NotificationReceiver receiver, VaultReference reference, CancellationToken cancellation)
    {
        using var value = await read(reference, $"The URL of {receiver.Name}", cancellation);
        return ReceiverUrl.Read(value, receiver, reference);
    }
}
