using System.Text.Json.Nodes;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>
/// The SSH key pair of a repository as a target: its listing proves the key, and a late PUT finds it whatever it holds by then.
/// </summary>
public sealed class KeyPairTargetTests
{
    private const string Put = "put payments:ssh-key-pair";
    private static readonly ValueGenerator.SshKey Rule = new(SshKeyAlgorithm.Ed25519, 0, "public", "");
    private static readonly Duration Old = Duration.FromDays(40);
    private static readonly VariableScope Scope = new VariableScope.SshKeyPair("acme", "payments");
    private readonly ModelCloud _cloud = new();
    private readonly ModelMachine _machine;

    public KeyPairTargetTests() => _machine = new(_cloud);

    private ModelSecret Vault => _cloud.Secrets["path/db"];

    [Fact]
    public async Task A_new_key_is_put_as_it_is_and_proven_by_its_listing()
    {
        Deliver(Secret(), Old);

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Rotated>();

        var key = PrivateKeyIn(Vault.CurrentContent);
        (Held.Value, Held.Uuid).Should().Be((key, FingerprintOf(key)));
        _cloud.Calls.Where(call => call.Contains("payments")).Should().Equal("list payments", Put, "list payments");
    }

    [Fact]
    public async Task A_listing_that_shows_another_key_fails_the_verification()
    {
        Deliver(Secret(), Old);
        var before = Held;
        var other = PrivateKeyIn(Content());
        // The second listing is the one after the PUT.
        _cloud.Fate = (call, number) =>
        {
            if ((call, number) == ("list payments", 2))
                _cloud.Variables[Scope] = [new(FingerprintOf(other), before.Key, other, Secured: true)];
            return CallFate.Works;
        };

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>()
            .Which.Cause.Message.Should().StartWith("payments:ssh-key-pair isn't there any more: someone deleted or replaced it");
        Held.Should().Be(before);
    }

    [Fact]
    public async Task A_failed_rotation_puts_the_old_pair_back()
    {
        Deliver(Secret(), Old);
        var before = Held;
        Refuse("promote path/db");

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>();

        Held.Should().Be(before);
        Vault.Open.Should().BeNull();
        _cloud.Calls.Where(call => call.Contains("payments")).Should().Equal("list payments", Put, "list payments", Put, "list payments");
    }

    [Fact]
    public async Task An_old_pair_that_did_not_come_back_is_told()
    {
        Deliver(Secret(), Old);
        var (promoted, other) = (false, PrivateKeyIn(Content()));
        _cloud.Fate = (call, _) =>
        {
            promoted |= call == "promote path/db";
            if (promoted && call == "list payments")
                _cloud.Variables[Scope] = [new(FingerprintOf(other), VariableScope.SshKeyPair.Key, other, Secured: true)];
            return call == "promote path/db" ? CallFate.Refused : CallFate.Works;
        };

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>()
            .Which.NotUndone.Should().Equal("payments:ssh-key-pair isn't as it was, though putting it back succeeded.");
    }

    [Theory]
    [InlineData(CallFate.AnswerLost)]
    [InlineData(CallFate.RequestLost)]
    public async Task A_pair_whose_put_had_no_answer_gets_the_old_key_and_the_rotation_stays_open(CallFate fate)
    {
        Deliver(Secret(), Old);
        var before = Held;
        _cloud.Fate = (call, number) => (call, number) == (Put, 1) ? fate : CallFate.Works;

        var left = (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which;

        left.NotUndone.Should().ContainSingle().Which.Should().EndWith(
            "The old key pair was put back, but a request without an answer may still put the new one there.");
        left.State.Should().Contain("payments:ssh-key-pair may hold the new value or the old value.");
        Held.Should().Be(before);
        var staged = PrivateKeyIn(Vault.Versions[Vault.Open!.Id.Value].Content);

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.Rotated>();
        Held.Value.Should().Be(staged);
        Vault.Open.Should().BeNull();
    }

    [Fact]
    public async Task A_pair_whose_put_may_land_again_is_not_said_to_be_undone()
    {
        Deliver(Secret(), Old);
        var before = Held;
        _cloud.MayLandAgain = true;
        Refuse("promote path/db");

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>();

        Held.Should().Be(before);
        Vault.Open.Should().NotBeNull();
    }

    [Theory]
    [InlineData(CallFate.DiesBefore)]
    [InlineData(CallFate.DiesAfter)]
    public async Task A_killed_run_is_finished_with_the_same_key(CallFate fate)
    {
        Deliver(Secret(), Old);
        _cloud.Fate = (call, _) => call == Put ? fate : CallFate.Works;
        await RotateAsync(_machine);
        var staged = PrivateKeyIn(Vault.Versions[Vault.Open!.Id.Value].Content);
        _cloud.Fate = (_, _) => CallFate.Works;

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.Rotated>();

        Held.Value.Should().Be(staged).And.Be(PrivateKeyIn(Vault.CurrentContent));
        _cloud.Calls.Should().NotContain("delete payments:ssh-key-pair");
    }

    [Fact]
    public async Task A_resumed_rotation_that_fails_is_not_said_to_be_undone_while_the_dead_may_be_heard()
    {
        Deliver(Secret(), Old);
        _cloud.Fate = (call, _) => call == Put ? CallFate.DiesAfter : CallFate.Works;
        await RotateAsync(_machine);
        Refuse("promote path/db");

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.NeedsOperator>();
        Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task A_missing_pair_blocks()
    {
        Deliver(Secret(), Old);
        _cloud.Variables[Scope].Clear();

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Untouched>()
            .Which.Decision.Should().BeOfType<Decision.Blocked>().Which.Why.Should().Be("The target payments:ssh-key-pair doesn't exist.");
    }

    [Fact]
    public async Task A_missing_pair_that_may_be_created_is_created()
    {
        Deliver(Secret(create: true), Old);

        (await RotateAsync(_machine, create: true)).Should().BeOfType<RotationOutcome.Rotated>();

        Held.Value.Should().Be(PrivateKeyIn(Vault.CurrentContent));
    }

    [Fact]
    public async Task A_pair_that_was_created_is_deleted_where_the_rotation_fails()
    {
        Deliver(Secret(create: true), Old);
        Refuse("promote path/db");

        (await RotateAsync(_machine, create: true)).Should().BeOfType<RotationOutcome.RolledBack>();

        _cloud.Variables[Scope].Should().BeEmpty();
    }

    [Fact]
    public async Task A_pair_whose_creation_had_no_answer_is_not_said_to_be_undone()
    {
        Deliver(Secret(create: true), Old);
        _cloud.Fate = (call, number) => (call, number) == ("create payments:ssh-key-pair", 1) ? CallFate.AnswerLost : CallFate.Works;

        (await RotateAsync(_machine, create: true)).Should().BeOfType<RotationOutcome.NeedsOperator>();

        Held.Value.Should().Be(PrivateKeyIn(Vault.CurrentContent));
    }

    [Fact]
    public async Task A_pair_that_was_changed_by_hand_is_delivered_again()
    {
        Deliver(Secret(), Duration.FromDays(4));
        var other = PrivateKeyIn(Content());
        _cloud.Variables[Scope] = [new(FingerprintOf(other), VariableScope.SshKeyPair.Key, other, Secured: true)];

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Redelivered>();

        Held.Value.Should().Be(PrivateKeyIn(Vault.CurrentContent));
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    public async Task Nothing_new_is_sent_while_an_earlier_request_may_land(int minutes, bool delivered)
    {
        Deliver(Secret(), Duration.FromMinutes(minutes));
        _cloud.Variables[Scope][0] = _cloud.Variables[Scope][0] with { Uuid = "SHA256:of-another-key" };

        var outcome = await RotateAsync(_machine);

        (outcome is RotationOutcome.Redelivered).Should().Be(delivered);
        _cloud.Calls.Contains(Put).Should().Be(delivered);
        if (!delivered)
            outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Blocked>().Which.Why.Should()
                .StartWith("What an earlier run sent to payments:ssh-key-pair may still land there");
        Vault.Open.Should().BeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_killed_delivery_is_finished_unless_another_key_is_current_by_then(bool moved)
    {
        Deliver(Secret(), Duration.FromDays(4));
        _cloud.MoveCurrent(Secret(), Content());
        _cloud.Fate = (call, _) => call == Put ? CallFate.DiesBefore : CallFate.Works;
        await RotateAsync(_machine);
        _cloud.Fate = (_, _) => CallFate.Works;
        if (moved)
            _cloud.MoveCurrent(Secret(), Content());
        var successor = _machine.Successor();

        var outcome = await RotateAsync(successor);

        (outcome is RotationOutcome.Redelivered).Should().Be(!moved);
        (Held.Value == PrivateKeyIn(Vault.CurrentContent)).Should().Be(!moved);
        if (!moved)
            return;
        outcome.Should().BeOfType<RotationOutcome.NeedsOperator>();
        _cloud.Clock.Advance(RunLimits.Default.ClaimLimit + RunLimits.Default.MinimumInterval);
        (await RotateAsync(successor.Successor())).Should().BeOfType<RotationOutcome.Redelivered>();
        Held.Value.Should().Be(PrivateKeyIn(Vault.CurrentContent));
    }

    [Fact]
    public async Task An_old_value_that_could_not_be_put_back_blocks_before_anything_is_written()
    {
        Deliver(Secret(), Old);
        Vault.Versions[Vault.Current] = ("""{"private":"-----BEGIN RSA PRIVATE KEY-----","public":""}""", ModelCloud.Start - Old);

        var blocked = (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Blocked>().Which;

        blocked.Why.Should().Be("payments:ssh-key-pair: It is not a private SSH key in OpenSSH's format.");
        blocked.Hint.Should().Contain("ssh-keygen -p");
        _cloud.Calls.Should().NotContain(Put);
    }

    // ssh-keygen -t ed25519 -N secret: its public key can be read, but no step could use it.
    [Theory]
    [InlineData("""
        -----BEGIN OPENSSH PRIVATE KEY-----
        b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABA92T6Afv
        QCCCxwXW1cTaT9AAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIJjJP5sqgykSJ2Oc
        Sq4cb5z0JO6BNp7GjAx/+9xxUL1uAAAAkEUjsEbqP+U4Vl/aQnZ3axDV8Bsl04qtz4m/ZY
        zSP3GDxaF7qLntdEhcMiZwqKY00TCfYgvztDp0xggqKy8IggdfyOYn0EcRRY8X1H2ok7GI
        SvrnVSQeBQXhgVJOHsdVch+Au9Qnw+AcQm1Vp4DBcpze3De4pzuug8XJucZdha1ToQI7cZ
        Gk/hLbsSEdC0d8oQ==
        -----END OPENSSH PRIVATE KEY-----
        """)]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMIIB")]
    public async Task A_key_with_a_passphrase_blocks_before_anything_is_written(string key)
    {
        Deliver(Secret(), Old);
        Vault.Versions[Vault.Current] = (new JsonObject { ["private"] = key, ["public"] = "" }.ToJsonString(), ModelCloud.Start - Old);

        var blocked = (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Blocked>().Which;

        blocked.Why.Should().StartWith("payments:ssh-key-pair: It is a private SSH key with a passphrase");
        blocked.Hint.Should().Contain("ssh-keygen -p -N ''");
        _cloud.Calls.Should().NotContain(Put);
    }

    [Fact]
    public async Task A_rollback_puts_the_older_pair_back()
    {
        Deliver(Secret(), Old);
        var older = Content();
        Vault.Versions["older"] = (older, ModelCloud.Start - Duration.FromDays(90));

        await new RotationJob(_machine.Tools).RollbackAsync(
            Inventories.Of(Secret()), new("db", "older", "me", "why"), TestContext.Current.CancellationToken);

        Held.Value.Should().Be(PrivateKeyIn(older));
    }

    private ModelVariable Held => _cloud.Variables[Scope].Single();

    private void Refuse(string call) => _cloud.Fate = (made, _) => made == call ? CallFate.Refused : CallFate.Works;

    private async Task<RotationOutcome> RotateAsync(ModelMachine machine, bool create = false) =>
        (await machine.RotateAsync(Inventories.Of(Secret(create)))).Results.Single().Outcome;

    private void Deliver(ManagedSecret secret, Duration age) => _cloud.Deliver(secret, Content(), age);

    private static ManagedSecret Secret(bool create = false) => Inventories.Secret(
        "db",
        new ValuePolicy.Json([new GeneratedField("private", Rule)]),
        new VariableTarget(Scope, VariableScope.SshKeyPair.Key, "private", create));

    private static string Content()
    {
        using var pair = SshKeyPair.Generate(Rule, new SystemRandom());
        return new JsonObject { ["private"] = pair.Private.RevealText(), ["public"] = pair.Public.RevealText() }.ToJsonString();
    }

    private static string PrivateKeyIn(string content)
    {
        using var json = JsonDocument.Parse(content);
        return json.RootElement.GetProperty("private").GetString()!;
    }

    private static string FingerprintOf(string key)
    {
        using var value = SecretValue.FromText(key);
        return SshPublicKey.OfPrivate(value).Fingerprint;
    }
}
