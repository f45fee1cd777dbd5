using SecretRotator.Backends;

namespace SecretRotator.Tests.Backends.MySql;

/// <summary>What the backend promises, over any server.</summary>
public abstract class MySqlContract : MySqlScene
{
    [Fact]
    public async Task What_is_gone_is_disabled_and_what_is_in_use_is_left_alone()
    {
        var (backend, current) = await PairAsync();
        await Under.DropAsync(B);

        await backend.DisableAsync(new SlotId(B), new SlotId(A), TestContext.Current.CancellationToken);
        var disable = () => backend.DisableAsync(new SlotId(A), new SlotId(A), default);

        await disable.Should().ThrowAsync<InvalidOperationException>();
        (await ProveAsync(backend, current)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task One_user_has_two_passwords_until_the_old_one_is_disabled()
    {
        var (backend, old, next) = await TwoPasswordsAsync();
        await backend.SetAsync(default, next, TestContext.Current.CancellationToken);
        await backend.SetAsync(default, next, TestContext.Current.CancellationToken);

        (await ProveAsync(backend, old)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted);
        (await backend.InspectAsync(old, TestContext.Current.CancellationToken)).Slots.Select(slot => slot.Id)
            .Should().BeEquivalentTo([backend.SlotOf(old), backend.SlotOf(next)]);

        for (var times = 0; times < 2; times++)
            await backend.DisableAsync(backend.SlotOf(old), backend.SlotOf(next), TestContext.Current.CancellationToken);
        (await ProveAsync(backend, old)).Should().Be(Acceptance.Refused);
        (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted);

        await backend.EnableAsync(backend.SlotOf(old), old, TestContext.Current.CancellationToken);
        (await ProveAsync(backend, old)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task Of_two_passwords_the_new_one_can_be_taken_away_again()
    {
        var (backend, old, next) = await TwoPasswordsAsync();
        await backend.SetAsync(default, next, TestContext.Current.CancellationToken);

        await backend.DisableAsync(backend.SlotOf(next), backend.SlotOf(old), TestContext.Current.CancellationToken);

        (await ProveAsync(backend, old)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, next)).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task A_third_password_takes_the_place_of_the_one_that_is_not_in_use()
    {
        var (backend, old, next) = await TwoPasswordsAsync();
        await backend.SetAsync(default, next, TestContext.Current.CancellationToken);
        var third = Content(A, NewValue());

        await backend.SetAsync(default, third, TestContext.Current.CancellationToken);

        (await ProveAsync(backend, old)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, next)).Should().Be(Acceptance.Refused);
        (await ProveAsync(backend, third)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task A_third_password_displaces_none_where_the_one_in_use_is_not_known()
    {
        var (backend, old, next) = await TwoPasswordsAsync();
        await backend.SetAsync(default, next, TestContext.Current.CancellationToken);
        var unknowing = Backend(Server() with { Users = [A] }, current: Content(A, NewValue()));

        var failure = await FailureAsync(() => unknowing.SetAsync(default, Content(A, NewValue()), default));

        failure.Should().BeEquivalentTo(new { Kind = FailureKind.Conflict, Effect = Effect.Rejected });
        (await ProveAsync(backend, old)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task The_last_password_of_an_account_is_not_taken_away()
    {
        var (backend, old, next) = await TwoPasswordsAsync();

        // MySQL keeps this one with a salt of its own, so that its slot isn't known; then there is none to take away.
        if (Under.IsMariaDb)
            (await FailureAsync(() => backend.DisableAsync(backend.SlotOf(old), backend.SlotOf(next), default))).Kind
                .Should().Be(FailureKind.Conflict);
        else
            await backend.DisableAsync(backend.SlotOf(old), backend.SlotOf(next), TestContext.Current.CancellationToken);

        (await ProveAsync(backend, old)).Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task A_user_changes_its_own_password_without_any_right()
    {
        Assert.SkipUnless(Under.IsMariaDb, "MySQL takes no hash from an account without rights.");
        var (old, next) = (Content(A, NewValue()), Content(A, NewValue()));
        await CreateAsync(A, old);
        var backend = Backend(Server() with { Users = [], AdminAt = null }, current: old);

        await backend.InspectAsync(old, TestContext.Current.CancellationToken);
        await backend.SetAsync(default, next, TestContext.Current.CancellationToken);
        await backend.SetAsync(default, next, TestContext.Current.CancellationToken);

        (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, old)).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task Every_printable_character_may_be_in_a_value()
    {
        var (backend, current) = await PairAsync();
        foreach (var value in new[]
        {
            string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c)),
            "pä\u4e2d🔑x",
            new string('x', 255),
        })
        {
            using var next = backend.Prepare(current, Content(A, Used(value + NewValue())[..Math.Min(value.Length + 8, 255)]));

            await backend.SetAsync(default, next, TestContext.Current.CancellationToken);

            (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted, value);
        }
    }

    [Theory]
    [InlineData("it's")]
    [InlineData("back\\slash")]
    [InlineData("per%cent_")]
    [InlineData("two words")]
    [InlineData("back`tick")]
    [InlineData("dou\"ble")]
    [InlineData("grün")]
    [InlineData("a'@'%' IDENTIFIED BY 'x")]
    public async Task Any_printable_name_is_quoted(string name)
    {
        var user = $"{name}{_name}";
        var old = Content(user, NewValue());
        await CreateAsync(user, old);
        var backend = Backend(Server() with { Users = [user] }, current: old);
        var next = Content(user, NewValue());

        await backend.InspectAsync(old, TestContext.Current.CancellationToken);
        await backend.SetAsync(default, next, TestContext.Current.CancellationToken);
        await backend.DisableAsync(backend.SlotOf(old), backend.SlotOf(next), TestContext.Current.CancellationToken);

        (await ProveAsync(backend, next)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(backend, old)).Should().Be(Acceptance.Refused);
    }

    [Theory]
    [InlineData(false, true, "CREATE USER ON *.*")]
    [InlineData(true, false, "SELECT ON mysql.")]
    public async Task A_right_that_is_missing_is_named(bool createsUsers, bool readsAccounts, string named)
    {
        var (backend, current) = await PairAsync();
        await Under.GrantAsync(Admin, createsUsers, readsAccounts);

        var failure = await FailureAsync(() => backend.InspectAsync(current, default));

        failure.Kind.Should().Be(FailureKind.AccessDenied);
        failure.Hint.Should().Contain(named);
    }

    [Fact]
    public async Task A_missing_user_is_named_before_anything_is_changed()
    {
        var (backend, current) = await PairAsync();
        await Under.DropAsync(B);

        var failure = await FailureAsync(() => backend.InspectAsync(current, default));

        failure.Kind.Should().Be(FailureKind.NotFound);
        failure.Message.Should().Contain(B);
    }

    [Fact]
    public async Task A_user_of_another_host_is_not_touched()
    {
        var (backend, current) = await PairAsync();
        await Under.MoveAsync(B, "10.0.0.%");
        var before = await Under.KeptAsync(_name);

        await FailureAsync(() => backend.SetAsync(default, Content(B, NewValue()), default));
        await backend.DisableAsync(new SlotId(B), new SlotId(A), TestContext.Current.CancellationToken);

        (await Under.KeptAsync(_name)).Should().Equal(before);
        await Backend(Server() with { AccountHost = "10.0.0.%", Users = [B] }, current: Content(B, NewValue()))
            .SetAsync(default, Content(B, NewValue()), TestContext.Current.CancellationToken);
        (await Under.KeptAsync(_name)).Should().NotEqual(before);
    }

    [Fact]
    public async Task A_plugin_that_refuses_hashes_is_found_before_anything_is_changed()
    {
        Assert.SkipUnless(Under.IsMariaDb, "MySQL validates no hashes.");
        var (backend, current) = await PairAsync();
        await Under.SetRefusesHashesAsync(true);
        try
        {
            (await FailureAsync(() => backend.InspectAsync(current, default))).Hint.Should().Contain("strict_password_validation");
            (await FailureAsync(() => backend.SetAsync(default, Content(B, NewValue()), default)))
                .Should().BeEquivalentTo(new { Kind = FailureKind.Conflict, Effect = Effect.Rejected });
        }
        finally
        {
            await Under.SetRefusesHashesAsync(false);
        }

        await backend.InspectAsync(current, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_replica_is_found_before_anything_is_changed()
    {
        var (backend, current) = await PairAsync();
        await Under.SetReadOnlyAsync(true);
        try
        {
            (await FailureAsync(() => backend.InspectAsync(current, default))).Hint.Should().Contain("primary");
            (await FailureAsync(() => backend.SetAsync(default, Content(B, NewValue()), default)))
                .Should().BeEquivalentTo(new { Kind = FailureKind.Conflict, Effect = Effect.Rejected });
        }
        finally
        {
            await Under.SetReadOnlyAsync(false);
        }
    }

    [Fact]
    public async Task A_user_of_another_plugin_is_found_before_anything_is_changed()
    {
        var (backend, current) = await PairAsync();
        await Under.DropAsync(B);
        var plugin = Under.IsMariaDb ? "ed25519" : "sha256_password";
        await Under.CreateAsync(B, plugin, "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY");

        (await FailureAsync(() => backend.InspectAsync(current, default))).Message.Should().Contain(plugin);
        (await FailureAsync(() => backend.SetAsync(default, Content(B, NewValue()), default))).Effect.Should().Be(Effect.Rejected);
    }

    [Fact]
    public async Task The_other_product_is_named()
    {
        var (_, current) = await PairAsync();
        var backend = Backend(Server() with { IsMariaDb = !Under.IsMariaDb });

        (await FailureAsync(() => backend.InspectAsync(current, default))).Hint.Should()
            .Contain($"kind: {(Under.IsMariaDb ? "mariadb" : "mysql")}");
    }

    [Fact]
    public async Task An_account_is_no_administrator_of_itself()
    {
        var (_, current) = await PairAsync();
        var inspect = () => Backend(Server(), current).InspectAsync(current, default);

        await inspect.Should().ThrowAsync<UsageException>().WithMessage($"*{A}*");
    }

    [Fact]
    public async Task A_wrong_administrator_is_no_refused_credential()
    {
        var (_, current) = await PairAsync();
        var backend = Backend(Server(), Content(Admin, NewValue()));

        (await FailureAsync(() => backend.InspectAsync(current, default))).Kind.Should().Be(FailureKind.Unauthenticated);
    }

}
