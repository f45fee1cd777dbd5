using SecretRotator.Notifications;

namespace SecretRotator.Providers.Notifications;

/// <summary>Sends to an incoming webhook of Slack (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).</summary>
internal sealed class SlackSender(Func<CancellationToken, Task<ReceiverUrl>> url, ReceiverHttp http) : INotificationSender
{
    /// <inheritdoc />
    public async Task<string> SendAsync(Notification notification, CancellationToken cancellation)
    {
        string[] lines =
        [
            $"*{Escaped(NotificationText.Subject(notification))}*",
            .. NotificationText.Lines(notification).Select(Escaped),
            .. notification.Link is { } link ? [$"<{link.AbsoluteUri}|The pipeline's step>"] : Array.Empty<string>(),
        ];
        var json = JsonSerializer.SerializeToUtf8Bytes(
            new SlackMessage(string.Join('\n', lines)), NotificationContext.Default.SlackMessage);
        return await http.SendAsync(await url(cancellation), json, [], cancellation);
    }

    // The three characters that Slack's markup is made of: nothing that an inventory says can mention a channel.
    private static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}

/// <summary>A message of Slack.</summary>
internal sealed record SlackMessage(string Text);
