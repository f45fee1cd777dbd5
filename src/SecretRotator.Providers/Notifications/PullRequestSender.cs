using SecretRotator.Notifications;
using SecretRotator.Providers.Bitbucket;

namespace SecretRotator.Providers.Notifications;

/// <summary>Comments on a pull request. Bitbucket's issues are gone: Atlassian removed them on 20 August 2026.</summary>
internal sealed class PullRequestSender(
    NotificationReceiver.BitbucketPullRequest receiver, Func<CancellationToken, Task<BitbucketConnection>> connect) : INotificationSender
{
    /// <inheritdoc />
    public async Task<string> SendAsync(Notification notification, CancellationToken cancellation)
    {
        string[] lines =
        [
            $"**{NotificationText.Subject(notification)}**",
            .. NotificationText.Lines(notification),
            .. notification.Link is { } link ? [$"[The pipeline's step]({link.AbsoluteUri})"] : Array.Empty<string>(),
        ];

        // Two blanks at the end of a line break it.
        var bitbucket = await connect(cancellation);
        await bitbucket.PullRequests.CommentAsync(receiver.Repository, receiver.Id, string.Join("  \n", lines), cancellation);
        return "the comment was added";
    }
}
