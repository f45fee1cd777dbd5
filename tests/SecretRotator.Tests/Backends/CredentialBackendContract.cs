using SecretRotator.Backends;

namespace SecretRotator.Tests.Backends;

/// <summary>
/// What the rotation protocol needs of every backend that takes values. Each implementation derives this suite and so runs all of it,
/// over its emulator and, where there is one, over a real server.
/// </summary>
public abstract class CredentialBackendContract : IAsyncLifetime
{
    // Cutting at every byte takes minutes; without this, at the ends of what arrives together.
    // Null: where pieces of the conversation end. N: at each N-th byte of it.
    private static readonly int? BytesBetweenCuts =
        int.TryParse(Environment.GetEnvironmentVariable("SECRET_ROTATOR_TESTS_CUTS"), out var bytes) && bytes > 0 ? bytes : null;

    private readonly List<SecretValue> _made = [];
    private readonly List<string> _values = [];
    private readonly StringBuilder _told = new();

    /// <summary>The system; its credentials are made anew for every fact.</summary>
    protected BackendFixture Fixture { get; private set; } = null!;

    /// <summary>The backend.</summary>
    protected ICredentialBackend Backend { get; private set; } = null!;

    /// <summary>The content that is in use.</summary>
    protected SecretValue Current { get; private set; } = null!;

    protected static RotationId Rotation { get; } = RotationId.New(new SystemRandom());

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The values that nothing may tell.</summary>
    protected IReadOnlyList<string> Values => _values;

    protected abstract Task<BackendFixture> OpenAsync();

    public async ValueTask InitializeAsync()
    {
        Fixture = await OpenAsync();
        Backend = Fixture.Connect();
        Current = Keep(Fixture.Current());
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        try
        {
            // Whatever the fact was about: no value is told.
            var told = _told + await Fixture.ReadLogsAsync();
            foreach (var value in _values)
                told.Contains(value, StringComparison.Ordinal).Should().BeFalse("no value is in a message or the server's log");
        }
        finally
        {
            _made.ForEach(value => value.Dispose());
            await Fixture.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_is_set_is_accepted_and_what_is_in_use_stays_accepted_beside_it()
    {
        var staged = await SetAsync();

        (await ProveAsync(staged)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(Current)).Should().Be(Fixture.Traits.Overlaps ? Acceptance.Accepted : Acceptance.Refused);
        (Backend.SlotOf(staged) != Backend.SlotOf(Current)).Should().Be(Fixture.Traits.Overlaps);
    }

    [Fact]
    public async Task To_set_twice_is_to_set_once()
    {
        var staged = await SetAsync();
        var before = await Backend.InspectAsync(staged, Cancellation);

        await Fixture.Connect().SetAsync(Rotation, staged, Cancellation);

        (await Backend.InspectAsync(staged, Cancellation)).Should().BeEquivalentTo(before);
        (await ProveAsync(staged)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task What_is_set_in_place_of_a_value_ends_that_value()
    {
        var first = await SetAsync();
        var second = await SetAsync();

        (await ProveAsync(first)).Should().Be(Fixture.HasTwoSlots ? Acceptance.Refused : Acceptance.Accepted);
        (await ProveAsync(second)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task A_wrong_value_is_refused()
    {
        var wrong = With(Current, "wrong");

        var proof = await Backend.ProveAsync(wrong, Cancellation);

        proof.Acceptance.Should().Be(Acceptance.Refused);
        Told(proof.Why).Message.Should().Contain(Backend.SlotOf(wrong).Value);
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_server_that_is_not_proven()
    {
        foreach (var (flaw, connect) in Fixture.Unproven)
        {
            var backend = connect();
            var before = await Fixture.CountLoginsAsync();

            var proof = await backend.ProveAsync(Current, Cancellation);
            proof.Acceptance.Should().Be(Acceptance.Unknown, flaw);
            Told(proof.Why).Kind.Should().Be(FailureKind.Unavailable, flaw);
            var inspect = () => backend.InspectAsync(Current, Cancellation);
            var unseen = Told((await inspect.Should().ThrowAsync<RemoteFailureException>(flaw)).Which);
            if (flaw == "no server")
                unseen.Hint.Should().ContainAll(Fixture.WaysToReachIt);
            else
                unseen.Hint.Should().NotContain("self-hosted runner", flaw);
            var set = () => backend.SetAsync(Rotation, Prepared("never sent"), Cancellation);
            Told((await set.Should().ThrowAsync<RemoteFailureException>(flaw)).Which).Effect.Should().Be(Effect.Rejected, flaw);

            (await Fixture.CountLoginsAsync()).Should().Be(before, flaw);
        }
    }

    [Fact]
    public async Task Looking_and_proving_change_nothing()
    {
        var before = await Fixture.LookAsync();

        var state = await Backend.InspectAsync(Current, Cancellation);
        await ProveAsync(Current);
        await ProveAsync(With(Current, "wrong"));

        (await Fixture.LookAsync()).Should().Be(before);
        state.Find(Backend.SlotOf(Current))!.Enabled.Should().BeTrue();
    }

    [Fact]
    public async Task A_slot_is_disabled_until_it_is_enabled_again()
    {
        if (!Fixture.Traits.Overlaps)
            return;
        var staged = await SetAsync();
        var (old, inUse) = (Backend.SlotOf(Current), Backend.SlotOf(staged));

        await Backend.DisableAsync(old, inUse, Cancellation);
        await Fixture.Connect().DisableAsync(old, inUse, Cancellation);

        (await ProveAsync(Current)).Should().Be(Acceptance.Refused);
        (await ProveAsync(staged)).Should().Be(Acceptance.Accepted);
        ((await Backend.InspectAsync(staged, Cancellation)).Find(old)?.Enabled ?? false).Should().BeFalse();

        await Backend.EnableAsync(old, Current, Cancellation);
        await Backend.EnableAsync(old, Current, Cancellation);

        (await ProveAsync(Current)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(staged)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task The_slot_in_use_is_left_alone_and_nothing_is_sent()
    {
        var (inUse, before) = (Backend.SlotOf(Current), await Fixture.CountLoginsAsync());

        var disable = () => Backend.DisableAsync(inUse, inUse, Cancellation);
        var delete = () => Backend.DeleteAsync(inUse, inUse, Cancellation);

        await disable.Should().ThrowAsync<InvalidOperationException>();
        await delete.Should().ThrowAsync<InvalidOperationException>();
        (await Fixture.CountLoginsAsync()).Should().Be(before);
        (await ProveAsync(Current)).Should().Be(Acceptance.Accepted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_write_that_is_cut_off_anywhere_ends_in_one_of_two_states_and_stays_there(bool fromClient)
    {
        Assert.SkipWhen(Fixture.Way is null, "Nothing can be put on the way.");
        var anywhere = 0;
        if (BytesBetweenCuts is { } step)
            while (await CutAsync(new(Fixture.Way.Host, Fixture.Way.Port, fromClient, 0, more: false, bytes: anywhere)))
                anywhere += step;
        else
            foreach (var more in new[] { false, true })
                for (var pieces = 0; await CutAsync(new(Fixture.Way.Host, Fixture.Way.Port, fromClient, pieces, more)); pieces++)
                    anywhere++;

        anywhere.Should().BeGreaterThan(3);
    }

    [Fact]
    public async Task What_is_cancelled_before_it_is_sent_never_happens()
    {
        var before = await Fixture.LookAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        var set = () => Backend.SetAsync(Rotation, Prepared(Fresh()), cancelled.Token);

        await set.Should().ThrowAsync<OperationCanceledException>();
        await Fixture.SettleAsync();
        (await Fixture.LookAsync()).Should().Be(before);
    }

    [Fact]
    public async Task Every_printable_character_may_be_in_a_value()
    {
        var printable = string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(each => (char)each));

        foreach (var value in new[] { printable, new string([.. printable.Reverse()]), "' OR 1=1; --\"\\'" })
        {
            var staged = Prepared(value);
            await Backend.SetAsync(Rotation, staged, Cancellation);

            (await ProveAsync(staged)).Should().Be(Acceptance.Accepted, value);
        }
    }

    [Fact]
    public async Task Two_instances_see_the_same()
    {
        var staged = await SetAsync();
        var other = Fixture.Connect();

        (await other.ProveAsync(staged, Cancellation)).Acceptance.Should().Be(Acceptance.Accepted);
        (await other.InspectAsync(staged, Cancellation)).Should().BeEquivalentTo(await Backend.InspectAsync(staged, Cancellation));
        other.SlotOf(staged).Should().Be(Backend.SlotOf(staged));
    }

    [Fact]
    public void A_prepared_content_is_the_current_one_but_for_identity_and_value()
    {
        var generated = With(Current, Fresh());
        var prepared = Keep(Backend.Prepare(Current, generated));

        (Backend.SlotOf(generated) == Backend.SlotOf(Current)).Should().Be(!Fixture.HasSlotPerValue);
        (Backend.SlotOf(prepared) == Backend.SlotOf(Current)).Should().Be(!Fixture.Traits.Overlaps);
    }

    [Fact]
    public async Task A_backend_that_takes_values_issues_none()
    {
        var issue = () => Backend.IssueAsync(Rotation, Current, Cancellation);

        await issue.Should().ThrowAsync<NotSupportedException>();
    }

    /// <summary>Sets a new value in the idle slot, as a rotation does, and answers the staged content.</summary>
    protected async Task<SecretValue> SetAsync()
    {
        var staged = Prepared(Fresh());
        await Backend.SetAsync(Rotation, staged, Cancellation);
        return staged;
    }

    /// <summary>The content for the idle slot with a value.</summary>
    protected SecretValue Prepared(string value) => Keep(Backend.Prepare(Current, With(Current, value)));

    /// <summary>A content with another value.</summary>
    protected SecretValue With(SecretValue content, string value)
    {
        if (value.Length >= 16)
            _values.Add(Fixture.Shown(value));
        return Keep(Fixture.With(content, value));
    }

    /// <summary>Logs in.</summary>
    protected async Task<Acceptance> ProveAsync(SecretValue content)
    {
        var proof = await Backend.ProveAsync(content, Cancellation);
        if (proof.Why is not null)
            Told(proof.Why);
        return proof.Acceptance;
    }

    /// <summary>Notes what people are told, and looks at its form.</summary>
    protected Failure Told(Failure? failure)
    {
        failure.Should().NotBeNull();
        failure.Hint.Should().NotBeNullOrEmpty(failure.Message);
        failure.Service.Should().NotBeNullOrEmpty();
        failure.Resource.Should().NotBeNullOrEmpty();
        _told.AppendLine(failure.ToString());
        return failure;
    }

    /// <inheritdoc cref="Told(Failure)" />
    protected Failure Told(RemoteFailureException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        _told.AppendLine(failure.ToString());
        return Told(failure.Failure);
    }

    /// <summary>A value that no one had before.</summary>
    protected static string Fresh() => $"val-{Guid.NewGuid():N}";

    /// <summary>Wipes a content at the end.</summary>
    protected SecretValue Keep(SecretValue content)
    {
        _made.Add(content);
        return content;
    }

    // Whether a relay had something left to cut.
    private async Task<bool> CutAsync(CuttingRelay relay)
    {
        await using var _ = relay.Start();
        await Fixture.ForgetMadeAsync();
        var before = BytesBetweenCuts is not null ? await Fixture.LookAsync() : null;
        var staged = Prepared(Fresh());
        var effect = await EffectAsync(() => Fixture.ConnectThrough(relay).SetAsync(Rotation, staged, Cancellation));
        await Fixture.SettleAsync();

        // Where it keeps what it kept, logins say what they said: it saves most of the time that all these bytes take.
        if (before is not null && effect is not null && await Fixture.LookAsync() == before)
            return relay.HasCut;
        var proof = await ProveAsync(staged);
        proof.Should().NotBe(Acceptance.Unknown);
        if (effect != Effect.Unknown)
            proof.Should().Be(effect is null ? Acceptance.Accepted : Acceptance.Refused);
        if (before is not null)
            proof.Should().Be(Acceptance.Accepted);
        (await ProveAsync(staged)).Should().Be(proof);
        if (Fixture.Traits.Overlaps)
            (await ProveAsync(Current)).Should().Be(Acceptance.Accepted);
        return relay.HasCut;
    }

    private async Task<Effect?> EffectAsync(Func<Task> act)
    {
        try
        {
            await act();
            return null;
        }
        catch (RemoteFailureException failure)
        {
            return Told(failure).Effect ?? Effect.Rejected;
        }
    }
}
