using Amazon.Runtime;
using Amazon.SecurityToken;
using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;

namespace SecretRotator.Tests.Providers.Aws;

/// <summary>A step that runs for long: its role's credentials end before it does, and so does its token.</summary>
public sealed class RoleCredentialsTests : IAsyncLifetime
{
    private const string Role = "arn:aws:iam::123456789012:role/secret-rotator";

    private static readonly StepToken Step = new(
        "acme", "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333",
        "44444444-4444-4444-8444-444444444444", null, "main");

    private readonly ManualTime _time = new(Instant.FromUtc(2026, 11, 23, 12, 0));
    private SandboxHost _sandbox = null!;
    private AwsIdentity? _identity;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = _time, RealTime = true }, [new StsEmulator([])], cancellation: Stop);
        await _sandbox.Store.ChangeAsync(state => state.Sts.Roles[Role] = AwsRoleState.Trusting(Step), Stop);
    }

    public async ValueTask DisposeAsync()
    {
        _identity?.Dispose();
        await _sandbox.DisposeAsync();
    }

    [Fact]
    public async Task They_are_used_until_five_minutes_before_their_end_and_then_taken_anew()
    {
        // The role's session lasts an hour; the token was made half an hour later, and lasts half an hour longer.
        var credentials = await CredentialsAsync(tokenAge: TimeSpan.FromMinutes(-30));
        var first = (await credentials.GetCredentialsAsync()).AccessKey;

        _time.Pass(TimeSpan.FromMinutes(54));
        (await credentials.GetCredentialsAsync()).AccessKey.Should().Be(first);
        _time.Pass(TimeSpan.FromMinutes(2));
        var second = (await credentials.GetCredentialsAsync()).AccessKey;

        second.Should().NotBe(first);
        (await credentials.GetCredentialsAsync()).AccessKey.Should().Be(second);
        Exchanges.Should().Be(2);
    }

    [Fact]
    public async Task When_the_token_has_ended_what_is_left_of_them_is_used_up_first()
    {
        var credentials = await CredentialsAsync(tokenAge: TimeSpan.FromMinutes(30));
        var first = (await credentials.GetCredentialsAsync()).AccessKey;

        _time.Pass(TimeSpan.FromMinutes(56));

        (await credentials.GetCredentialsAsync()).AccessKey.Should().Be(first);
    }

    [Fact]
    public async Task A_refused_renewal_is_not_asked_for_with_every_call()
    {
        var credentials = await CredentialsAsync(tokenAge: TimeSpan.FromMinutes(30));
        await credentials.GetCredentialsAsync();
        _time.Pass(TimeSpan.FromMinutes(56));

        for (var call = 0; call < 10; call++)
            await credentials.GetCredentialsAsync();

        Exchanges.Should().Be(2);
    }

    [Fact]
    public async Task When_both_have_ended_that_is_told()
    {
        var credentials = await CredentialsAsync(tokenAge: TimeSpan.FromMinutes(30));
        await credentials.GetCredentialsAsync();

        _time.Pass(TimeSpan.FromMinutes(60));

        (await FluentActions.Awaiting(credentials.GetCredentialsAsync).Should()
            .ThrowAsync<AmazonSecurityTokenServiceException>()).Which.ErrorCode.Should().Be("ExpiredTokenException");
    }

    [Fact]
    public async Task A_lost_answer_while_they_are_good_does_no_harm()
    {
        var credentials = await CredentialsAsync(tokenAge: TimeSpan.Zero);
        var first = (await credentials.GetCredentialsAsync()).AccessKey;
        _time.Pass(TimeSpan.FromMinutes(56));
        _sandbox.Faults.Add([FaultSpec.Parse("sts.AssumeRoleWithWebIdentity#1..=503")]);

        (await credentials.GetCredentialsAsync()).AccessKey.Should().Be(first);
    }

    private int Exchanges => _sandbox.Calls.Snapshot().Count(call => call.Operation == "AssumeRoleWithWebIdentity");

    private async Task<AWSCredentials> CredentialsAsync(TimeSpan tokenAge)
    {
        var token = await _sandbox.Store.ReadAsync(state => Step.Mint(state, _time.GetUtcNow() - tokenAge), Stop);
        var settings = new AwsSettings
        {
            SessionName = "acme.payments.417",
            StepToken = SecretValue.FromText(token),
            StsEndpoint = _sandbox.EndpointOf("sts"),
            Retries = 0,
        };
        _identity = new AwsIdentity(settings, () => new SocketsHttpHandler(), _time);
        return _identity.CredentialsFor("eu-west-1", Role);
    }
}
