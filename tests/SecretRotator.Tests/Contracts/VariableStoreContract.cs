using NodaTime.Testing;
using SecretRotator.Bitbucket;
using SecretRotator.Tests.Providers.Bitbucket;

namespace SecretRotator.Tests.Contracts;

public sealed class WorkspaceVariablesTests : VariableStoreContract
{
    protected override VariableScope Scope { get; } = new VariableScope.Workspace(BitbucketStage.Workspace);
}

public sealed class RepositoryVariablesTests : VariableStoreContract
{
    protected override VariableScope Scope { get; } = new VariableScope.Repository(BitbucketStage.Workspace, BitbucketStage.Repository);
}

public sealed class EnvironmentVariablesTests : VariableStoreContract
{
    protected override VariableScope Scope { get; } =
        new VariableScope.Environment(BitbucketStage.Workspace, BitbucketStage.Repository, BitbucketStage.Environment);
}

/// <summary>What <see cref="IVariableStore"/> promises, of every scope: the real client, on real sockets, against the emulator.</summary>
public abstract class VariableStoreContract
{
    private const string Key = "DB_PASSWORD";
    private const string Text = "n\"ew \\ vä\tlue\u0001 / of <some> length & 😀";

    protected abstract VariableScope Scope { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_created_variable_is_secured_and_holds_the_very_value()
    {
        await using var stage = await BitbucketStage.StartAsync();
        using var value = SecretValue.FromText(Text);

        var (created, end) = await stage.Connection.Variables.CreateAsync(Scope, Key, value, Cancellation);

        var stored = await stage.StoredAsync(Scope, Key);
        (stored!.Value, stored.Secured).Should().Be((Text, true));
        (created, end).Should().Be((new ObservedVariable(Guid.Parse(stored.Uuid).ToString(), Key, true), PutEnd.Settled));
    }

    [Fact]
    public async Task Creating_a_key_that_exists_is_a_conflict_whatever_its_case()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.SeedAsync(Scope, "db_password", "stays as it is");
        using var value = SecretValue.FromText(Text);

        var failure = await FailureOf(() => stage.Connection.Variables.CreateAsync(Scope, Key, value, Cancellation));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Conflict, Effect.Rejected));
        (await stage.StoredAsync(Scope, "db_password"))!.Value.Should().Be("stays as it is");
    }

    [Fact]
    public async Task A_put_changes_the_value_and_keeps_uuid_and_key()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var variable = await stage.SeedAsync(Scope, Key);
        using var value = SecretValue.FromText(Text);

        var end = await stage.Connection.Variables.PutAsync(Scope, variable, value, Cancellation);

        end.Should().Be(PutEnd.Settled);
        var stored = await stage.StoredAsync(Scope, Key);
        (Guid.Parse(stored!.Uuid).ToString(), stored.Key, stored.Value, stored.Secured).Should().Be((variable.Uuid, Key, Text, true));
    }

    [Fact]
    public async Task A_put_sends_type_key_value_and_secured_together_in_one_request()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var variable = await stage.SeedAsync(Scope, Key);
        using var value = SecretValue.FromText("plain");

        await stage.Connection.Variables.PutAsync(Scope, variable, value, Cancellation);

        stage.Recorded.Calls.Where(c => c.Method != "GET").Should().ContainSingle().Which.Body
            .Should()
            .Be($$"""{"type":"{{(Scope is VariableScope.Environment ? "deployment" : "pipeline")}}_variable","key":"DB_PASSWORD","value":"plain","secured":true}""");
    }

    [Fact]
    public async Task A_plain_variable_becomes_secured_by_a_put()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var variable = await stage.SeedAsync(Scope, Key, secured: false);
        using var value = SecretValue.FromText(Text);

        await stage.Connection.Variables.PutAsync(Scope, variable, value, Cancellation);

        (await stage.StoredAsync(Scope, Key))!.Secured.Should().BeTrue();
    }

    [Fact]
    public async Task A_plain_variable_that_refuses_to_become_secured_keeps_its_value()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var variable = await stage.SeedAsync(Scope, Key, "old", secured: false);
        await stage.ChangeAsync(state => BitbucketStage.VariablesOf(state, Scope)[0].RefusesToBeSecured = true);
        using var value = SecretValue.FromText(Text);

        var failure = await FailureOf(() => stage.Connection.Variables.PutAsync(Scope, variable, value, Cancellation));

        failure.Effect.Should().Be(Effect.Rejected);
        failure.Message.Should().Contain("can't be changed to a secured one");
        (await stage.StoredAsync(Scope, Key))!.Value.Should().Be("old");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(250)]
    public async Task A_listing_is_complete_whatever_next_says(int count)
    {
        await using var stage = await BitbucketStage.StartAsync();
        for (var i = 0; i < count; i++)
            await stage.SeedAsync(Scope, $"KEY_{i}", secured: i % 2 == 0);

        var listed = await stage.Connection.Variables.ListAsync(Scope, Cancellation);

        listed.Select(v => (v.Key, v.Secured)).Should().Equal(Enumerable.Range(0, count).Select(i => ($"KEY_{i}", i % 2 == 0)));
        stage.CallsOf("list").Should().Be(Math.Max(1, (count + 99) / 100));
    }

    [Fact]
    public async Task A_listing_gives_uuids_without_braces_in_lower_case()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.SeedAsync(Scope, Key);
        await stage.ChangeAsync(state => BitbucketStage.VariablesOf(state, Scope)[0].Uuid = "{ABCDEF01-2345-6789-ABCD-EF0123456789}");

        (await stage.Connection.Variables.ListAsync(Scope, Cancellation))[0].Uuid.Should().Be("abcdef01-2345-6789-abcd-ef0123456789");
    }

    [Fact]
    public async Task A_uuid_has_escaped_braces_in_the_path()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var variable = await stage.SeedAsync(Scope, Key);

        await stage.Connection.Variables.DeleteAsync(Scope, variable.Uuid, Cancellation);

        stage.Recorded.Calls[^1].Uri.AbsoluteUri.Should().EndWith($"variables/%7B{variable.Uuid}%7D");
    }

    [Fact]
    public async Task A_server_that_wants_a_slash_after_a_listing_gets_it()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.SeedAsync(Scope, Key);
        await stage.ChangeAsync(state => state.WantsSlash = true);

        (await stage.Connection.Variables.ListAsync(Scope, Cancellation)).Should().ContainSingle();
    }

    [Fact]
    public async Task A_deleted_variable_is_gone()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var variable = await stage.SeedAsync(Scope, Key);

        await stage.Connection.Variables.DeleteAsync(Scope, variable.Uuid, Cancellation);

        (await stage.StoredAsync(Scope, Key)).Should().BeNull();
    }

    [Fact]
    public async Task Deleting_what_is_gone_already_is_no_failure()
    {
        await using var stage = await BitbucketStage.StartAsync();

        await stage.Connection.Variables.DeleteAsync(Scope, Guid.NewGuid().ToString(), Cancellation);

        stage.CallsOf("delete").Should().Be(1);
    }

    [Fact]
    public async Task A_put_whose_answer_was_lost_is_repeated()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.put#1=lost");
        var variable = await stage.SeedAsync(Scope, Key);
        using var value = SecretValue.FromText(Text);

        await stage.Connection.Variables.PutAsync(Scope, variable, value, Cancellation);

        stage.CallsOf("put").Should().Be(2);
        (await stage.StoredAsync(Scope, Key))!.Value.Should().Be(Text);
    }

    [Fact]
    public async Task A_delete_whose_answer_was_lost_is_done()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.delete#1=lost");
        var variable = await stage.SeedAsync(Scope, Key);

        await stage.Connection.Variables.DeleteAsync(Scope, variable.Uuid, Cancellation);

        (await stage.StoredAsync(Scope, Key)).Should().BeNull();
    }

    [Theory]
    [InlineData("504")]
    [InlineData("lost")]
    public async Task What_is_found_after_a_creation_without_an_answer_holds_the_value_whoever_made_it(string fault)
    {
        await using var stage = await BitbucketStage.StartAsync(faults: $"bitbucket.post#1={fault}");
        using var value = SecretValue.FromText(Text);
        await stage.Connection.Variables.ListAsync(Scope, Cancellation);
        await stage.SeedAsync(Scope, Key, "someone else's");

        var (created, end) = await stage.Connection.Variables.CreateAsync(Scope, Key, value, Cancellation);

        var stored = await stage.StoredAsync(Scope, Key);
        (stored!.Value, stored.Secured, Guid.Parse(stored.Uuid).ToString()).Should().Be((Text, true, created.Uuid));
        (end, stage.CallsOf("post")).Should().Be((PutEnd.MayLandAgain, 1));
    }

    [Fact]
    public async Task A_creation_whose_answer_was_lost_is_found_by_listing_and_not_repeated()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.post#1=lost");
        using var value = SecretValue.FromText(Text);

        var (created, end) = await stage.Connection.Variables.CreateAsync(Scope, Key, value, Cancellation);

        (Guid.Parse((await stage.StoredAsync(Scope, Key))!.Uuid).ToString(), PutEnd.MayLandAgain).Should().Be((created.Uuid, end));
        stage.CallsOf("post").Should().Be(1);
    }

    [Fact]
    public async Task A_creation_whose_answer_was_lost_is_found_although_listings_lag_behind()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.post#1=lost");
        await stage.ChangeAsync(state => state.ListingLag = 2);
        using var value = SecretValue.FromText(Text);

        await stage.Connection.Variables.CreateAsync(Scope, Key, value, Cancellation);

        stage.CallsOf("post").Should().Be(1);
    }

    [Fact]
    public async Task A_creation_that_failed_and_left_nothing_is_tried_once_more()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.post#1=500");
        using var value = SecretValue.FromText(Text);

        await stage.Connection.Variables.CreateAsync(Scope, Key, value, Cancellation);

        (stage.CallsOf("post"), (await stage.StoredAsync(Scope, Key))!.Value).Should().Be((2, Text));
    }

    [Fact]
    public async Task A_creation_that_is_never_answered_stays_unknown()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: ["bitbucket.post=500"]);
        using var value = SecretValue.FromText(Text);

        var failure = await FailureOf(() => stage.Connection.Variables.CreateAsync(Scope, Key, value, Cancellation));

        (failure.Kind, failure.Effect, stage.CallsOf("post")).Should().Be((FailureKind.Unavailable, Effect.Unknown, 2));
    }

    [Fact]
    public async Task Somebody_else_s_variable_is_not_taken_for_the_one_whose_creation_was_not_answered()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.post=500");
        await stage.Connection.Variables.ListAsync(Scope, Cancellation);
        await stage.SeedAsync(Scope, "OTHER");
        using var value = SecretValue.FromText(Text);

        var failure = await FailureOf(() => stage.Connection.Variables.CreateAsync(Scope, Key, value, Cancellation));

        failure.Effect.Should().Be(Effect.Unknown);
    }

    [Theory]
    [InlineData("503", FailureKind.Unavailable, Effect.Rejected, 4)]
    [InlineData("429", FailureKind.Throttled, Effect.Rejected, 6)]
    [InlineData("500", FailureKind.Unavailable, Effect.Unknown, 4)]
    [InlineData("502", FailureKind.Unavailable, Effect.Unknown, 4)]
    [InlineData("garbage", FailureKind.Garbled, Effect.Unknown, 4)]
    [InlineData("lost", FailureKind.Unavailable, Effect.Unknown, 4)]
    [InlineData("401", FailureKind.Unauthenticated, Effect.Rejected, 1)]
    [InlineData("403", FailureKind.AccessDenied, Effect.Rejected, 1)]
    [InlineData("404", FailureKind.NotFound, Effect.Rejected, 1)]
    [InlineData("400", FailureKind.Other, Effect.Rejected, 1)]
    [InlineData("302", FailureKind.Other, Effect.Unknown, 1)]
    public async Task A_put_that_keeps_failing_tells_its_kind_and_its_effect(string fault, FailureKind kind, Effect effect, int tries)
    {
        await using var stage = await BitbucketStage.StartAsync(faults: $"bitbucket.put={fault}");
        var variable = await stage.SeedAsync(Scope, Key);
        using var value = SecretValue.FromText(Text);

        var failure = await FailureOf(() => stage.Connection.Variables.PutAsync(Scope, variable, value, Cancellation));

        (failure.Kind, failure.Effect, stage.CallsOf("put")).Should().Be((kind, effect, tries));
    }

    [Fact]
    public async Task A_put_that_was_unknown_once_stays_unknown_when_it_is_refused_then()
    {
        await using var stage = await BitbucketStage.StartAsync(null, "bitbucket.put#1=lost", "bitbucket.put#2..=403");
        var variable = await stage.SeedAsync(Scope, Key);
        using var value = SecretValue.FromText(Text);

        var failure = await FailureOf(() => stage.Connection.Variables.PutAsync(Scope, variable, value, Cancellation));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.AccessDenied, Effect.Unknown));
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("garbage")]
    [InlineData("500")]
    [InlineData("502")]
    [InlineData("504")]
    [InlineData("late:10m")]
    public async Task A_put_whose_first_try_may_have_happened_may_land_again_though_the_second_was_answered(string fault)
    {
        await using var stage = await BitbucketStage.StartAsync(faults: $"bitbucket.put#1={fault}");
        var variable = await stage.SeedAsync(Scope, Key);
        using var value = SecretValue.FromText(Text);

        (await stage.Connection.Variables.PutAsync(Scope, variable, value, Cancellation)).Should().Be(PutEnd.MayLandAgain);
    }

    [Theory]
    [InlineData("429")]
    [InlineData("503")]
    public async Task A_put_whose_first_try_was_refused_is_settled_by_the_second(string fault)
    {
        await using var stage = await BitbucketStage.StartAsync(faults: $"bitbucket.put#1={fault}");
        var variable = await stage.SeedAsync(Scope, Key);
        using var value = SecretValue.FromText(Text);

        (await stage.Connection.Variables.PutAsync(Scope, variable, value, Cancellation)).Should().Be(PutEnd.Settled);
    }

    [Theory]
    [InlineData("put", "429")]
    [InlineData("put", "503")]
    [InlineData("put", "lost")]
    [InlineData("post", "429")]
    [InlineData("delete", "429")]
    [InlineData("delete", "504")]
    public async Task No_try_of_a_change_is_made_once_the_lease_is_over(string operation, string fault)
    {
        await using var stage = await BitbucketStage.StartAsync(faults: $"bitbucket.{operation}={fault}");
        var variable = await stage.SeedAsync(Scope, Key);
        using var value = SecretValue.FromText(Text);

        // Each look at the clock is an hour later: the machine slept in between.
        var clock = new FakeClock(Instant.FromUtc(2026, 11, 23, 12, 0), Duration.FromHours(1));
        var leased = stage.Connection.Variables.Under(new Lease(clock, Instant.FromUtc(2026, 11, 23, 12, 30)));

        await FluentActions.Awaiting(() => operation switch
        {
            "put" => leased.PutAsync(Scope, variable, value, Cancellation),
            "post" => (Task)leased.CreateAsync(Scope, "ANOTHER", value, Cancellation),
            _ => leased.DeleteAsync(Scope, variable.Uuid, Cancellation),
        }).Should().ThrowAsync<LeaseOverException>();

        stage.CallsOf(operation).Should().Be(1);
    }

    [Theory]
    [InlineData("500")]
    [InlineData("garbage")]
    [InlineData("lost")]
    [InlineData("404")]
    public async Task A_failed_listing_is_a_failure_without_effect(string fault)
    {
        await using var stage = await BitbucketStage.StartAsync(faults: $"bitbucket.list={fault}");

        var failure = await FailureOf(() => stage.Connection.Variables.ListAsync(Scope, Cancellation));

        failure.Effect.Should().Be(Effect.Rejected);
    }

    [Theory]
    [InlineData("400")]
    [InlineData("403")]
    [InlineData("429")]
    [InlineData("500")]
    [InlineData("garbage")]
    [InlineData("lost")]
    public async Task A_put_that_failed_repeats_neither_the_value_nor_the_credential(string fault)
    {
        await using var stage = await BitbucketStage.StartAsync(faults: $"bitbucket.put={fault}");
        var variable = await stage.SeedAsync(Scope, Key);
        using var value = SecretValue.FromText("correct-horse-battery");

        var failure = await FailureOf(() => stage.Connection.Variables.PutAsync(Scope, variable, value, Cancellation));

        $"{failure}{failure.Hint}".Should().NotContain("correct-horse").And.NotContain("sbx-");
    }

    [Theory]
    [InlineData("400")]
    [InlineData("409")]
    [InlineData("429")]
    [InlineData("500")]
    [InlineData("garbage")]
    public async Task A_creation_that_failed_repeats_neither_the_value_nor_the_credential(string fault)
    {
        await using var stage = await BitbucketStage.StartAsync(faults: $"bitbucket.post={fault}");
        using var value = SecretValue.FromText("correct-horse-battery");

        var failure = await FailureOf(() => stage.Connection.Variables.CreateAsync(Scope, Key, value, Cancellation));

        $"{failure}{failure.Hint}".Should().NotContain("correct-horse").And.NotContain("sbx-");
    }

    [Fact]
    public async Task A_failure_names_the_variable_and_says_what_to_do()
    {
        await using var stage = await BitbucketStage.StartAsync(faults: "bitbucket.put=403");
        var variable = await stage.SeedAsync(Scope, Key);
        using var value = SecretValue.FromText(Text);

        var failure = await FailureOf(() => stage.Connection.Variables.PutAsync(Scope, variable, value, Cancellation));

        failure.Message.Should()
            .Be($"Bitbucket refused to change the variable {Scope}:{Key} (403: Your credentials lack one or more required privilege "
            + "scopes).");
        failure.Hint.Should().Be("The credential needs \"pipeline:variable\" and has \"pipeline\". Make a new one with these scopes.");
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled()
    {
        await using var stage = await BitbucketStage.StartAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await stage.Connection.Variables.Invoking(v => v.ListAsync(Scope, cancelled.Token)).Should()
            .ThrowAsync<OperationCanceledException>();
    }

    private static async Task<RemoteFailureException> FailureOf(Func<Task> act) =>
        (await act.Should().ThrowAsync<RemoteFailureException>()).Which;
}
