using System.Text.Json.Nodes;
using SecretRotator.Backends;

namespace SecretRotator.Tests.Backends;

/// <summary>What every backend that issues credentials promises, over its emulator.</summary>
public abstract class IssuingBackendContract : IAsyncLifetime
{
    private static readonly RotationId Rotation = new("aaaaaaaa-0000-4000-8000-000000000001");

    private protected IssuerStage Stage { get; private set; } = null!;

    private protected ICredentialBackend Backend { get; private set; } = null!;

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Stage = await IssuerStage.StartAsync(Definition, atOnce: true);
        Backend = Stage.Connect();
    }

    public async ValueTask DisposeAsync()
    {
        await Stage.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract BackendDefinition Definition { get; }

    private protected abstract string IdField { get; }

    private protected abstract string SecretField { get; }

    private protected abstract string List { get; }

    private protected abstract string Issue { get; }

    private protected abstract string Disable { get; }

    private protected abstract string Delete { get; }

    private protected abstract string Prove { get; }

    private protected abstract string LimitHint { get; }

    private protected abstract string Right(string operation);

    private protected abstract string DisabledCode { get; }

    [Fact]
    public async Task What_is_issued_is_accepted_and_so_is_the_one_before()
    {
        using var current = await Stage.CurrentAsync();

        using var issued = await Backend.IssueAsync(Rotation, current, Stop);

        (await Backend.ProveAsync(issued, Stop)).Should().Be(Proof.Accepted);
        (await Backend.ProveAsync(current, Stop)).Should().Be(Proof.Accepted);
        Backend.SlotOf(issued).Should().NotBe(Backend.SlotOf(current));
    }

    [Fact]
    public async Task Only_the_issued_fields_differ()
    {
        using var current = await Stage.CurrentAsync();

        using var issued = await Backend.IssueAsync(Rotation, current, Stop);

        var (before, after) = (JsonNode.Parse(current.RevealText())!.AsObject(), JsonNode.Parse(issued.RevealText())!.AsObject());
        after.Where(member => member.Value!.ToJsonString() != before[member.Key]!.ToJsonString()).Select(member => member.Key)
            .Should().BeEquivalentTo(IdField, SecretField);
    }

    [Fact]
    public async Task A_new_credential_is_refused_for_seconds_and_then_accepted()
    {
        await using var stage = await IssuerStage.StartAsync(Definition, atOnce: false);
        var backend = stage.Connect();
        using var current = await stage.CurrentAsync();
        using var issued = await backend.IssueAsync(Rotation, current, Stop);

        var early = await backend.ProveAsync(issued, Stop);
        await stage.PassAsync(TimeSpan.FromSeconds(10));

        early.Acceptance.Should().Be(Acceptance.Refused);
        (await backend.ProveAsync(issued, Stop)).Should().Be(Proof.Accepted);
        Definition.Traits.Lag.ToTimeSpan().Should().BeGreaterThan(TimeSpan.FromSeconds(18));
    }

    [Fact]
    public async Task A_wrong_secret_is_refused()
    {
        using var current = await Stage.CurrentAsync();
        using var wrong = With(current, SecretField, "not-the-secret-of-this-id-at-all+/=&%");

        (await Backend.ProveAsync(wrong, Stop)).Acceptance.Should().Be(Acceptance.Refused);
    }

    [Theory]
    [InlineData("500")]
    [InlineData("503")]
    [InlineData("429")]
    [InlineData("400")]
    [InlineData("200")]
    [InlineData("lost")]
    [InlineData("garbage")]
    public async Task A_proof_in_trouble_is_neither_accepted_nor_refused_and_not_repeated(string fault)
    {
        using var current = await Stage.CurrentAsync();
        Stage.Fault($"{Prove}={fault}");

        var proof = await Backend.ProveAsync(current, Stop);

        proof.Acceptance.Should().Be(Acceptance.Unknown);
        proof.Why!.Message.Should().NotBeEmpty();
        Stage.Count(Prove).Should().Be(1);
        AssertQuiet(proof.Why.ToString(), current);
    }

    [Fact]
    public async Task Looking_and_proving_change_nothing()
    {
        using var current = await Stage.CurrentAsync();
        var before = await Backend.InspectAsync(current, Stop);

        await Backend.ProveAsync(current, Stop);

        Seen(await Stage.Connect().InspectAsync(current, Stop)).Should().Equal(Seen(before));
        before.Slots.Should().ContainSingle().Which.Should().Match<Slot>(
            slot => slot.Id == Backend.SlotOf(current) && slot.Enabled && slot.MadeBy == null
                && slot.MadeAt < Stage.Clock.GetCurrentInstant());
    }

    [Fact]
    public async Task At_the_limit_nothing_is_issued_and_the_hint_names_what_is_there()
    {
        using var current = await Stage.CurrentAsync();
        using var second = await Backend.IssueAsync(Rotation, current, Stop);

        var full = await Failing(() => Backend.IssueAsync(Rotation, current, Stop));

        (full.Kind, full.Effect).Should().Be((FailureKind.Conflict, Effect.Rejected));
        full.Hint.Should().Contain(Backend.SlotOf(current).Value).And.Contain(Backend.SlotOf(second).Value).And.Contain(LimitHint);
        (await Backend.InspectAsync(current, Stop)).Slots.Should().HaveCount(2);
    }

    [Theory]
    [InlineData("lost", 2)]
    [InlineData("late:1s", 1)]
    [InlineData("500", 1)]
    [InlineData("503", 1)]
    [InlineData("garbage", 1)]
    public async Task An_issue_without_an_answer_is_sent_once_and_leaves_at_most_one_stranger(string fault, int slots)
    {
        using var current = await Stage.CurrentAsync();
        var began = Stage.Clock.GetCurrentInstant();
        Stage.Fault($"{Issue}={fault}");

        var failure = await Failing(() => Backend.IssueAsync(Rotation, current, Stop));

        failure.Effect.Should().Be(Effect.Unknown);
        Stage.Count(Issue).Should().Be(1);
        var seen = (await Backend.InspectAsync(current, Stop)).Slots;
        seen.Should().HaveCount(slots);
        seen.Where(slot => slot.Id != Backend.SlotOf(current)).Should()
            .OnlyContain(slot => slot.MadeAt >= began - NodaTime.Duration.FromSeconds(1));
        AssertQuiet(failure.ToString(), current);
    }

    [Fact]
    public async Task An_issue_that_was_refused_as_too_many_calls_is_repeated()
    {
        using var current = await Stage.CurrentAsync();
        Stage.Fault($"{Issue}#1=429");

        using var issued = await Backend.IssueAsync(Rotation, current, Stop);

        Stage.Count(Issue).Should().Be(2);
        (await Backend.InspectAsync(current, Stop)).Slots.Should().HaveCount(2);
        Stage.Time.Waits.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Disabling_and_deleting_are_done_once_and_of_what_is_gone()
    {
        using var current = await Stage.CurrentAsync();
        using var issued = await Backend.IssueAsync(Rotation, current, Stop);
        var (inUse, other) = (Backend.SlotOf(current), Backend.SlotOf(issued));

        await Backend.DisableAsync(other, inUse, Stop);
        await Backend.DisableAsync(other, inUse, Stop);
        var disabled = await Backend.ProveAsync(issued, Stop);
        await Backend.DeleteAsync(other, inUse, Stop);
        await Backend.DeleteAsync(other, inUse, Stop);
        await Backend.DisableAsync(other, inUse, Stop);

        disabled.Acceptance.Should().Be(Acceptance.Refused);
        disabled.Why!.Message.Should().Contain(DisabledCode);
        (await Backend.InspectAsync(current, Stop)).Slots.Select(slot => slot.Id).Should().Equal(inUse);
        (await Backend.ProveAsync(current, Stop)).Should().Be(Proof.Accepted);
        (await Failing(() => Backend.EnableAsync(other, issued, Stop))).Kind.Should().Be(FailureKind.NotFound);
    }

    [Fact]
    public async Task What_is_in_use_is_not_taken_away_and_nothing_is_called()
    {
        using var current = await Stage.CurrentAsync();
        var slot = Backend.SlotOf(current);

        await FluentActions.Awaiting(() => Backend.DisableAsync(slot, slot, Stop)).Should().ThrowAsync<InvalidOperationException>();
        await FluentActions.Awaiting(() => Backend.DeleteAsync(slot, slot, Stop)).Should().ThrowAsync<InvalidOperationException>();

        Stage.Calls.Should().Be(0);
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("503")]
    public async Task Taking_away_is_repeated_and_what_is_not_answered_in_the_end_is_unknown(string fault)
    {
        using var current = await Stage.CurrentAsync();
        using var issued = await Backend.IssueAsync(Rotation, current, Stop);
        var (inUse, other) = (Backend.SlotOf(current), Backend.SlotOf(issued));
        Stage.Fault($"{Disable}#1={fault}");

        await Backend.DisableAsync(other, inUse, Stop);
        Stage.Count(Disable).Should().Be(2);
        Stage.Fault($"{Delete}={fault}");

        if (Disable != Delete)
            (await Failing(() => Backend.DeleteAsync(other, inUse, Stop))).Effect.Should().Be(Effect.Unknown);
        (await Backend.ProveAsync(issued, Stop)).Acceptance.Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task Cancelled_before_it_is_sent_nothing_happens()
    {
        using var current = await Stage.CurrentAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await FluentActions.Awaiting(() => Backend.IssueAsync(Rotation, current, cancelled.Token)).Should()
            .ThrowAsync<OperationCanceledException>();

        Stage.Calls.Should().Be(0);
    }

    [Fact]
    public async Task Cancelled_after_it_was_sent_it_still_tells_what_was_issued()
    {
        using var current = await Stage.CurrentAsync();
        using var cancelled = new CancellationTokenSource();
        Stage.Fault($"{Issue}=hold");
        var running = Backend.IssueAsync(Rotation, current, cancelled.Token);
        while (Stage.Host.Faults.Held == 0)
            await Task.Yield();

        await cancelled.CancelAsync();
        Stage.Host.Faults.Clear();

        using var issued = await running;
        (await Backend.ProveAsync(issued, Stop)).Should().Be(Proof.Accepted);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("issue")]
    [InlineData("disable")]
    [InlineData("delete")]
    public async Task A_right_that_is_missing_is_named(string act)
    {
        using var current = await Stage.CurrentAsync();
        using var issued = act == "issue" ? null : await Backend.IssueAsync(Rotation, current, Stop);
        var (operation, call) = act switch
        {
            "list" => (List, () => Backend.InspectAsync(current, Stop)),
            "issue" => (Issue, (Func<Task>)(() => Backend.IssueAsync(Rotation, current, Stop))),
            "disable" => (Disable, () => Backend.DisableAsync(Backend.SlotOf(issued!), Backend.SlotOf(current), Stop)),
            _ => (Delete, () => Backend.DeleteAsync(Backend.SlotOf(issued!), Backend.SlotOf(current), Stop)),
        };
        Stage.Fault($"{operation}=403");

        var denied = await Failing(call);

        (denied.Kind, denied.Effect).Should().Be((FailureKind.AccessDenied, Effect.Rejected));
        denied.Hint.Should().Contain(Right(operation));
        denied.Failure.Service.Should().NotBeNull();
    }

    [Fact]
    public async Task Two_connections_see_the_same()
    {
        using var current = await Stage.CurrentAsync();
        using var issued = await Backend.IssueAsync(Rotation, current, Stop);
        var other = Stage.Connect();

        await other.DisableAsync(other.SlotOf(issued), other.SlotOf(current), Stop);

        Seen(await Backend.InspectAsync(current, Stop)).Should().Equal(Seen(await other.InspectAsync(current, Stop)));
        (await Backend.ProveAsync(issued, Stop)).Acceptance.Should().Be(Acceptance.Refused);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json at all")]
    [InlineData("{\"ID\":\"hunter2-not-an-id\",\"SECRET\":\"hunter2\"}")]
    [InlineData("{\"ID\":7,\"SECRET\":\"hunter2\"}")]
    public async Task Content_that_is_no_credential_is_told_before_anything_is_called(string content)
    {
        using var wrong = SecretValue.FromText(
            content.Replace("ID", IdField, StringComparison.Ordinal).Replace("SECRET", SecretField, StringComparison.Ordinal));

        foreach (var call in new Func<Task>[] { () => Backend.InspectAsync(wrong, Stop), () => Backend.ProveAsync(wrong, Stop) })
            (await FluentActions.Awaiting(call).Should().ThrowAsync<SecretContentException>()).Which
                .ToString()
                .Should()
                .NotContain("hunter2");

        Stage.Calls.Should().Be(0);
    }

    [Fact]
    public async Task Content_that_could_not_take_a_credential_gets_none()
    {
        using var lacking = SecretValue.FromText($"{{\"{IdField}\":\"x\"}}");

        await FluentActions.Awaiting(() => Backend.IssueAsync(Rotation, lacking, Stop)).Should().ThrowAsync<SecretContentException>();

        Stage.Calls.Should().Be(0);
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("garbage")]
    [InlineData("400")]
    [InlineData("404")]
    [InlineData("500")]
    public async Task No_failure_holds_a_value(string fault)
    {
        using var current = await Stage.CurrentAsync();
        using var issued = await Backend.IssueAsync(Rotation, current, Stop);
        foreach (var operation in new[] { List, Issue, Disable, Delete })
            Stage.Fault($"{operation}={fault}");
        var (inUse, other) = (Backend.SlotOf(current), Backend.SlotOf(issued));

        foreach (var call in new Func<Task>[]
        {
            () => Backend.InspectAsync(current, Stop), () => Backend.IssueAsync(Rotation, current, Stop),
            () => Backend.DisableAsync(other, inUse, Stop), () => Backend.DeleteAsync(other, inUse, Stop),
        })
        {
            try
            {
                await call();
            }
            catch (RemoteFailureException failure)
            {
                AssertQuiet(failure + failure.Hint, current, issued);
            }
        }
    }

    private protected static async Task<RemoteFailureException> Failing(Func<Task> call) =>
        (await FluentActions.Awaiting(call).Should().ThrowAsync<RemoteFailureException>()).Which;

    private protected static SecretValue With(SecretValue content, string field, string value)
    {
        var json = JsonNode.Parse(content.RevealText())!.AsObject();
        json[field] = value;
        return SecretValue.FromText(json.ToJsonString());
    }

    private static IEnumerable<(string, bool, string?)> Seen(BackendState state) =>
        [.. state.Slots.Select(slot => (slot.Id.Value, slot.Enabled, slot.MadeBy?.Value))];

    private void AssertQuiet(string text, params ReadOnlySpan<SecretValue> contents)
    {
        foreach (var content in contents)
            text.Should().NotContain(JsonNode.Parse(content.RevealText())![SecretField]!.GetValue<string>());
    }
}
