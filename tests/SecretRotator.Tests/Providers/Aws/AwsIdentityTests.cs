using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using NodaTime.Testing;
using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Tokens;

namespace SecretRotator.Tests.Providers.Aws;

public sealed class AwsIdentityTests : IAsyncLifetime
{
    private const string Region = "eu-west-1";
    private const string Role = "arn:aws:iam::123456789012:role/secret-rotator";
    private const string Path = "prod/payments/db";
    private const string Repository = "22222222-2222-4222-8222-222222222222";

    private static readonly StepToken Step = new(
        "acme", "11111111-1111-4111-8111-111111111111", Repository, "33333333-3333-4333-8333-333333333333",
        "44444444-4444-4444-8444-444444444444", null, "main");

    private SandboxHost _sandbox = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = SystemClock.Instance, RealTime = true },
            [new SecretsManagerEmulator(), new StsEmulator([]), new OidcEmulator()], cancellation: Stop);
        await _sandbox.Store.ChangeAsync(state =>
        {
            state.Sts.Roles[Role] = AwsRoleState.Trusting(Step);
            state.Sts.Credentials["AKIASANDBOX"] = new AwsCredentialState
            {
                SecretAccessKey = "sandbox-secret",
                Account = "123456789012",
                Arn = "arn:aws:iam::123456789012:user/ada",
            };
            state.SecretsManager.Secrets[$"123456789012/{Region}/{Path}"] = new AwsSecretState
            {
                Name = Path,
                Arn = $"arn:aws:secretsmanager:{Region}:123456789012:secret:{Path}-a1b2c3",
                Versions =
                [
                    new AwsVersionState { Id = "aaaaaaaa-0000-4000-8000-000000000001", SecretString = "old", Stages = ["AWSCURRENT"] },
                ],
            };
        }, Stop);
    }

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    [Fact]
    public async Task A_step_s_token_takes_on_the_role_and_reads_the_vault()
    {
        var token = await MintAsync();

        (await DescribeAsync(WithToken(token))).Current.Value.Should().Be("aaaaaaaa-0000-4000-8000-000000000001");
    }

    [Fact]
    public async Task A_profile_s_program_is_not_started_unless_the_settings_ask_for_it()
    {
        var started = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());
        var profile = new CredentialProfile("work", new CredentialProfileOptions { CredentialProcess = $"touch {started}" });
        var credentials = new AwsIdentity.AmbientCredentials(
            () => profile.GetAWSCredentials(new CredentialProfileStoreChain()), startsPrograms: false);

        var none = (await credentials.Awaiting(each => each.GetCredentialsAsync()).Should().ThrowAsync<NoAwsIdentityException>()).Which;

        File.Exists(started).Should().BeFalse();
        none.Hint.Should().Contain("aws.useCredentialProcess");
        AwsFailures.OfSilence(none, "reading prod/db", writes: false).Message.Should().Be(
            "No AWS identity for reading prod/db: the profile gets its credentials from a program (credential_process), and no program "
                + "is started unasked.");
    }

    [Fact]
    public async Task A_profile_that_rests_on_one_with_a_program_starts_none_either()
    {
        var credentials = new AwsIdentity.AmbientCredentials(
            () => new AssumeRoleAWSCredentials(new ProcessAWSCredentials("exit 1"), Role, "session"), startsPrograms: false);

        (await credentials.Awaiting(each => each.GetCredentialsAsync()).Should().ThrowAsync<NoAwsIdentityException>()).Which.Why.Should()
            .Contain("credential_process");
    }

    [Fact]
    public async Task A_run_takes_the_role_on_once_for_all_its_calls()
    {
        using var factory = Factory(WithToken(await MintAsync()));
        var definition = new AwsVaultDefinition("prod", Region, Role);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => factory.Create(definition).DescribeAsync(Path, Stop)));

        _sandbox.Calls.Snapshot().Count(call => call.Service == "sts").Should().Be(1);
    }

    [Fact]
    public async Task Keys_of_the_account_take_on_the_role_where_there_is_no_step()
    {
        (await DescribeAsync(WithKeys("sandbox-secret"))).Current.Value.Should().Be("aaaaaaaa-0000-4000-8000-000000000001");
        _sandbox.Calls.Snapshot().Should().Contain(call => call.Operation == "AssumeRole");
    }

    [Fact]
    public async Task Without_a_role_the_keys_themselves_are_used()
    {
        using var factory = Factory(WithKeys("sandbox-secret"));

        await factory.Create(new AwsVaultDefinition("prod", Region, null)).DescribeAsync(Path, Stop);

        _sandbox.Calls.Snapshot().Should().OnlyContain(call => call.Service == "aws");
    }

    [Fact]
    public async Task A_wrong_secret_key_is_refused_by_its_signature()
    {
        using var factory = Factory(WithKeys("wrong"));

        var failure = await FailureAsync(() => factory.Create(new AwsVaultDefinition("prod", Region, null)).DescribeAsync(Path, Stop));

        failure.Kind.Should().Be(FailureKind.Unauthenticated);
        failure.Message.Should().Contain("InvalidSignatureException");
        failure.Hint.Should().Contain("secret access key");
    }

    [Fact]
    public async Task A_token_for_another_audience_is_refused_with_a_hint_at_the_client_ids()
    {
        var failure = await FailureAsync(async () => await DescribeAsync(WithToken(await MintAsync(audience: "sts.amazonaws.com"))));

        failure.Kind.Should().Be(FailureKind.Unauthenticated);
        failure.Hint.Should().Contain("client ids");
    }

    [Fact]
    public async Task A_token_of_another_repository_is_refused_with_a_hint_at_the_trust_policy()
    {
        var failure = await FailureAsync(
            async () => await DescribeAsync(
                WithToken(await MintAsync(Step with { RepositoryUuid = "99999999-2222-4222-8222-222222222222" }))));

        failure.Message.Should().Contain("AccessDenied");
        failure.Hint.Should().Contain("trust policy");
    }

    [Fact]
    public async Task A_token_of_an_unknown_issuer_is_refused_with_a_hint_at_the_identity_provider()
    {
        var failure = await FailureAsync(async () => await DescribeAsync(WithToken(await MintAsync(Step with { Workspace = "another" }))));

        failure.Hint.Should().Contain("identity provider in IAM");
    }

    [Fact]
    public async Task An_expired_token_is_refused_with_a_hint_at_the_step_s_length()
    {
        var failure = await FailureAsync(async () => await DescribeAsync(WithToken(await MintAsync(age: TimeSpan.FromHours(2)))));

        failure.Message.Should().Contain("ExpiredTokenException");
        failure.Hint.Should().Contain("outlived");
    }

    [Fact]
    public async Task A_tampered_token_is_refused()
    {
        var token = await MintAsync();
        var parts = token.Split('.');

        var failure = await FailureAsync(() => DescribeAsync(WithToken($"{parts[0]}.{parts[1]}.{parts[2][..^8]}AAAAAAAA")));

        failure.Kind.Should().Be(FailureKind.Unauthenticated);
    }

    [Fact]
    public async Task A_step_without_a_role_in_the_account_is_refused()
    {
        using var factory = Factory(WithToken(await MintAsync()));

        var failure = await FailureAsync(
            () => factory.Create(new AwsVaultDefinition("prod", Region, Role + "-other")).DescribeAsync(Path, Stop));

        failure.Message.Should().Contain("AccessDenied");
    }

    [Fact]
    public async Task An_sts_that_fails_is_not_taken_for_a_write_that_may_have_happened()
    {
        var token = await MintAsync();
        _sandbox.Faults.Add([FaultSpec.Parse("sts.AssumeRoleWithWebIdentity#1..=503")]);
        using var factory = Factory(WithToken(token) with { Retries = 0 });
        using var candidate = SecretValue.FromText("new");
        var request = new ClaimRequest(
            new("00000000-0000-4000-8000-000000000001"), new("aaaaaaaa-0000-4000-8000-000000000001"),
            new Holder.Process("0000000000000000", 1, 1, "ada@host"), Instant.FromUtc(2026, 1, 1, 0, 0), candidate, null)
        { Lease = Leases.Endless };

        var failure = await FailureAsync(
            () => factory.Create(new AwsVaultDefinition("prod", Region, Role)).ClaimAsync(Path, request, Stop));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Unavailable, Effect.Rejected));
    }

    [Fact]
    public async Task The_session_is_named_after_repository_and_build_in_the_characters_that_aws_takes()
    {
        using var identity = new AwsIdentity(
            WithToken(await MintAsync()) with { SessionName = "acme/payments api #417 " + new string('x', 80) },
            () => new SocketsHttpHandler());
        using var sts = new AmazonSecurityTokenServiceClient(
            identity.CredentialsFor(Region, Role),
            identity.Configure(new AmazonSecurityTokenServiceConfig(), Region, _sandbox.EndpointOf("sts"), repeats: true));

        var arn = (await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), Stop)).Arn;

        arn.Should().StartWith("arn:aws:sts::123456789012:assumed-role/secret-rotator/acme-payments-api--417-xxx");
        arn.Split('/')[^1].Should().HaveLength(64);
    }

    [Fact]
    public async Task A_role_s_token_for_another_cloud_names_the_role_and_the_audience()
    {
        using var identity = new AwsIdentity(WithToken(await MintAsync()), () => new SocketsHttpHandler());

        var token = SignedToken.Parse(await identity.TokenForAsync(Region, Role, "api://AzureADTokenExchange", Stop))!;

        (token.Claim("sub"), token.Claim("aud")).Should().Be((Role, "api://AzureADTokenExchange"));
    }

    [Theory]
    [InlineData("http://secrets.example.com/")]
    [InlineData("ftp://127.0.0.1/")]
    public void An_endpoint_that_would_carry_secrets_in_the_clear_is_refused(string endpoint)
    {
        using var factory = Factory(WithKeys("sandbox-secret") with { SecretsManagerEndpoint = new Uri(endpoint) });

        factory.Invoking(f => f.Create(new AwsVaultDefinition("prod", Region, null)))
            .Should().Throw<ArgumentException>()
            .WithMessage("*https*");
    }

    [Fact]
    public void Settings_say_nothing_of_their_secrets() =>
        WithToken("a.b.c").ToString().Should().NotContain("a.b.c");

    private async Task<SecretDescription> DescribeAsync(AwsSettings settings)
    {
        using var factory = Factory(settings);
        return await factory.Create(new AwsVaultDefinition("prod", Region, Role)).DescribeAsync(Path, Stop);
    }

    private static async Task<RemoteFailureException> FailureAsync(Func<Task> act) =>
        (await act.Should().ThrowAsync<RemoteFailureException>()).Which;

    private static AwsVaultFactory Factory(AwsSettings settings) =>
        new(settings,
            () => new SocketsHttpHandler(), new FakeClock(Instant.FromUtc(2026, 1, 1, 0, 0)), new SystemRandom(), TimeProvider.System);

    private AwsSettings WithToken(string token) => Settings() with { StepToken = SecretValue.FromText(token) };

    private AwsSettings WithKeys(string secret) =>
        Settings() with { Keys = new AwsKeys("AKIASANDBOX", SecretValue.FromText(secret), null) };

    private AwsSettings Settings() => new()
    {
        SessionName = "acme.secret-rotator.417",
        SecretsManagerEndpoint = _sandbox.EndpointOf("aws"),
        StsEndpoint = _sandbox.EndpointOf("sts"),
        Retries = 0,
    };

    private Task<string> MintAsync(StepToken? step = null, string? audience = null, TimeSpan age = default) =>
        _sandbox.Store.UseAsync(state => ((step ?? Step).Mint(state, DateTimeOffset.UtcNow - age, audience), true), Stop);
}
