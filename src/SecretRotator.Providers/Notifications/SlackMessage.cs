using SecretRotator.Notifications;

namespace SecretRotator.Providers.Notifications;

/// <summary>What an incoming webhook of Slack takes (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).</summary>
internal sealed record SlackMessage(string Text)
{
    /// <summary>The message as JSON.</summary>
    public static byte[] Of(Notification notification)
    {
        string[] lines =
        [
            $"*{Escaped(NotificationText.Subject(notification))}*",
            .. NotificationText.Lines(notification).Select(Escaped),
            .. notification.Link is { } link ? [$"<{link.AbsoluteUri}|The pipeline's step>"] : Array.Empty<string>(),
        ];
        return JsonSerializer.SerializeToUtf8Bytes(new SlackMessage(string.Join('\n', lines)), NotificationContext.Default.SlackMessage);
    }

    // The three characters that Slack's markup is made of: nothing that an inventory says can mention a channel.
    private static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
