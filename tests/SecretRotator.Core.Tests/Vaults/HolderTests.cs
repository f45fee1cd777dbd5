namespace SecretRotator.Tests.Vaults;

public sealed class HolderTests
{
    private const string Step = "0a1b2c3d-0000-4000-8000-0000000000aa";

    private static readonly Holder.Pipeline Alone = new("acme", "secret-rotator", "0a1b2c3d-0000-4000-8000-000000000017", 17);

    [Fact]
    public void A_holder_is_read_as_it_was_written()
    {
        Holder[] holders = [Alone, Run(1), Run(9999), new Holder.Process("0123456789abcdef", 42, 1000, "someone@somewhere")];

        holders.Select(holder => Holder.Parse(holder.Format())).Should().Equal(holders);
    }

    [Fact]
    public void A_mark_of_an_earlier_version_that_names_no_step_is_read() =>
        Holder.Parse("pipeline/acme/secret-rotator/0a1b2c3d-0000-4000-8000-000000000017/17").Should().Be(Alone);

    [Theory]
    [InlineData("pipeline/acme/secret-rotator/0a1b2c3d-0000-4000-8000-000000000017/17/ChssPQAAQACAAAAAAAAAqg/1")]
    [InlineData("pipeline/acme/secret-rotator/ChssPQAAQACAAAAAAAAAFw/17/ChssPQAAQACAAAAAAAAAqg/0")]
    [InlineData("pipeline/acme/secret-rotator/ChssPQAAQACAAAAAAAAAFw/17/ChssPQAAQACAAAAAAAAAqg")]
    [InlineData("pipeline/acme/secret-rotator/ChssPQAAQACAAAAAAAAAFw/17")]
    public void Half_a_step_is_no_holder(string text) => Holder.Parse(text).Should().BeNull();

    [Fact]
    public void The_longest_holder_leaves_room_for_the_rest_of_a_staging_label()
    {
        var slug = new string('w', 62);
        var longest = new Holder.Pipeline(slug, slug, Alone.Uuid, 999_999_999) { Step = new(Step, 9999) };

        longest.Format().Length.Should().BeLessThanOrEqualTo(196);
        Holder.Parse(longest.Format()).Should().Be(longest);
    }

    [Fact]
    public void A_later_run_of_the_same_step_knows_that_the_earlier_one_has_ended() =>
        Run(3).StateOf(Run(2)).Should().Be(HolderState.Ended);

    [Fact]
    public void Of_its_own_run_and_of_a_later_one_and_of_a_mark_without_a_step_a_holder_knows_nothing() =>
        new[] { Run(2).StateOf(Run(2)), Run(2).StateOf(Run(3)), Run(2).StateOf(Alone), Alone.StateOf(Run(1)), Alone.StateOf(Alone) }
            .Should().OnlyContain(state => state == HolderState.Unknown);

    [Fact]
    public void Another_step_and_another_pipeline_and_a_process_have_to_be_asked_about() =>
        new[]
        {
            Run(2).StateOf(Alone with { Step = new("0a1b2c3d-0000-4000-8000-0000000000bb", 1) }),
            Run(2).StateOf(Alone with { Uuid = "0a1b2c3d-0000-4000-8000-000000000018", Step = new(Step, 1) }),
            Run(2).StateOf(new Holder.Process("0123456789abcdef", 42, 1000, "x")),
            new Holder.Process("0123456789abcdef", 42, 1000, "x").StateOf(Run(1)),
        }.Should().OnlyContain(state => state == null);

    [Fact]
    public void People_are_told_which_run_of_a_step_it_is_where_there_was_more_than_one() =>
        (Run(1).ToString(), Run(2).ToString()).Should()
            .Be(("pipeline acme/secret-rotator #17", "pipeline acme/secret-rotator #17, run 2 of its step"));

    private static Holder.Pipeline Run(int number) => Alone with { Step = new(Step, number) };
}
