using System.Text.Json.Serialization;
using SecretRotator.Notifications;

namespace SecretRotator.Providers.Notifications;

/// <summary>What a webhook receives. docs/notifications.md explains it to people.</summary>
internal sealed class NotificationJson
{
    private readonly Notification _notification;

    internal NotificationJson(Notification notification) => _notification = notification;

    /// <summary>Rises when a reader of the former version could be misled.</summary>
    public int Version { get; } = 1;

    /// <summary>The same in a message that is sent twice.</summary>
    public string Id => _notification.Id;
    public string At => MarkText.Format(_notification.At);
    public string Workspace => _notification.Workspace;
    public string Command => _notification.Command;

    /// <summary>Whether it only tests the way.</summary>
    public bool Test => _notification.IsTest;

    /// <summary>What the process answered; missing in a test.</summary>
    public long? ExitCode => _notification.ExitCode;

    /// <summary>How many secrets the run covered.</summary>
    public int Secrets => _notification.Secrets;

    /// <summary>How often each event happened that the receiver is told of.</summary>
    public IEnumerable<EventCountJson> Counts => _notification.Entries.GroupBy(entry => entry.Event)
        .Select(group => new EventCountJson(WireNames.Of(group.Key), group.Count()));

    /// <summary>What happened, the most urgent first; at most 100.</summary>
    public IEnumerable<NotificationEntryJson> Entries => _notification.Entries.Take(100).Select(entry => new NotificationEntryJson(entry));

    /// <summary>The page of the pipeline's step; missing outside a pipeline.</summary>
    public string? Link => _notification.Link?.AbsoluteUri;
}

/// <summary>How often an event happened.</summary>
internal sealed record EventCountJson(string Event, int Count);

/// <summary>One thing that happened.</summary>
internal sealed class NotificationEntryJson
{
    private readonly NotificationEntry _entry;

    internal NotificationEntryJson(NotificationEntry entry) => _entry = entry;

    public string Event => WireNames.Of(_entry.Event);

    /// <summary>The secret; missing where it is about the run as a whole or the Bitbucket credential.</summary>
    public string? Secret => _entry.Secret;
    public string? Owner => _entry.Owner;

    /// <summary>Why; missing where nothing failed.</summary>
    public string? Failure => _entry.Failure is { } kind ? WireNames.Of(kind) : null;
}

/// <summary>Writes what is sent. Generated, so that nothing is reflected over at run time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NotificationJson))]
[JsonSerializable(typeof(SlackMessage))]
[JsonSerializable(typeof(TeamsMessage))]
internal sealed partial class NotificationContext : JsonSerializerContext;
