using SecretRotator.Backends;
using SecretRotator.Sandbox.Faults;

namespace SecretRotator.Tests.Backends.MySql;

/// <summary>What the backend makes of answers that are lost, and of refusals that aren't about the credential.</summary>
public sealed class MySqlFaultTests(EmulatedMariaDbServer server) : MySqlScene, IClassFixture<EmulatedMariaDbServer>
{
    private protected override IMySqlServer Under => server;

    [Fact]
    public async Task A_change_without_an_answer_is_unknown_and_the_same_value_can_be_set_again()
    {
        var (backend, current) = await PairAsync();
        using var next = backend.Prepare(current, Content(A, NewValue()));

        var failure = await WithAsync("mysql.change=lost", () => FailureAsync(() => backend.SetAsync(default, next, default)));
        var landed = await server.KeptAsync(B);
        await backend.SetAsync(default, next, TestContext.Current.CancellationToken);

        failure.Should().BeEquivalentTo(new { Kind = FailureKind.Unavailable, Effect = Effect.Unknown });
        failure.Failure.Service.Should().Be("mariadb");
        (await server.KeptAsync(B)).Should().Equal(landed);
        (await backend.ProveAsync(next, TestContext.Current.CancellationToken)).Acceptance.Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task A_change_that_was_refused_changed_nothing()
    {
        var (backend, _) = await PairAsync();
        var before = await server.KeptAsync(B);

        var failure = await WithAsync(
            "mysql.change=503", () => FailureAsync(() => backend.SetAsync(default, Content(B, NewValue()), default)));

        failure.Effect.Should().Be(Effect.Rejected);
        (await server.KeptAsync(B)).Should().Equal(before);
    }

    [Theory]
    [InlineData("mysql.login=503", FailureKind.Throttled)]
    [InlineData("mysql.login=lost", FailureKind.Unavailable)]
    public async Task A_login_that_is_not_answered_as_one_proves_nothing_and_is_not_repeated(string fault, FailureKind kind)
    {
        var (backend, current) = await PairAsync();
        var before = server.Logins();

        var proof = await WithAsync(fault, () => backend.ProveAsync(current, default));

        proof.Acceptance.Should().Be(Acceptance.Unknown);
        proof.Why!.Kind.Should().Be(kind);
        server.Logins().Should().Be(before + 1);
    }

    [Theory]
    [InlineData(4150, FailureKind.Throttled, "after several wrong passwords", "FLUSH PRIVILEGES")]
    [InlineData(1862, FailureKind.Unauthenticated, "has expired", "PASSWORD EXPIRE NEVER")]
    [InlineData(1226, FailureKind.Throttled, "no connection left", "Wait")]
    public async Task An_account_that_is_kept_out_is_neither_accepted_nor_refused(int error, FailureKind kind, string said, string hint)
    {
        var (backend, current) = await PairAsync();
        await server.KeepOutAsync(A, error);

        var proof = await backend.ProveAsync(current, TestContext.Current.CancellationToken);

        (proof.Acceptance, proof.Why!.Kind).Should().Be((Acceptance.Unknown, kind));
        proof.Why.Message.Should().Contain(A).And.Contain(said);
        proof.Why.Hint.Should().Contain(hint);
    }

    private async Task<T> WithAsync<T>(string fault, Func<Task<T>> act)
    {
        server.Host.Faults.Add([FaultSpec.Parse(fault)]);
        try
        {
            return await act();
        }
        finally
        {
            server.Host.Faults.Clear();
        }
    }
}
