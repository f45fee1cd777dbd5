namespace SecretRotator.Notifications;

/// <summary>What a receiver is told of one run: names, kinds and counts. Never a value, and no text that a server wrote.</summary>
/// <param name="At">When it was made.</param>
/// <param name="Workspace">The Bitbucket workspace's slug.</param>
/// <param name="Command">The command, such as <c>rotate</c>.</param>
/// <param name="Secrets">How many secrets the run covered.</param>
/// <param name="Entries">What happened, the most urgent first; none in a test and in a heartbeat.</param>
public sealed record Notification(
    Instant At, string Workspace, string Command, int Secrets, ImmutableArray<NotificationEntry> Entries)
{
    /// <summary>Identifies the message, so that one that arrives twice is recognised; given when it is sent.</summary>
    public string Id { get; init; } = "";

    /// <summary>The exit code of the process; null where the message isn't about a run that ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The page of the pipeline's step, or null outside a pipeline.</summary>
    public Uri? Link { get; init; }

    /// <summary>Whether it only tests the way to the receiver.</summary>
    public bool IsTest { get; init; }

    /// <summary>The events with their numbers, such as <c>1 needs an operator, 2 failed</c>.</summary>
    public string Counts => NotificationText.Counts(Entries);
}

/// <summary>One thing that happened.</summary>
/// <param name="Event">What kind of thing.</param>
/// <param name="Secret">The secret; null where it is about the run as a whole, or about the tool's own credential.</param>
/// <param name="Owner">Who answers for the secret, or null.</param>
/// <param name="Failure">Why, or null where nothing failed.</param>
public sealed record NotificationEntry(NotificationEvent Event, string? Secret, string? Owner, FailureKind? Failure);

/// <summary>A message and who gets it.</summary>
/// <param name="Receiver">Who gets it.</param>
/// <param name="Notification">The message.</param>
public sealed record AddressedNotification(NotificationReceiver Receiver, Notification Notification)
{
    /// <summary>One message for each receiver that wants to hear of something in it.</summary>
    /// <param name="receivers">The receivers.</param>
    /// <param name="whole">Everything that happened.</param>
    public static ImmutableArray<AddressedNotification> Of(ImmutableArray<NotificationReceiver> receivers, Notification whole) =>
    [
        .. receivers
            .Select(receiver => new AddressedNotification(
                receiver, whole with { Entries = [.. whole.Entries.Where(entry => receiver.On.Contains(entry.Event))] }))
            .Where(message => !message.Notification.Entries.IsEmpty),
    ];
}

/// <summary>What came of a message.</summary>
/// <param name="Receiver">Who was to get it.</param>
/// <param name="Answer">What the receiver answered, in words of our own; null where it isn't known to have taken the message.</param>
/// <param name="Failure">Why it was not sent; null where it was, and where nothing was tried.</param>
public sealed record NotificationAnswer(NotificationReceiver Receiver, string? Answer, Failure? Failure);

/// <summary>What happened in a run that someone must hear of, in the order of urgency.</summary>
public enum NotificationEvent
{
    /// <summary>Something isn't, or isn't known to be, put back or done.</summary>
    NeedsOperator,

    /// <summary>A rotation failed and was put back, or the run as a whole could not begin or go on.</summary>
    Failed,

    /// <summary>A secret can't be started, or can't be judged.</summary>
    Blocked,

    /// <summary>A secret has been due for more than a day, and nothing explains that it waits.</summary>
    Overdue,

    /// <summary>A credential that no program can renew ends soon, or has ended.</summary>
    CredentialEnds,

    /// <summary>The first success after a failure.</summary>
    Recovered,
}
