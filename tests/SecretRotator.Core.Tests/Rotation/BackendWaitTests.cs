using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>How long a rotation waits for a backend: until what was sent has taken effect or never will, and for no answered
/// call.</summary>
public sealed class BackendWaitTests
{
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(BackendFamily.Set)]
    [InlineData(BackendFamily.Issue)]
    public async Task A_rotation_that_is_undone_after_nothing_but_answers_waits_for_nothing(BackendFamily family)
    {
        var scene = new BackendScene(family);
        scene.Cloud.Fate = (call, _) => call == "put payments:DB" ? CallFate.Refused : CallFate.Works;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>();
        Waits(scene).Should().BeEmpty();
    }

    [Theory]
    [InlineData(CallFate.AnswerLost, 1)]
    [InlineData(CallFate.RequestLost, 2)]
    public async Task An_unanswered_write_is_looked_at_once_it_has_settled_and_repeated_where_it_is_refused(CallFate fate, int writes)
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.Fate = (call, number) => call == "set b" && number == 1 ? fate : CallFate.Works;
        List<TimeSpan>? before = null;
        scene.Cloud.OnEffect = call => before ??= call == "prove b" ? [.. Waits(scene)] : null;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Rotated>();
        before.Should().Equal(Settles);
        Waits(scene).Should().Equal(Settles);
        scene.Cloud.Calls.Count(call => call == "set b").Should().Be(writes);
    }

    [Fact]
    public async Task An_unanswered_write_that_can_not_be_looked_at_is_undone_and_not_repeated()
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.Fate = (call, _) => call == "set b" ? CallFate.AnswerLost : CallFate.Works;
        scene.Cloud.OnEffect = call => scene.Kept.IsDown |= call == "set b";

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message
            .Should().Be("The answer to set b was lost.");
        scene.Cloud.Calls.Count(call => call == "set b").Should().Be(1);
        scene.Kept.Slots["b"].Enabled.Should().BeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_undo_of_an_unanswered_write_waits_until_it_has_settled(bool overlaps)
    {
        var scene = new BackendScene(BackendFamily.Set, overlaps);
        var set = overlaps ? "set b" : "set a";
        scene.Cloud.Fate = (call, number) => call == set && number <= 2 ? CallFate.RequestLost : CallFate.Works;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>();
        Waits(scene).Should().Equal(Settles, Settles);
    }

    [Fact]
    public async Task A_backend_is_asked_after_growing_pauses_for_as_long_as_its_answers_may_lag()
    {
        var scene = new BackendScene(BackendFamily.Issue, lag: Duration.FromSeconds(40));
        scene.Cloud.OnEffect = call => scene.Kept.LaggingLogins = call == "issue" ? 99 : scene.Kept.LaggingLogins;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>();
        Waits(scene).Should().Equal(Seconds(1, 2, 4, 8, 15, 10));
    }

    [Fact]
    public async Task A_credential_that_may_have_been_made_is_looked_for_until_the_request_has_settled()
    {
        var scene = new BackendScene(BackendFamily.Issue);
        scene.Cloud.Fate = (call, _) => call == "issue" ? CallFate.RequestLost : CallFate.Works;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>();
        Waits(scene).Should().Equal(Seconds(1, 2, 4, 8, 15));
    }

    [Fact]
    public async Task A_credential_that_shows_late_is_deleted()
    {
        var scene = new BackendScene(BackendFamily.Issue);
        scene.Cloud.Fate = (call, _) => call == "issue" ? CallFate.RequestLost : CallFate.Works;
        scene.Cloud.OnEffect = call =>
        {
            if (call == "inspect" && Waits(scene).Count == 4)
                scene.Kept.Slots.TryAdd("late", new ModelCredential { Value = "x" });
        };

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>();
        scene.Kept.Slots.Keys.Should().Equal("a");
    }

    [Fact]
    public async Task What_was_abandoned_is_ended_only_once_a_dead_holder_s_promotion_can_not_bring_it_back()
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.Fate = (call, _) => call == "promote path/db" ? CallFate.DiesBefore : CallFate.Works;
        await scene.RunAsync();
        scene.Cloud.Fate = (_, _) => CallFate.Works;
        scene.Cloud.MoveCurrent(scene.Secret, scene.Vault.CurrentContent);
        scene.Machine = scene.Machine.Successor();

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Redelivered>();
        Waits(scene).Should().Equal(Settles, RunLimits.Default.MinimumInterval.ToTimeSpan());
        scene.Kept.Slots["b"].Enabled.Should().BeFalse();
    }

    private static IEnumerable<TimeSpan> Seconds(params int[] seconds) => seconds.Select(each => TimeSpan.FromSeconds(each));

    private static IReadOnlyList<TimeSpan> Waits(BackendScene scene) => ((SkippingTime)scene.Machine.Time).Waits;
}
