using NodaTime.Text;

namespace SecretRotator.Notifications;

/// <summary>
/// A message as people read it: a subject and lines, bounded, so that no receiver has to cut it. Slack asks for 4,000 characters at most
/// (https://api.slack.com/changelog/2018-04-truncating-really-long-messages), Teams takes 28 KB
/// (https://learn.microsoft.com/microsoftteams/limits-specifications-teams).
/// </summary>
public static class NotificationText
{
    /// <summary>How many secrets of one event are named.</summary>
    public const int MostNamed = 10;

    /// <summary>How many characters the lines have at most, with a line break after each.</summary>
    public const int Longest = 3_000;

    private const int LongestOwner = 60;

    /// <summary>The message in one line.</summary>
    public static string Subject(Notification notification) => $"SecretRotator in {notification.Workspace}: "
        + (notification.IsTest ? "this is a test" : notification.Counts);

    /// <summary>The lines of the message below its subject, without the link.</summary>
    public static ImmutableArray<string> Lines(Notification notification)
    {
        var left = Longest;
        return [.. All(notification).TakeWhile(line => (left -= line.Length + 1) >= 0)];
    }

    /// <summary>The events with their numbers.</summary>
    internal static string Counts(ImmutableArray<NotificationEntry> entries) => string.Join(
        ", ", entries.GroupBy(entry => entry.Event).Select(group => string.Create(
            CultureInfo.InvariantCulture, $"{group.Count()} {Label(group.Key, group.Count())}")));

    // What ends the message comes first, so that it isn't what is cut.
    private static IEnumerable<string> All(Notification notification)
    {
        var at = InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm 'UTC'").Format(notification.At);
        yield return notification.IsTest
            ? $"`secret-rotator notify test` sent this at {at}. Nothing happened, and there is nothing to do."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"`secret-rotator {notification.Command}`, {at}, {notification.Secrets} "
                    + $"{(notification.Secrets == 1 ? "secret" : "secrets")}, exit code {notification.ExitCode}.");
        foreach (var group in notification.Entries.GroupBy(entry => entry.Event))
        {
            var named = group.ToList();
            yield return $"{char.ToUpperInvariant(Label(group.Key, 2)[0])}{Label(group.Key, 2)[1..]}:";
            foreach (var entry in named.Take(MostNamed))
                yield return $"- {Named(entry)}";
            if (named.Count > MostNamed)
                yield return string.Create(CultureInfo.InvariantCulture, $"- and {named.Count - MostNamed} more");
            if (Next(group.Key) is { } next)
                yield return next;
        }
    }

    private static string Named(NotificationEntry entry)
    {
        var name = entry.Secret ?? (entry.Event == NotificationEvent.CredentialEnds ? "the Bitbucket credential" : "the run as a whole");
        var owner = entry.Owner is { } of ? $", owner {PrintableText.Of(of.Length > LongestOwner ? of[..LongestOwner] + "…" : of)}" : "";
        return $"{name}{(entry.Failure is { } kind ? $": {WireNames.Of(kind)}" : "")}{owner}";
    }

    private static string Label(NotificationEvent what, int count) => what switch
    {
        NotificationEvent.NeedsOperator => count == 1 ? "needs an operator" : "need an operator",
        NotificationEvent.Failed => "failed",
        NotificationEvent.Blocked => "blocked",
        NotificationEvent.Overdue => "overdue",
        NotificationEvent.CredentialEnds => count == 1 ? "credential ends" : "credentials end",
        NotificationEvent.Recovered => "recovered",
        _ => throw new InvalidOperationException("A new event needs its words."),
    };

    private static string? Next(NotificationEvent what) => what switch
    {
        NotificationEvent.NeedsOperator =>
            "Something isn't put back. The step's output says what and why; fix the cause, then `secret-rotator rotate --only NAME` "
                + "finishes or undoes the rest.",
        NotificationEvent.Failed =>
            "Vault and targets hold the old values. Fix the cause that the step's output names, then run again: "
                + "`secret-rotator rotate --only NAME`.",
        NotificationEvent.Blocked => "Nothing was changed. `secret-rotator plan --only NAME` says what to do.",
        NotificationEvent.Overdue => "`secret-rotator plan --only NAME` says why.",
        NotificationEvent.CredentialEnds =>
            "Make a new one at the service that gave it, and write it into the vault, with its new end in the inventory or beside it.",
        NotificationEvent.Recovered => null,
        _ => throw new InvalidOperationException("A new event needs what to do next."),
    };
}
