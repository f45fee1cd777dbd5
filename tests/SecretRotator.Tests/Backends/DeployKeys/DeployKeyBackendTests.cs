using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SecretRotator.Backends;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Tests.Providers.Bitbucket;
using static SecretRotator.Tests.Backends.DeployKeys.DeployKeyFixture;

namespace SecretRotator.Tests.Backends.DeployKeys;

/// <summary>What a repository's deploy keys promise, and what is particular to them.</summary>
public sealed class DeployKeyBackendTests : CredentialBackendContract
{
    private BitbucketStage Stage => ((DeployKeyFixture)Fixture).Stage;

    private SecretValue New => field ??= Prepared(Fresh());

    protected override async Task<BackendFixture> OpenAsync() => await DeployKeyFixture.StartAsync();

    [Fact]
    public async Task Bitbucket_never_gets_anything_of_the_private_key()
    {
        await Backend.InspectAsync(Current, Cancellation);
        await Backend.SetAsync(Rotation, New, Cancellation);
        await Backend.ProveAsync(New, Cancellation);
        await Backend.DisableAsync(Backend.SlotOf(Current), Backend.SlotOf(New), Cancellation);

        var sent = JsonNode.Parse(Stage.Recorded.Calls.Single(call => call.Method == "POST").Body)!.AsObject();
        sent.Select(member => (member.Key, member.Value!.GetValue<string>())).Should().Equal(
            ("type", "deploy_key"), ("key", Public(New)), ("label", $"secret-rotator deploys {Rotation}"));
        Stage.Recorded.Calls.Select(call => call.Body + call.Uri).Should().NotContain(text => text.Contains("PRIVATE"));
    }

    [Theory]
    [InlineData("503", FailureKind.Unavailable)]
    [InlineData("403", FailureKind.AccessDenied)]
    [InlineData("404", FailureKind.NotFound)]
    [InlineData("429", FailureKind.Throttled)]
    [InlineData("lost", FailureKind.Unavailable)]
    [InlineData("garbage", FailureKind.Garbled)]
    public async Task A_listing_that_fails_says_nothing_of_the_key(string fault, FailureKind kind)
    {
        Stage.Host.Faults.Add([FaultSpec.Parse($"bitbucket.list-deploy-keys={fault}")]);

        var proof = await Backend.ProveAsync(Current, Cancellation);

        (proof.Acceptance, proof.Why!.Kind).Should().Be((Acceptance.Unknown, kind));
    }

    [Fact]
    public async Task A_key_on_the_second_page_is_accepted()
    {
        await Stage.ChangeAsync(state => Enumerable.Range(0, 130).ToList().ForEach(_ =>
        {
            using var other = Pair(Fresh());
            EmulatedDeployKeys.Add(KeysOf(state), Public(other), "", DateTimeOffset.UnixEpoch);
        }));
        await Backend.SetAsync(Rotation, New, Cancellation);

        (await ProveAsync(New)).Should().Be(Acceptance.Accepted);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_key_whose_answer_was_lost_is_found_and_not_sent_twice(int lag)
    {
        await Stage.ChangeAsync(state => state.ListingLag = lag);
        Stage.Host.Faults.Add([FaultSpec.Parse("bitbucket.post-deploy-key#1=lost")]);

        await Backend.SetAsync(Rotation, New, Cancellation);

        Stage.CallsOf("post-deploy-key").Should().Be(1);
        (await LabelsAsync()).Should().HaveCount(2);
    }

    [Fact]
    public async Task Without_an_answer_and_nowhere_to_be_seen_its_effect_is_unknown_and_it_is_not_repeated()
    {
        Stage.Host.Faults.Add([FaultSpec.Parse("bitbucket.post-deploy-key=502")]);

        var failure = (await Backend.Awaiting(backend => backend.SetAsync(Rotation, New, Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>()).Which;

        (failure.Effect, failure.Kind, Stage.CallsOf("post-deploy-key")).Should().Be((Effect.Unknown, FailureKind.Unavailable, 1));
    }

    [Fact]
    public async Task Without_an_answer_to_it_and_to_the_look_for_it_its_effect_is_unknown()
    {
        Stage.Host.Faults.Add(
            [FaultSpec.Parse("bitbucket.post-deploy-key=lost"), FaultSpec.Parse("bitbucket.list-deploy-keys#2..=503")]);

        (await Backend.Awaiting(backend => backend.SetAsync(Rotation, New, Cancellation)).Should().ThrowAsync<RemoteFailureException>())
            .Which.Effect.Should().Be(Effect.Unknown);
    }

    [Fact]
    public async Task A_refusal_because_an_earlier_one_has_landed_meanwhile_is_done()
    {
        // Missing from the listing that is asked first, there in the one after the refusal.
        await Stage.ChangeAsync(
            state => EmulatedDeployKeys.Add(KeysOf(state), Public(New), "", DateTimeOffset.UnixEpoch)!.HiddenListings = 1);

        await Backend.SetAsync(Rotation, New, Cancellation);

        (await LabelsAsync()).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_key_that_Bitbucket_refuses_has_a_hint_and_no_effect()
    {
        Stage.Host.Faults.Add([FaultSpec.Parse("bitbucket.post-deploy-key=400")]);

        var failure = (await Backend.Awaiting(backend => backend.SetAsync(Rotation, New, Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>()).Which;

        failure.Effect.Should().Be(Effect.Rejected);
        failure.Hint.Should().Contain("an account or a workspace");
    }

    [Fact]
    public async Task Disabling_deletes_it_once_and_enabling_adds_it_without_a_rotation()
    {
        await Backend.SetAsync(Rotation, New, Cancellation);
        var (old, inUse) = (Backend.SlotOf(Current), Backend.SlotOf(New));

        await Backend.DisableAsync(old, inUse, Cancellation);
        await Backend.DeleteAsync(old, inUse, Cancellation);
        await Backend.EnableAsync(old, Current, Cancellation);

        Stage.CallsOf("delete-deploy-key").Should().Be(1);
        (await LabelsAsync()).Should().Equal($"secret-rotator deploys {Rotation}", "secret-rotator deploys");
    }

    [Fact]
    public async Task A_deletion_whose_answer_was_lost_is_repeated_and_done()
    {
        await Backend.SetAsync(Rotation, New, Cancellation);
        Stage.Host.Faults.Add([FaultSpec.Parse("bitbucket.delete-deploy-key#1=lost")]);

        await Backend.DisableAsync(Backend.SlotOf(Current), Backend.SlotOf(New), Cancellation);

        (await ProveAsync(Current)).Should().Be(Acceptance.Refused);
    }

    [Fact]
    public async Task An_inspection_tells_own_keys_and_the_current_one_and_changes_nothing()
    {
        await Backend.SetAsync(Rotation, New, Cancellation);
        using var other = Pair(Fresh());
        await Stage.ChangeAsync(state =>
        {
            EmulatedDeployKeys.Add(KeysOf(state), Public(other), "secret-rotator deploys-too x", DateTimeOffset.UnixEpoch);
            KeysOf(state)[0].LastUsed = DateTimeOffset.UnixEpoch.AddDays(9);
        });
        var before = await LabelsAsync();

        var seen = await Backend.InspectAsync(Current, Cancellation);

        seen.Slots.Select(slot => (slot.Id, slot.UsedAt?.ToUnixTimeSeconds(), slot.MadeBy, slot.Enabled)).Should().Equal(
            (Backend.SlotOf(Current), 9 * 86_400, null, true), (Backend.SlotOf(New), null, Rotation, true));
        seen.Slots.Should().OnlyContain(slot => slot.MadeAt != null);
        seen.Server.Should().StartWith("127.0.0.1:");
        (await LabelsAsync()).Should().Equal(before);
        Stage.Host.Calls.Snapshot().Where(call => call.Operation != "post-deploy-key").Should()
            .OnlyContain(call => call.Operation == "list-deploy-keys");
    }

    [Theory]
    [InlineData("repository:admin", "pipeline", "repository:admin")]
    [InlineData("write:ssh-key:bitbucket", "admin:repository:bitbucket delete:ssh-key:bitbucket", "it lacks write:ssh-key:bitbucket.")]
    [InlineData("delete:ssh-key:bitbucket", "admin:repository:bitbucket write:ssh-key:bitbucket", "it lacks delete:ssh-key:bitbucket.")]
    public async Task A_missing_scope_is_named_before_anything_is_changed(string missing, string granted, string said)
    {
        await Stage.ChangeAsync(state => state.Credentials[0].Scopes = [.. granted.Split(' ')]);

        var failure = (await Backend.Awaiting(backend => backend.InspectAsync(Current, Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>()).Which;

        failure.Kind.Should().Be(FailureKind.AccessDenied);
        $"{failure.Message} {failure.Hint}".Should().Contain(said).And.Contain(missing);
    }

    [Fact]
    public void Preparing_keeps_the_generated_pair()
    {
        using var prepared = Backend.Prepare(Current, New);

        prepared.FixedTimeEquals(New).Should().BeTrue();
    }

    [Theory]
    [InlineData("private", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n")]
    [InlineData("private", "-----BEGIN OPENSSH PRIVATE KEY-----\nnot base64!\n-----END OPENSSH PRIVATE KEY-----\n")]
    [InlineData("private", "-----BEGIN OPENSSH PRIVATE KEY-----")]
    [InlineData("private", "hunter2")]
    [InlineData("public", "hunter2")]
    [InlineData("public", "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIIUQhd9mtd14FfQpWFU5V+HWIS/k4Jn4GPsukdr+chT1")]
    [InlineData("public", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIUQhd9mtd14FfQpWFU5V+HWIS/k4Jn4GPsukdr+chT1")]
    public async Task What_is_no_pair_is_told_without_its_content_and_nothing_is_sent(string field, string text)
    {
        using var wrong = WithField(Current, field, text);

        var failure = (await Backend.Awaiting(backend => backend.ProveAsync(wrong, Cancellation)).Should()
            .ThrowAsync<SecretContentException>()).Which;

        $"{failure.Message} {failure.Hint}".Should().Contain(field).And.NotContain("hunter2").And.NotContain("AAAA");
        Stage.Host.Calls.Snapshot().Should().BeEmpty();
    }

    [Fact]
    public async Task A_key_with_a_passphrase_is_refused_and_nothing_is_sent()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var wrong = WithField(Current, "private", key.ExportEncryptedPkcs8PrivateKeyPem(
            "a passphrase", new(PbeEncryptionAlgorithm.Aes128Cbc, new("SHA256"), 1)));

        (await Backend.Awaiting(backend => backend.SetAsync(Rotation, wrong, Cancellation)).Should()
            .ThrowAsync<SecretContentException>()).Which.Message.Should().Contain("\"private\"").And.Contain("with a passphrase");

        Stage.Host.Calls.Snapshot().Should().BeEmpty();
    }

    [Fact]
    public void A_slot_is_the_fingerprint_that_ssh_keygen_prints()
    {
        // ssh-keygen -t ed25519 -C me@host; a key that is used nowhere.
        using var content = SecretValue.FromText(new JsonObject
        {
            ["private"] = """
                -----BEGIN OPENSSH PRIVATE KEY-----
                b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
                QyNTUxOQAAACCFEIXfZrXdeBX0KVhVOVfh1iEv5OCZ+Bj7LpHa/nIU9QAAAJAEAgp5BAIK
                eQAAAAtzc2gtZWQyNTUxOQAAACCFEIXfZrXdeBX0KVhVOVfh1iEv5OCZ+Bj7LpHa/nIU9Q
                AAAEC1NNBfcIxMQUViGZ5ZHf8ZaKWA9XPWq6DnpIkhqLoNrIUQhd9mtd14FfQpWFU5V+HW
                IS/k4Jn4GPsukdr+chT1AAAAB21lQGhvc3QBAgMEBQY=
                -----END OPENSSH PRIVATE KEY-----
                """,
            ["public"] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIUQhd9mtd14FfQpWFU5V+HWIS/k4Jn4GPsukdr+chT1 me@host",
        }.ToJsonString());

        Backend.SlotOf(content).Should().Be(new SlotId("SHA256:MVffF7h1bz2Y4bzi50aimAa3545Ut77UcmM4kF4ptZ8"));
    }

    [Fact]
    public async Task An_RSA_pair_is_taken_as_well()
    {
        using var content = Pair("", new(SshKeyAlgorithm.Rsa, 3072, "public", ""));

        await Backend.SetAsync(Rotation, content, Cancellation);

        (await ProveAsync(content)).Should().Be(Acceptance.Accepted);
    }

    private Task<List<string>> LabelsAsync() =>
        Stage.Host.Store.ReadAsync(state => KeysOf(state.Bitbucket).Select(key => key.Label).ToList());

    private static SecretValue WithField(SecretValue content, string field, string text)
    {
        using var value = SecretValue.FromText(text);
        return JsonSecret.Replace(content, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { [field] = value });
    }
}
