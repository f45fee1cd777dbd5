using System.Text.Json.Serialization;
using SecretRotator.Notifications;

namespace SecretRotator.Providers.Notifications;

/// <summary>
/// An adaptive card for the workflow "Post to a channel when a webhook request is received" of Microsoft Teams. The connectors that
/// took message cards are retired (https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using).
/// </summary>
internal sealed record TeamsMessage(ImmutableArray<CardAttachment> Attachments)
{
    /// <summary>What it is.</summary>
    public string Type { get; } = "message";

    /// <summary>The message as JSON.</summary>
    public static byte[] Of(Notification notification)
    {
        var card = new AdaptiveCard(
            [
                new CardText(NotificationText.Subject(notification)) { Weight = "Bolder" },
                .. NotificationText.Lines(notification).Select(line => new CardText(line) { Spacing = "None" }),
            ],
            notification.Link is { } link ? [new CardLink("The pipeline's step", link.AbsoluteUri)] : []);
        return JsonSerializer.SerializeToUtf8Bytes(
            new TeamsMessage([new CardAttachment(card)]), NotificationContext.Default.TeamsMessage);
    }
}

/// <summary>A card of a message.</summary>
internal sealed record CardAttachment(AdaptiveCard Content)
{
    /// <summary>What it is.</summary>
    public string ContentType { get; } = "application/vnd.microsoft.card.adaptive";
}

/// <summary>An adaptive card (https://adaptivecards.io/explorer/).</summary>
internal sealed record AdaptiveCard(ImmutableArray<CardText> Body, ImmutableArray<CardLink> Actions)
{
    /// <summary>Its schema.</summary>
    [JsonPropertyName("$schema")] public string Schema { get; } = "http://adaptivecards.io/schemas/adaptive-card.json";

    /// <summary>What it is.</summary>
    public string Type { get; } = "AdaptiveCard";

    /// <summary>The version that Teams takes everywhere.</summary>
    public string Version { get; } = "1.4";
}

/// <summary>A line of a card.</summary>
internal sealed record CardText(string Text)
{
    /// <summary>What it is.</summary>
    public string Type { get; } = "TextBlock";

    /// <summary>Whether long lines are folded.</summary>
    public bool Wrap { get; } = true;

    /// <summary><c>Bolder</c>, or null.</summary>
    public string? Weight { get; init; }

    /// <summary><c>None</c>, or null for a usual distance from the line before.</summary>
    public string? Spacing { get; init; }
}

/// <summary>A button of a card that opens a page.</summary>
internal sealed record CardLink(string Title, string Url)
{
    /// <summary>What it does.</summary>
    public string Type { get; } = "Action.OpenUrl";
}
