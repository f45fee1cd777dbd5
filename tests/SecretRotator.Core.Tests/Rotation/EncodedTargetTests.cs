using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>Bitbucket's variables take no line breaks: a target with <c>encoding: base64</c> carries the encoded value wherever it is sent,
/// compared or put back.</summary>
public sealed class EncodedTargetTests
{
    private const string OldKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nold\n-----END OPENSSH PRIVATE KEY-----\n";
    private static readonly Duration Old = Duration.FromDays(40);
    private readonly ModelCloud _cloud = new();

    [Fact]
    public async Task A_rotated_ssh_key_is_delivered_in_base64_and_kept_as_it_is_in_the_vault()
    {
        var secret = Deliver(SshKey(TargetEncoding.Base64));

        (await RotateAsync(secret)).Should().BeOfType<RotationOutcome.Rotated>();

        var key = PrivateKeyOf(secret);
        key.Should().StartWith("-----BEGIN OPENSSH PRIVATE KEY-----\n").And.NotBe(OldKey);
        Held(secret).Should().Be(InBase64(key)).And.NotContain("\n");
    }

    [Fact]
    public async Task A_failed_rotation_puts_the_old_key_back_in_base64()
    {
        var secret = Deliver(SshKey(TargetEncoding.Base64));
        _cloud.Fate = (call, _) => call.StartsWith("promote ") ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(secret)).Should().BeOfType<RotationOutcome.RolledBack>();

        Held(secret).Should().Be(InBase64(OldKey));
    }

    [Fact]
    public async Task A_pipeline_proves_the_encoded_text()
    {
        var policy = new AttestationPolicy("attest", "main", AttestationPolicy.UsualLimit, new("acme", "secret-rotator"));
        var secret = SshKey(TargetEncoding.Base64);
        secret = Deliver(secret with { Targets = [secret.Targets[0] with { Verify = VerificationLevel.Attested }] });

        var run = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret) with { Attestation = policy });

        run.Results.Single().Outcome.Should().BeOfType<RotationOutcome.Rotated>().Which.Level.Should().Be(VerificationLevel.Attested);
    }

    [Fact]
    public async Task A_rollback_delivers_the_older_key_in_base64()
    {
        var secret = Deliver(SshKey(TargetEncoding.Base64));
        _cloud.Secrets[secret.Path].Versions["older"] = (
            """{"private":"older\nkey\n","public":"p"}""", ModelCloud.Start - Duration.FromDays(90));

        await new RotationJob(new ModelMachine(_cloud).Tools)
            .RollbackAsync(Inventories.Of(secret), new("db", "older", "me", "why"), TestContext.Current.CancellationToken);

        Held(secret).Should().Be(InBase64("older\nkey\n"));
    }

    [Fact]
    public async Task A_secret_that_is_adopted_is_delivered_in_base64()
    {
        var secret = Deliver(SshKey(TargetEncoding.Base64), Duration.FromDays(4));
        _cloud.Secrets[secret.Path].Delivered = null;
        _cloud.Variables[Inventories.Payments][0] = _cloud.Variables[Inventories.Payments][0] with { Value = "by hand" };

        var run = await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret), new PlanRequest { Adopt = true });

        run.Results.Single().Outcome.Should().BeOfType<RotationOutcome.Adopted>();
        Held(secret).Should().Be(InBase64(OldKey));
    }

    [Fact]
    public async Task A_target_whose_encoding_changes_is_delivered_anew()
    {
        var plain = Inventories.Plain("db", Inventories.Payments);
        _cloud.Deliver(plain, "one-line", Duration.FromDays(4));
        var encoded = plain with { Targets = [plain.Targets[0] with { Encoding = TargetEncoding.Base64 }] };

        (await RotateAsync(encoded)).Should().BeOfType<RotationOutcome.Redelivered>();

        Held(encoded).Should().Be(InBase64("one-line"));
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("two\r\nlines")]
    [InlineData("one line with a break at its end\n")]
    public async Task A_value_with_line_breaks_is_refused_before_anything_is_written_where_the_target_is_not_encoded(string value)
    {
        var secret = Inventories.Plain("db", Inventories.Payments);
        _cloud.Deliver(secret, "before", Duration.FromDays(4));
        var shelf = _cloud.Secrets[secret.Path];
        shelf.Versions["by-hand"] = (value, ModelCloud.Start);
        shelf.Current = "by-hand";

        var blocked = (await RotateAsync(secret))
            .Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Blocked>().Which;

        blocked.Why.Should().Be("payments:DB: The value has line breaks, and a Bitbucket variable takes none.");
        blocked.Hint.Should().Contain("encoding: base64");
        Held(secret).Should().Be("before");
        shelf.Open.Should().BeNull();
    }

    private async Task<RotationOutcome> RotateAsync(ManagedSecret secret) =>
        (await new ModelMachine(_cloud).RotateAsync(Inventories.Of(secret))).Results.Single().Outcome;

    private ManagedSecret Deliver(ManagedSecret secret, Duration? age = null)
    {
        _cloud.Deliver(
            secret, """{"private":"-----BEGIN OPENSSH PRIVATE KEY-----\nold\n-----END OPENSSH PRIVATE KEY-----\n","public":"old"}""",
            age ?? Old);
        return secret;
    }

    private string Held(ManagedSecret secret) => _cloud.Find(secret.Targets[0])!.Value;

    private string PrivateKeyOf(ManagedSecret secret)
    {
        using var json = System.Text.Json.JsonDocument.Parse(_cloud.Secrets[secret.Path].CurrentContent);
        return json.RootElement.GetProperty("private").GetString()!;
    }

    private static ManagedSecret SshKey(TargetEncoding encoding) => Inventories.Secret(
        "db",
        new ValuePolicy.Json([new GeneratedField("private", new ValueGenerator.SshKey(SshKeyAlgorithm.Ed25519, 0, "public", ""))]),
        new VariableTarget(Inventories.Payments, "DB", "private", false) { Encoding = encoding });

    private static string InBase64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
