using CsCheck;
using SecretRotator.Providers.Azure;

namespace SecretRotator.Tests.Providers.Azure;

public sealed class KeyVaultHistoryTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 11, 23, 1, 0);
    private static readonly RotationId Rotation = new("00000000-0000-4000-8000-000000000001");

    [Fact]
    public void The_latest_version_is_the_newest_whatever_the_order_of_the_list()
    {
        var history = new KeyVaultHistory([Version("b", 20), Version("c", 30), Version("a", 10)]);

        history.NewestCandidates().Should().ContainSingle().Which.Id.Value.Should().Be("c");
    }

    [Fact]
    public void Of_two_versions_of_one_second_the_one_that_replaced_the_other_is_the_newest()
    {
        var history = new KeyVaultHistory([Version("z", 10), Version("a", 10, ("secret-rotator-replaces", "z"))]);

        history.NewestCandidates().Should().ContainSingle().Which.Id.Value.Should().Be("a");
    }

    [Fact]
    public void Of_two_versions_of_one_second_without_a_link_either_may_be_the_newest()
    {
        var history = new KeyVaultHistory([Version("z", 10), Version("a", 10)]);

        history.NewestCandidates().Should().HaveCount(2);
    }

    [Fact]
    public void Of_several_old_versions_in_their_grace_the_newest_goes_first()
    {
        var history = new KeyVaultHistory(
            [Version("a", 10), Version("b", 20, InGrace("a", "r1", 20)), Version("c", 30, InGrace("b", "r2", 30))]);

        history.GraceBefore(history.Find(new("c"))!)!.Value.Mark.Version.Value.Should().Be("b");
    }

    [Fact]
    public void An_old_version_that_is_disabled_is_retired_already()
    {
        var history = new KeyVaultHistory(
            [
                Version("a", 10) with { Enabled = false },
                Version("b", 20, InGrace("a", "r1", 20)),
                Version("c", 30, InGrace("b", "r2", 30)),
            ]);

        history.GraceBefore(history.Find(new("c"))!)!.Value.Mark.Version.Value.Should().Be("b");
    }

    [Fact]
    public void The_current_version_is_never_in_grace()
    {
        var history = new KeyVaultHistory([Version("a", 10), Version("b", 20, InGrace("a", "r1", 20))]);

        history.GraceBefore(history.Find(new("a"))!).Should().BeNull();
    }

    [Fact]
    public void A_mark_of_a_grace_that_someone_copied_tells_nothing_new()
    {
        var history = new KeyVaultHistory(
            [
                Version("a", 10) with { Enabled = false },
                Version("b", 20, InGrace("a", "r1", 20)),
                Version("c", 30, InGrace("a", "r1", 20)),
            ]);

        history.GraceBefore(history.Find(new("c"))!).Should().BeNull();
    }

    [Fact]
    public void Of_a_mark_on_two_versions_the_one_that_its_rotation_made_is_found()
    {
        var history = new KeyVaultHistory(
            [Version("a", 10), Version("c", 30, InGrace("a", "r1", 20)), Version("b", 20, InGrace("a", "r1", 20))]);

        history.GraceBefore(history.Find(new("c"))!)!.Value.Version.Id.Value.Should().Be("b");
    }

    [Fact]
    public void A_mark_of_a_grace_that_can_not_be_read_is_a_failure()
    {
        var history = new KeyVaultHistory([Version("a", 10, ("secret-rotator-grace", "soon"))]);

        FluentActions.Invoking(() => history.GraceBefore(history.Find(new("a"))!)).Should().Throw<FormatException>();
    }

    [Fact]
    public void A_mark_of_a_delivery_counts_on_whichever_version_it_stands_and_the_last_one_wins()
    {
        DeliveringMark At(int minutes) => DeliveringMark.Of(new($"r{minutes}"), Start + Duration.FromMinutes(minutes), []);
        var history = new StagedHistory(
        [
            Version("a", 10, ("secret-rotator-delivering", At(2).Format())),
            Version("b", 20, ("secret-rotator-delivering", At(1).Format())), Version("c", 30),
        ]);

        history.Delivering(recorded: null).Should().Be(At(2));
        history.Delivering(recorded: At(2).Rotation).Should().Be(At(1));
    }

    [Fact]
    public void A_mark_of_a_delivery_that_can_not_be_read_is_a_failure() =>
        FluentActions.Invoking(() => new StagedHistory([Version("a", 10, ("secret-rotator-delivering", "soon"))]).Delivering(null)).Should()
            .Throw<FormatException>();

    [Fact]
    public void Whatever_is_made_in_whatever_second_the_newest_is_among_the_candidates() =>
        Gen.Select(Gen.Int[0, 1], Gen.Bool).Array[1, 12].Sample(steps =>
        {
            // Each version is made later or in the same second, by a rotation of ours or by someone who copies tags.
            var made = new List<KeyVaultVersion>();
            var second = 0;
            foreach (var (later, ours) in steps)
            {
                second += later;
                var id = $"{made.Count * 7919 % 13:x}{made.Count}";
                var tags = made.Count == 0
                    ? []
                    : ours ? [("secret-rotator-replaces", made[^1].Id.Value)] : made[^1].Tags.Select(t => (t.Key, t.Value)).ToArray();
                made.Add(Version(id, second, tags));
            }

            return new KeyVaultHistory([.. made.OrderBy(v => v.Id.Value, StringComparer.Ordinal)]).NewestCandidates().Contains(made[^1]);
        });

    [Fact]
    public void A_mark_that_means_its_own_version_is_read_with_that_version_s_id()
    {
        var current = Version("b", 20, Promoted("a"));
        var history = new KeyVaultHistory([Version("a", 10), current]);

        (history.RotationOf(current), history.DeliveredAt(current)!.Version.Value).Should().Be((Rotation, "b"));
    }

    [Fact]
    public void A_version_that_copied_all_tags_was_neither_rotated_nor_delivered_by_the_tool()
    {
        var copy = Version("c", 30, Promoted("a"));
        var history = new KeyVaultHistory([Version("a", 10), copy, Version("b", 20, Promoted("a"))]);

        (history.RotationOf(copy), history.DeliveredAt(copy)!.Version.Value).Should().Be((null, "b"));
    }

    [Fact]
    public void A_version_that_copied_all_tags_in_the_same_second_was_not_delivered_either()
    {
        var copy = Version("a", 20, Promoted("0"));
        var history = new KeyVaultHistory([Version("0", 10), copy, Version("b", 20, Promoted("0"))]);

        (history.RotationOf(copy), history.DeliveredAt(copy)!.Version.Value).Should().Be((null, "b"));
    }

    [Fact]
    public void A_version_that_copied_the_mark_alone_proves_nothing()
    {
        var copy = Version("b", 20, ("secret-rotator-delivered", Mark("self").Format()));
        var history = new KeyVaultHistory([Version("a", 10), copy]);

        history.DeliveredAt(copy).Should().BeNull();
    }

    [Fact]
    public void After_a_rotation_elsewhere_the_older_delivery_still_counts_as_the_last_one()
    {
        var current = Version("c", 30);
        var history = new KeyVaultHistory(
            [
                Version("a", 10, ("secret-rotator-delivered", Mark("a").Format())),
                current,
                Version("b", 20, ("secret-rotator-delivered", Mark("b").Format())),
            ]);

        history.DeliveredAt(current)!.Version.Value.Should().Be("b");
    }

    [Fact]
    public void A_mark_that_no_one_can_read_is_an_error_on_the_current_version_and_nothing_on_an_older_one()
    {
        var current = Version("b", 20);
        var unreadable = Version("a", 10, ("secret-rotator-delivered", "yesterday"));
        var history = new KeyVaultHistory([unreadable, current]);

        history.DeliveredAt(current).Should().BeNull();
        history.Invoking(h => h.DeliveredAt(unreadable)).Should().Throw<FormatException>();
    }

    [Fact]
    public void The_longest_mark_fits_into_a_tag()
    {
        var mark = new DeliveryMark(new(new string('f', 32)), Start, Start, new string('f', 16), VerificationLevel.Attested, Rotation);

        mark.Format().Length.Should().BeLessThanOrEqualTo(256);
    }

    private static (string, string)[] Promoted(string replaces) =>
        [
            ("secret-rotator-rotation", Rotation.Value),
            ("secret-rotator-replaces", replaces),
            ("secret-rotator-delivered", Mark("self").Format()),
        ];

    private static DeliveryMark Mark(string version) =>
        new(new(version), Start, Start, "0123456789abcdef", VerificationLevel.Listed, Rotation);

    private static (string, string)[] InGrace(string old, string rotation, int second) =>
        [
            ("secret-rotator-rotation", rotation),
            ("secret-rotator-grace", new GraceMark(new(old), Start + Duration.FromSeconds(second), new(rotation)).Format()),
        ];

    private static KeyVaultVersion Version(string id, int second, params (string Key, string Value)[] tags) => new(
        new(id), Start + Duration.FromSeconds(second), Enabled: true, ContentType: null, Expires: null, Managed: false,
        tags.ToImmutableSortedDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal));
}
