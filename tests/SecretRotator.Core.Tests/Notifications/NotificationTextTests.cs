using SecretRotator.Notifications;

namespace SecretRotator.Tests.Notifications;

public sealed class NotificationTextTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 24, 1, 30);

    [Fact]
    public void The_subject_counts_what_happened() =>
        NotificationText.Subject(Of(
            Entry(NotificationEvent.NeedsOperator), Entry(NotificationEvent.Failed), Entry(NotificationEvent.Failed),
            Entry(NotificationEvent.CredentialEnds))).Should()
            .Be("SecretRotator in acme: 1 needs an operator, 2 failed, 1 credential ends");

    [Fact]
    public void The_lines_name_secrets_kinds_and_owners_and_what_to_do() =>
        NotificationText.Lines(Of(
            Entry(NotificationEvent.Failed) with { Failure = FailureKind.AccessDenied },
            new(NotificationEvent.CredentialEnds, null, null, null))).Should().Equal(
            "`secret-rotator rotate`, 2026-11-24 01:30 UTC, 3 secrets, exit code 4.",
            "Failed:",
            "- db: access-denied, owner jo",
            "Vault and targets hold the old values. Fix the cause that the step's output names, then run again: "
                + "`secret-rotator rotate --only NAME`.",
            "Credentials end:",
            "- the Bitbucket credential",
            "Make a new one at the service that gave it, and write it into the vault, with its new end in the inventory or beside it.");

    [Fact]
    public void Ten_secrets_of_an_event_are_named()
    {
        var lines = NotificationText.Lines(Of([.. Enumerable.Repeat(Entry(NotificationEvent.Blocked), 12)]));

        lines.Count(line => line.StartsWith("- db", StringComparison.Ordinal)).Should().Be(10);
        lines.Should().Contain("- and 2 more");
    }

    [Fact]
    public void However_much_happened_the_lines_are_bounded()
    {
        var entry = Entry(NotificationEvent.Failed) with { Secret = new('a', 63), Owner = new('o', 200), Failure = FailureKind.Unexpected };

        var lines = NotificationText.Lines(Of(
            [.. Enum.GetValues<NotificationEvent>().SelectMany(what => Enumerable.Repeat(entry with { Event = what }, 1000))]));

        lines.Sum(line => line.Length + 1).Should().BeInRange(2_500, NotificationText.Longest);
    }

    [Fact]
    public void An_owner_breaks_no_line() =>
        NotificationText.Lines(Of(Entry(NotificationEvent.Failed) with { Owner = "jo\nBcc: x" })).Should()
            .NotContain(line => line.Contains('\n', StringComparison.Ordinal));

    [Fact]
    public void A_test_says_that_it_is_one()
    {
        var test = Of() with { IsTest = true };

        NotificationText.Subject(test).Should().Be("SecretRotator in acme: this is a test");
        NotificationText.Lines(test).Should().ContainSingle().Which.Should().Contain("Nothing happened");
    }

    [Fact]
    public void A_receiver_gets_what_it_asks_for_and_nothing_where_that_is_nothing()
    {
        var reference = new SecretRotator.Inventory.VaultReference("prod", "n", null);
        NotificationReceiver.Slack failures = new("a", [NotificationEvent.Failed], reference);
        NotificationReceiver.Slack ends = new("b", [NotificationEvent.CredentialEnds], reference);

        var messages = AddressedNotification.Of([failures, ends], Of(Entry(NotificationEvent.Blocked), Entry(NotificationEvent.Failed)));

        messages.Should().ContainSingle().Which.Receiver.Should().Be(failures);
        messages[0].Notification.Entries.Should().Equal(Entry(NotificationEvent.Failed));
    }

    private static NotificationEntry Entry(NotificationEvent what) => new(what, "db", "jo", null);

    private static Notification Of(params ImmutableArray<NotificationEntry> entries) =>
        new(Now, "acme", "rotate", 3, entries) { ExitCode = 4 };
}
