using NodaTime.Testing;
using SecretRotator.Bitbucket;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Tests.Providers.Bitbucket;

namespace SecretRotator.Tests.Contracts;

/// <summary>What <see cref="IVariableStore"/> promises of a repository's SSH key pair: the real client against the emulator.</summary>
public sealed class KeyPairStoreTests : IDisposable
{
    private const string Key = VariableScope.SshKeyPair.Key;
    private static readonly VariableScope Scope = new VariableScope.SshKeyPair(BitbucketStage.Workspace, BitbucketStage.Repository);
    private readonly SshKeyPair _old = Generate();
    private readonly SshKeyPair _new = Generate();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _old.Dispose();
        _new.Dispose();
    }

    [Fact]
    public async Task A_pair_is_listed_by_its_fingerprint()
    {
        await using var stage = await StartAsync();

        (await stage.Connection.Variables.ListAsync(Scope, Cancellation)).Should().Equal(Observed(_old));
        stage.Recorded.Calls.Should().ContainSingle()
            .Which.Uri.AbsolutePath.Should().Be("/2.0/repositories/acme/payments-api/pipelines_config/ssh/key_pair");
    }

    [Fact]
    public async Task A_put_sends_the_private_key_with_its_own_public_key()
    {
        await using var stage = await StartAsync();

        (await PutAsync(stage)).Should().Be(PutEnd.Settled);

        (await stage.Connection.Variables.ListAsync(Scope, Cancellation)).Should().Equal(Observed(_new));
        var pem = _new.Private.RevealText().Replace("\n", "\\u000a", StringComparison.Ordinal);
        stage.Recorded.Calls.Single(call => call.Method == "PUT").Body.Should().Be(
            $$"""{"type":"pipeline_ssh_key_pair","public_key":"{{Public(_new).Text}}","private_key":"{{pem}}"}""");
        (await StoredAsync(stage)).Should().Be(_new.Private.RevealText());
    }

    [Fact]
    public async Task A_missing_pair_is_no_failure_and_can_be_created()
    {
        await using var stage = await BitbucketStage.StartAsync();

        (await stage.Connection.Variables.ListAsync(Scope, Cancellation)).Should().BeEmpty();
        var created = await stage.Connection.Variables.CreateAsync(Scope, Key, _new.Private, Cancellation);

        created.Should().Be(new CreatedVariable(Observed(_new), PutEnd.Settled));
        (await StoredAsync(stage)).Should().Be(_new.Private.RevealText());
    }

    [Fact]
    public async Task A_pair_of_a_repository_that_can_not_be_seen_is_not_taken_for_a_missing_one()
    {
        await using var stage = await BitbucketStage.StartAsync();
        var hidden = new VariableScope.SshKeyPair(BitbucketStage.Workspace, "hidden");

        (await FailureOf(() => stage.Connection.Variables.ListAsync(hidden, Cancellation))).Kind.Should().Be(FailureKind.NotFound);
    }

    [Fact]
    public async Task A_pair_of_a_repository_without_pipelines_is_not_taken_for_a_missing_one()
    {
        await using var stage = await StartAsync();
        await stage.ChangeAsync(state => RepositoryOf(state).PipelinesEnabled = false);

        (await FailureOf(() => stage.Connection.Variables.ListAsync(Scope, Cancellation))).Kind.Should().Be(FailureKind.NotFound);
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("502")]
    [InlineData("504")]
    [InlineData("garbage")]
    public async Task A_put_that_may_have_happened_is_repeated_and_may_land_again(string fault)
    {
        await using var stage = await StartAsync($"bitbucket.put-key-pair#1={fault}");

        (await PutAsync(stage)).Should().Be(PutEnd.MayLandAgain);

        (await StoredAsync(stage)).Should().Be(_new.Private.RevealText());
        stage.CallsOf("put-key-pair").Should().Be(2);
    }

    [Theory]
    [InlineData("503", Effect.Rejected)]
    [InlineData("429", Effect.Rejected)]
    [InlineData("403", Effect.Rejected)]
    [InlineData("500", Effect.Unknown)]
    [InlineData("lost", Effect.Unknown)]
    public async Task A_put_that_never_works_says_what_is_known_of_its_effect(string fault, Effect effect)
    {
        await using var stage = await StartAsync($"bitbucket.put-key-pair={fault}");

        var failure = await FailureOf(() => PutAsync(stage));

        failure.Effect.Should().Be(effect);
        failure.Message.Should().Contain("change the SSH key pair of payments-api").And.NotContain("PRIVATE");
    }

    [Fact]
    public async Task A_put_that_is_answered_with_another_key_is_not_taken_for_done()
    {
        await using var stage = await StartAsync();
        stage.Recorded.Rewrites = answer => answer.Replace(Public(_new).Base64, Public(_old).Base64, StringComparison.Ordinal);

        var failure = await FailureOf(() => PutAsync(stage));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Garbled, Effect.Unknown));
    }

    [Fact]
    public async Task A_lost_permission_names_the_scope()
    {
        await using var stage = await StartAsync();
        await stage.ChangeAsync(state => state.Credentials.ForEach(credential => credential.Scopes = ["pipeline"]));

        var failure = await FailureOf(() => PutAsync(stage));

        failure.Kind.Should().Be(FailureKind.AccessDenied);
        $"{failure.Message} {failure.Hint}".Should().Contain("pipeline:variable");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("bitbucket.delete-key-pair#1=lost")]
    public async Task A_deleted_pair_is_gone_and_deleting_it_again_is_no_failure(string? fault)
    {
        await using var stage = await StartAsync(fault is null ? [] : [fault]);

        await stage.Connection.Variables.DeleteAsync(Scope, Observed(_old).Uuid, Cancellation);
        await stage.Connection.Variables.DeleteAsync(Scope, Observed(_old).Uuid, Cancellation);

        (await stage.Connection.Variables.ListAsync(Scope, Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task Nothing_is_sent_once_the_lease_is_over()
    {
        await using var stage = await StartAsync();
        var over = stage.Connection.Variables.Under(new Lease(new FakeClock(Instant.MaxValue), Instant.MinValue));

        await over.Awaiting(store => store.PutAsync(Scope, Observed(_old), _new.Private, Cancellation)).Should()
            .ThrowAsync<LeaseOverException>();
        stage.CallsOf("put-key-pair").Should().Be(0);
    }

    private async Task<BitbucketStage> StartAsync(params string[] faults)
    {
        var stage = await BitbucketStage.StartAsync(faults: faults);
        await stage.ChangeAsync(state => RepositoryOf(state).KeyPair = [EmulatedKeyPair.Of(_old.Private.RevealText())!]);
        return stage;
    }

    private Task<PutEnd> PutAsync(BitbucketStage stage) =>
        stage.Connection.Variables.PutAsync(Scope, Observed(_old), _new.Private, Cancellation);

    private static Task<string> StoredAsync(BitbucketStage stage) =>
        stage.Host.Store.ReadAsync(state => RepositoryOf(state.Bitbucket).KeyPair.Single().Value);

    private static RepositoryState RepositoryOf(BitbucketState state) =>
        state.Workspaces[BitbucketStage.Workspace].Repositories[BitbucketStage.Repository];

    private static async Task<RemoteFailureException> FailureOf(Func<Task> act) =>
        (await act.Should().ThrowAsync<RemoteFailureException>()).Which;

    private static ObservedVariable Observed(SshKeyPair pair) => new(Public(pair).Fingerprint, Key, Secured: true);

    private static SshPublicKey Public(SshKeyPair pair) => SshPublicKey.Parse(pair.Public.RevealText())!;

    private static SshKeyPair Generate() => SshKeyPair.Generate(new(SshKeyAlgorithm.Ed25519, 0, "public", ""), new SystemRandom());
}
