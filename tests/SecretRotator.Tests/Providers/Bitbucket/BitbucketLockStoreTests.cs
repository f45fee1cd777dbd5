namespace SecretRotator.Tests.Providers.Bitbucket;

public sealed class BitbucketLockStoreTests
{
    private const string Key = "SECRET_ROTATOR_CLAIM_0123456789ABCDEF";

    private static readonly ClaimText Mine = Text("mine");
    private static readonly ClaimText Theirs = Text("theirs");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_claim_is_a_plain_variable_that_says_who_claims_and_since_when()
    {
        await using var stage = await BitbucketStage.StartAsync();

        var posted = await stage.Connection.Claims(BitbucketStage.Home).PostAsync(Key, Mine, Cancellation);

        var stored = await stage.StoredAsync(BitbucketStage.Home, Key);
        (stored!.Secured, stored.Value).Should()
            .Be((false, "mine base 2026-11-23T12:00:00.000Z process/0123456789abcdef/42/1000/someone@somewhere"));
        posted.Should().Be(new PostResult(true, new(Guid.Parse(stored.Uuid).ToString(), Mine)));
    }

    [Fact]
    public async Task Of_two_claims_the_first_one_stands_and_the_second_one_sees_it()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var board = stage.Connection.Claims(BitbucketStage.Home);
        var first = await board.PostAsync(Key, Theirs, Cancellation);

        var second = await board.PostAsync(Key, Mine, Cancellation);

        second.Should().Be(new PostResult(false, first.Standing));
        (await stage.StoredAsync(BitbucketStage.Home, Key))!.Value.Should().StartWith("theirs");
    }

    [Fact]
    public async Task Of_many_that_claim_at_once_exactly_one_wins()
    {
        await using var stage = await BitbucketStage.StartAsync();

        var results = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => stage.Connection.Claims(BitbucketStage.Home).PostAsync(Key, Text($"r{i}"), Cancellation)));

        results.Count(r => r.Mine).Should().Be(1);
    }

    [Fact]
    public async Task A_claim_whose_answer_was_lost_is_mine_when_the_listing_says_so()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.post#1=lost");

        var posted = await stage.Connection.Claims(BitbucketStage.Home).PostAsync(Key, Mine, Cancellation);

        (posted.Mine, stage.CallsOf("post")).Should().Be((true, 1));
    }

    [Fact]
    public async Task A_claim_whose_answer_was_lost_is_found_although_listings_lag_behind()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.post#1=lost");
        await stage.ChangeAsync(state => state.ListingLag = 2);

        (await stage.Connection.Claims(BitbucketStage.Home).PostAsync(Key, Mine, Cancellation)).Mine.Should().BeTrue();
    }

    [Fact]
    public async Task A_claim_that_is_never_answered_stays_unknown()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.post=500");

        var failure = await FailureOf(() => stage.Connection.Claims(BitbucketStage.Home).PostAsync(Key, Mine, Cancellation));

        failure.Effect.Should().Be(Effect.Unknown);
    }

    [Theory]
    [InlineData("bitbucket.post#1=500")]
    [InlineData("bitbucket.post#1=garbage")]
    public async Task A_claim_that_was_not_answered_and_is_nowhere_to_be_seen_is_posted_once_more(string fault)
    {
        await using var stage = await BitbucketStage.StartAsync(faults: fault);

        var posted = await stage.Connection.Claims(BitbucketStage.Home).PostAsync(Key, Mine, Cancellation);

        (posted.Mine, stage.CallsOf("post")).Should().Be((true, 2));
        (await stage.StoredAsync(BitbucketStage.Home, Key))!.Value.Should().Be(Mine.Format());
    }

    [Fact]
    public async Task A_first_post_that_shows_late_is_the_second_one_s_conflict_and_mine()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.post#1=lost");
        await stage.ChangeAsync(state => state.ListingLag = 5);

        var posted = await stage.Connection.Claims(BitbucketStage.Home).PostAsync(Key, Mine, Cancellation);

        (posted.Mine, stage.CallsOf("post")).Should().Be((true, 2));
    }

    [Theory]
    [InlineData("bitbucket.post#1=lost")]
    [InlineData("bitbucket.post#1=500")]
    public async Task A_look_that_fails_after_a_post_without_an_answer_leaves_the_claim_unknown_and_says_which(string fault)
    {
        await using var stage = await BitbucketStage.StartAsync(null, fault, "bitbucket.list#1..=503");

        var failure = await FailureOf(() => stage.Connection.Claims(BitbucketStage.Home).PostAsync(Key, Mine, Cancellation));

        failure.Effect.Should().Be(Effect.Unknown);
        failure.Hint.Should().Contain(Key).And.Contain("may exist");
    }

    [Fact]
    public async Task A_post_that_is_refused_after_one_without_an_answer_stays_unknown()
    {
        await using var stage = await BitbucketStage.StartAsync(null, "bitbucket.post#1=500", "bitbucket.post#2=403");

        (await FailureOf(() => stage.Connection.Claims(BitbucketStage.Home).PostAsync(Key, Mine, Cancellation))).Effect.Should()
            .Be(Effect.Unknown);
    }

    [Fact]
    public async Task A_page_in_answer_to_a_removal_is_no_removal()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.delete=garbage");
        var claim = await stage.SeedAsync(BitbucketStage.Home, Key, Theirs.Format(), secured: false);

        var failure = await FailureOf(() => stage.Connection.Claims(BitbucketStage.Home).RemoveAsync(claim.Uuid, null, Cancellation));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Garbled, Effect.Unknown));
    }

    [Fact]
    public async Task A_refused_claim_is_rejected()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.post=403");

        var failure = await FailureOf(() => stage.Connection.Claims(BitbucketStage.Home).PostAsync(Key, Mine, Cancellation));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.AccessDenied, Effect.Rejected));
    }

    [Fact]
    public async Task A_claim_that_can_t_be_read_again_is_taken_back()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.get=403");

        var failure = await FailureOf(() => stage.Connection.Claims(BitbucketStage.Home).PostAsync(Key, Mine, Cancellation));

        failure.Effect.Should().Be(Effect.Rejected);
        (await stage.StoredAsync(BitbucketStage.Home, Key)).Should().BeNull();
    }

    [Fact]
    public async Task A_claim_that_can_t_be_read_again_nor_taken_back_is_unknown()
    {
        await using var stage = await BitbucketStage.StartAsync(null, "bitbucket.get=403", "bitbucket.delete=403");

        var failure = await FailureOf(() => stage.Connection.Claims(BitbucketStage.Home).PostAsync(Key, Mine, Cancellation));

        failure.Effect.Should().Be(Effect.Unknown);
        failure.Hint.Should().Contain(Key);
    }

    [Fact]
    public async Task Finding_claims_costs_one_listing_for_all_of_them()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.SeedAsync(BitbucketStage.Home, Key, Theirs.Format(), secured: false);
        await stage.SeedAsync(BitbucketStage.Home, "UNRELATED", "x", secured: false);
        var board = stage.Connection.Claims(BitbucketStage.Home);

        var found = await Task.WhenAll(new[] { Key, Key.ToLowerInvariant(), "OTHER" }.Select(key => board.FindAsync(key, Cancellation)));

        found.Select(f => f?.Text).Should().Equal(Theirs, Theirs, null);
        stage.CallsOf("list").Should().Be(1);
    }

    [Fact]
    public async Task A_claim_that_someone_wrote_something_else_into_is_found_without_a_text()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.SeedAsync(BitbucketStage.Home, Key, "hands off", secured: false);

        var found = await stage.Connection.Claims(BitbucketStage.Home).FindAsync(Key, Cancellation);

        found!.Text.Should().BeNull();
    }

    [Fact]
    public async Task A_removed_claim_is_gone_and_no_longer_found()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var claim = await stage.SeedAsync(BitbucketStage.Home, Key, Theirs.Format(), secured: false);
        var board = stage.Connection.Claims(BitbucketStage.Home);
        await board.FindAsync(Key, Cancellation);

        await board.RemoveAsync(claim.Uuid, null, Cancellation);

        (await board.FindAsync(Key, Cancellation)).Should().BeNull();
        (await stage.StoredAsync(BitbucketStage.Home, Key)).Should().BeNull();
    }

    [Theory]
    [InlineData("bitbucket.post#1=500", "mine", false, 2)]
    [InlineData("bitbucket.post#1=500", "theirs", true, 1)]
    [InlineData("bitbucket.list#9=500", "mine", true, 1)]
    public async Task A_claim_that_a_post_without_an_answer_makes_after_the_removal_is_taken_back(
        string fault, string back, bool stands, int removals)
    {
        await using var stage = await BitbucketStage.StartAsync(faults: fault);
        var board = stage.Connection.Claims(BitbucketStage.Home);
        var posted = await board.PostAsync(Key, Mine, Cancellation);
        // The removal finds the claim gone, and another one there.
        await stage.ChangeAsync(state =>
        {
            var claim = BitbucketStage.VariablesOf(state, BitbucketStage.Home).Single(variable => variable.Key == Key);
            (claim.Uuid, claim.Value) = ($"{{{Guid.NewGuid()}}}", Text(back).Format());
        });

        await board.RemoveAsync(posted.Standing.Uuid, null, Cancellation);

        (await stage.StoredAsync(BitbucketStage.Home, Key) is not null, stage.CallsOf("delete")).Should().Be((stands, removals));
    }

    [Fact]
    public async Task Removing_looks_at_the_uuid_so_that_a_newer_claim_stays()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.SeedAsync(BitbucketStage.Home, Key, Theirs.Format(), secured: false);

        await stage.Connection.Claims(BitbucketStage.Home).RemoveAsync(Guid.NewGuid().ToString(), null, Cancellation);

        (await stage.StoredAsync(BitbucketStage.Home, Key)).Should().NotBeNull();
    }

    [Fact]
    public async Task Taking_and_releasing_a_claim_costs_as_many_calls_as_it_says()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var board = stage.Connection.Claims(BitbucketStage.Home);

        var posted = await board.PostAsync(Key, Mine, Cancellation);
        await board.RemoveAsync(posted.Standing.Uuid, null, Cancellation);

        stage.Connection.CallsMade.Should().Be(board.Calls);
    }

    private static ClaimText Text(string rotation) =>
        new(new(rotation),
            new("base"), Instant.FromUtc(2026, 11, 23, 12, 0), new Holder.Process("0123456789abcdef", 42, 1000, "someone@somewhere"));

    private static async Task<RemoteFailureException> FailureOf(Func<Task> act) =>
        (await act.Should().ThrowAsync<RemoteFailureException>()).Which;
}
