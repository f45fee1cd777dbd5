using SecretRotator.Evidence;
using SecretRotator.Notifications;

namespace SecretRotator.Commands;

/// <summary>What receivers are told, and what they answered, as people read it. A part of the views of runs and plans.</summary>
internal static class NotificationsView
{
    /// <summary>Tells what receivers answered.</summary>
    public static void WriteText(Terminal terminal, ImmutableArray<NotificationAnswer> answers)
    {
        foreach (var answer in answers)
        {
            if (answer.Failure is { } failure)
            {
                terminal.Write($"Not told: {answer.Receiver}", Tone.Attention);
                terminal.WriteLabelled(
                    [("Cause", failure.Message), .. failure.Hint is { } hint ? [("Next", hint)] : Array.Empty<(string, string)>()]);
            }
            else
                terminal.Write(
                    answer.Answer is { } said ? $"Told: {answer.Receiver} answered: {said}" : $"A sandbox tells no one: {answer.Receiver}",
                    Tone.Quiet);
        }
    }

    /// <summary>Tells what would be sent.</summary>
    public static void WriteText(Terminal terminal, ImmutableArray<AddressedNotification> messages)
    {
        foreach (var message in messages)
            terminal.Write($"Would be told as it is now: {message.Receiver}: {message.Notification.Counts}", Tone.Quiet);
    }
}

/// <summary>What a receiver answered.</summary>
internal sealed class NotificationAnswerJson
{
    private readonly NotificationAnswer _answer;

    internal NotificationAnswerJson(NotificationAnswer answer) => _answer = answer;

    public string Receiver => _answer.Receiver.Name;
    public string Kind => _answer.Receiver.Kind;

    /// <summary>Whether the receiver took the message. A sandbox sends nothing.</summary>
    public bool Sent => _answer.Answer is not null;

    /// <summary>What the receiver answered, in words of the tool's own.</summary>
    public string? Answer => _answer.Answer;
    public string? Cause => _answer.Failure?.Message;
    public string? Hint => _answer.Failure?.Hint;
    public RecordedFailure? Failure => RecordedFailure.Of(_answer.Failure);

    public static IEnumerable<NotificationAnswerJson>? Of(ImmutableArray<NotificationAnswer> answers) =>
        answers.IsEmpty ? null : answers.Select(answer => new NotificationAnswerJson(answer));
}

/// <summary>What a receiver would be told.</summary>
internal sealed class PlannedNotificationJson
{
    private readonly AddressedNotification _message;

    internal PlannedNotificationJson(AddressedNotification message) => _message = message;

    public string Receiver => _message.Receiver.Name;
    public string Kind => _message.Receiver.Kind;
    public IEnumerable<ToldEventJson> Events => _message.Notification.Entries.GroupBy(entry => entry.Event)
        .Select(group => new ToldEventJson(group.Key, group.Select(entry => entry.Secret).OfType<string>()));

    public static IEnumerable<PlannedNotificationJson>? Of(ImmutableArray<AddressedNotification> messages) =>
        messages.IsEmpty ? null : messages.Select(message => new PlannedNotificationJson(message));
}

/// <summary>An event that a receiver would be told of.</summary>
internal sealed class ToldEventJson
{
    internal ToldEventJson(NotificationEvent what, IEnumerable<string> secrets) => (Event, Secrets) = (WireNames.Of(what), secrets);

    public string Event { get; }

    /// <summary>None where it is about the Bitbucket credential.</summary>
    public IEnumerable<string> Secrets { get; }
}
