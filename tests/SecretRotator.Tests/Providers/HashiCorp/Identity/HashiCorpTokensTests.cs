using System.Net;
using SecretRotator.Providers.HashiCorp;
using SecretRotator.Providers.HashiCorp.Identity;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.HashiCorp;

namespace SecretRotator.Tests.Providers.HashiCorp.Identity;

/// <summary>How a run gets its token, keeps it, and gives it back.</summary>
public sealed class HashiCorpTokensTests : IAsyncLifetime
{
    private const string Environment = "55555555-5555-4555-8555-555555555555";

    private static readonly StepToken Step = new(
        "acme", "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333",
        "44444444-4444-4444-8444-444444444444", Environment, "main");

    private readonly ManualTime _time = new(Instant.FromUtc(2026, 11, 23, 12, 0));
    private readonly List<string> _notices = [];
    private SandboxHost _sandbox = null!;
    private HttpClient _client = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = _time, RealTime = true }, [new HashiCorpEmulator("prod", [])], cancellation: Stop);
        await ServerAsync(server =>
        {
            server.JwtMethods["jwt"] = new JwtMethodState { Issuer = Step.Issuer };
            server.JwtMethods["jwt"].Roles["rotator"] = new JwtRoleState
            {
                Audiences = { Step.Audience },
                Claims =
                {
                    ["repositoryUuid"] = $"{{{Step.RepositoryUuid}}}",
                    ["deploymentEnvironmentUuid"] = $"{{{Environment}}}",
                },
                Tokens = { Policies = { "rotator" } },
            };
            server.AppRoles["approle"] = new AppRoleState
            {
                RoleId = "role-1",
                SecretIds = { ["secret-1"] = 0 },
                Tokens = { Policies = { "rotator" } },
            };
            server.Tokens["hvs.ambient"] = new HashiCorpTokenState { Policies = { "default" } };
        });
        _client = ClientOver(new SocketsHttpHandler());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _sandbox.DisposeAsync();
    }

    [Fact]
    public async Task One_login_serves_all_calls_and_the_token_is_revoked_at_the_end()
    {
        using (var tokens = await ByJwtAsync())
        {
            var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => tokens.GetAsync(Stop).AsTask()));
            all.Distinct().Should().ContainSingle();
            (await LivingAsync()).Should().Be(1);
        }

        (await LivingAsync()).Should().Be(0);
        Calls("Login").Should().Be(1);
        _notices.Should().BeEmpty();
    }

    [Fact]
    public async Task Nothing_is_called_where_no_token_was_needed()
    {
        (await ByJwtAsync()).Dispose();

        _sandbox.Calls.Snapshot().Should().BeEmpty();
    }

    [Fact]
    public async Task A_token_is_renewed_after_two_thirds_of_its_life()
    {
        using var tokens = await ByJwtAsync();
        var first = await tokens.GetAsync(Stop);

        _time.Pass(TimeSpan.FromMinutes(9));
        await tokens.GetAsync(Stop);
        Calls("RenewSelf").Should().Be(0);
        _time.Pass(TimeSpan.FromMinutes(2));

        (await tokens.GetAsync(Stop)).Should().BeSameAs(first);
        Calls("RenewSelf").Should().Be(1);
        Calls("Login").Should().Be(1);
    }

    [Fact]
    public async Task Near_the_longest_life_of_a_token_another_login_is_made_and_both_tokens_are_revoked()
    {
        await ServerAsync(server => Role(server).Tokens.MaxTtlSeconds = 1200);
        using (var tokens = await ByJwtAsync())
        {
            var first = await tokens.GetAsync(Stop);
            _time.Pass(TimeSpan.FromMinutes(14));

            (await tokens.GetAsync(Stop)).Should().NotBeSameAs(first);
            (await LivingAsync()).Should().Be(2);
        }

        (await LivingAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_batch_token_is_neither_renewed_nor_revoked()
    {
        await ServerAsync(server => Role(server).Tokens.Batch = true);
        using (var tokens = await ByJwtAsync())
        {
            await tokens.GetAsync(Stop);
            _time.Pass(TimeSpan.FromMinutes(11));
            await tokens.GetAsync(Stop);
        }

        (Calls("Login"), Calls("RenewSelf"), Calls("RevokeSelf")).Should().Be((2, 0, 0));
        _notices.Should().BeEmpty();
    }

    [Fact]
    public async Task A_limit_of_uses_is_kept_and_its_last_use_revokes_the_token()
    {
        await ServerAsync(server => Role(server).Tokens.NumUses = 3);
        using (var tokens = await ByJwtAsync())
        {
            for (var call = 0; call < 5; call++)
                (await LookUpAsync(await tokens.GetAsync(Stop))).Should().Be(HttpStatusCode.OK);
        }

        Calls("Login").Should().Be(3);
        (await LivingAsync()).Should().Be(0);
        _notices.Should().BeEmpty();
    }

    [Fact]
    public async Task A_token_with_a_single_use_serves_one_call_each()
    {
        await ServerAsync(server => Role(server).Tokens.NumUses = 1);
        using (var tokens = await ByJwtAsync())
        {
            for (var call = 0; call < 3; call++)
                (await LookUpAsync(await tokens.GetAsync(Stop))).Should().Be(HttpStatusCode.OK);
        }

        (Calls("Login"), Calls("RevokeSelf"), await LivingAsync()).Should().Be((3, 0, 0));
    }

    [Fact]
    public async Task When_the_step_s_token_has_ended_what_is_left_of_the_vault_s_is_used_up_and_then_that_is_told()
    {
        await ServerAsync(server => (Role(server).Tokens.TtlSeconds, Role(server).Tokens.Batch) = (900, true));
        using var tokens = await ByJwtAsync(age: TimeSpan.FromMinutes(55));
        var first = await tokens.GetAsync(Stop);

        _time.Pass(TimeSpan.FromMinutes(12));
        for (var call = 0; call < 10; call++)
            (await tokens.GetAsync(Stop)).Should().BeSameAs(first);
        Calls("Login").Should().Be(2, "a refused login is not asked for with every call");
        _time.Pass(TimeSpan.FromMinutes(4));

        (await RefusedAsync(tokens)).Message.Should().EndWith("the step's token has ended.");
    }

    [Fact]
    public async Task A_token_of_the_environment_is_shown_as_it_is_and_never_revoked()
    {
        using (var tokens = Of(new HashiCorpAuth.Token(), new HashiCorpSettings { Token = SecretValue.FromText("hvs.ambient") }))
        {
            Text(await tokens.GetAsync(Stop)).Should().Be("hvs.ambient");
            _time.Pass(TimeSpan.FromDays(30));
            await tokens.GetAsync(Stop);
        }

        (await LivingAsync()).Should().Be(0, "the others are counted, and this one is there still");
        (await _sandbox.Store.ReadAsync(state => state.HashiCorp["prod"].Tokens.Keys.Single(), Stop)).Should().Be("hvs.ambient");
        _sandbox.Calls.Snapshot().Should().BeEmpty();
    }

    [Fact]
    public async Task Outside_pipelines_a_token_of_the_environment_takes_the_place_of_the_step_s()
    {
        using var tokens = Of(Jwt, new HashiCorpSettings { Token = SecretValue.FromText("hvs.ambient") });

        Text(await tokens.GetAsync(Stop)).Should().Be("hvs.ambient");
    }

    [Fact]
    public async Task In_a_pipeline_it_does_not()
    {
        using var tokens = Of(Jwt, new HashiCorpSettings { Token = SecretValue.FromText("hvs.ambient"), InPipeline = true });

        (await RefusedAsync(tokens)).Hint.Should().Be("Set `oidc: true` on the step.");
    }

    [Fact]
    public async Task What_a_login_by_hand_left_in_a_file_is_used()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("vault-token-").FullName, ".vault-token");
        await File.WriteAllTextAsync(file, "hvs.of-file\n", Stop);
        using var tokens = Of(Jwt, new HashiCorpSettings { TokenFile = file });

        Text(await tokens.GetAsync(Stop)).Should().Be("hvs.of-file");

        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Theory]
    [InlineData("hvs.with blank")]
    [InlineData("hvs.with\nbreak")]
    [InlineData("hvs.\"quoted\"")]
    [InlineData("")]
    public async Task A_token_that_is_none_is_told_and_not_shown(string text)
    {
        using var tokens = Of(new HashiCorpAuth.Token(), new HashiCorpSettings { Token = SecretValue.FromText(text) });

        var refused = await RefusedAsync(tokens);

        refused.Message.Should().StartWith("The token in VAULT_TOKEN is empty, or has a blank");
        (refused + refused.Hint).Should().NotContain("hvs.");
    }

    [Fact]
    public async Task An_AppRole_logs_in_with_both_of_its_ids()
    {
        using (var tokens = ByAppRole("secret-1"))
            await tokens.GetAsync(Stop);

        (Calls("Login"), await LivingAsync()).Should().Be((1, 0));
    }

    [Fact]
    public async Task A_wrong_secret_id_is_told_and_not_shown()
    {
        using var tokens = ByAppRole("secret-2");

        var refused = await RefusedAsync(tokens);

        refused.Message.Should().Be("The login to vault prod (auth/approle) failed: role id or secret id is wrong, used up or at its end.");
        refused.Kind.Should().Be(FailureKind.Unauthenticated);
        refused.ToString().Should().NotContain("secret-2");
    }

    [Fact]
    public async Task An_AppRole_without_ids_says_what_to_set()
    {
        using var tokens = Of(new HashiCorpAuth.AppRole("approle"), new HashiCorpSettings());

        (await RefusedAsync(tokens)).Hint.Should().Be("Set VAULT_ROLE_ID and VAULT_SECRET_ID in the environment.");
    }

    [Theory]
    [InlineData("role", "the role doesn't exist")]
    [InlineData("mount", "nothing is mounted at auth/jwt for this address")]
    [InlineData("audience", "the role doesn't admit the audience (aud) of the step's token")]
    [InlineData("issuer", "bound_issuer isn't the issuer of the step's token")]
    [InlineData("repository", "the role binds repositoryUuid to another value than the step's token has")]
    [InlineData("environment", "the role binds deploymentEnvironmentUuid to another value than the step's token has")]
    [InlineData("signature", "it can't verify the signature of the step's token")]
    [InlineData("wrapped", "it answered with a wrapped token")]
    [InlineData("mfa", "it asks for a second factor (MFA), which a pipeline has not")]
    public async Task A_refused_login_is_told_by_what_differs(string what, string why)
    {
        await ServerAsync(server =>
        {
            var (method, role) = (server.JwtMethods["jwt"], Role(server));
            _ = what switch
            {
                "role" => method.Roles.Remove("rotator"),
                "mount" => server.JwtMethods.Remove("jwt"),
                "audience" => role.Audiences.Remove(Step.Audience),
                "issuer" => (method.Issuer = "https://another.example") is null,
                "repository" => (role.Claims["repositoryUuid"] = "{another}") is null,
                "environment" => (role.Claims["deploymentEnvironmentUuid"] = "{another}") is null,
                "wrapped" => role.Tokens.Wrapped = true,
                "mfa" => role.Tokens.NeedsMfa = true,
                _ => true,
            };
        });
        using var tokens = await ByJwtAsync(tampered: what == "signature");

        var refused = await RefusedAsync(tokens);

        refused.Message.Should().EndWith($"failed: {why}.");
        refused.Kind.Should().Be(FailureKind.Unauthenticated);
        refused.Hint.Should().NotBeNullOrEmpty();
        (await LivingAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_revocation_that_fails_is_a_notice_that_tells_when_the_token_ends_and_not_the_token()
    {
        _sandbox.Faults.Add([FaultSpec.Parse("hashicorp.RevokeSelf#1..=403")]);
        string text;
        using (var tokens = await ByJwtAsync())
            text = Text(await tokens.GetAsync(Stop));

        _notices.Should().ContainSingle().Which.Should()
            .Contain("The token of vault prod could not be revoked").And.EndWith("It is good until it ends by itself, in 15 min.")
            .And.NotContain(text);
    }

    [Fact]
    public async Task A_vault_that_gives_no_answer_holds_the_end_up_for_ten_seconds_at_most()
    {
        var tokens = await ByJwtAsync();
        await tokens.GetAsync(Stop);
        _sandbox.Faults.Add([FaultSpec.Parse("hashicorp.RevokeSelf#1..=hold-before")]);

        var ending = Task.Run(tokens.Dispose, Stop);
        while (_sandbox.Faults.Held == 0 && !ending.IsCompleted)
            await Task.Yield();
        ending.IsCompleted.Should().BeFalse();
        _time.Pass(TimeSpan.FromSeconds(10));
        await ending;

        _notices.Should().ContainSingle().Which.Should().Contain("didn't revoke its token within 10 seconds");
        _sandbox.Faults.Clear(goOn: false);
    }

    [Theory]
    [InlineData("""{"auth":{"client_token":"hvs.hostile\r\nX: y","lease_duration":900,"renewable":true,"num_uses":0}}""")]
    [InlineData("""{"auth":{"client_token":"","lease_duration":900,"renewable":true,"num_uses":0}}""")]
    [InlineData("""{"auth":{"client_token":"hvs.a","client_token":"hvs.b","lease_duration":900,"renewable":true,"num_uses":0}}""")]
    [InlineData("""{"auth":{"client_token":"hvs.hostile","lease_duration":-1,"renewable":true,"num_uses":0}}""")]
    [InlineData("""{"auth":{"client_token":"hvs.hostile","lease_duration":1e30,"renewable":true,"num_uses":0}}""")]
    [InlineData("""{"auth":{"client_token":["hvs.hostile"],"lease_duration":900,"renewable":"yes"}}""")]
    [InlineData("""{"auth":null}""")]
    [InlineData("""[]""")]
    [InlineData("""hvs.hostile""")]
    [InlineData("")]
    public async Task An_answer_that_is_none_is_garbled_and_not_repeated_in_the_message(string body)
    {
        using var client = ClientOver(new Answering(body));
        using var tokens = await ByJwtAsync(client: client);

        var refused = await RefusedAsync(tokens);

        refused.Kind.Should().Be(FailureKind.Garbled);
        refused.ToString().Should().NotContain("hostile");
    }

    private static HashiCorpAuth.Jwt Jwt => new("jwt", "rotator");

    private static JwtRoleState Role(HashiCorpState server) => server.JwtMethods["jwt"].Roles["rotator"];

    private int Calls(string operation) => _sandbox.Calls.Snapshot().Count(call => call.Operation == operation);

    private Task ServerAsync(Action<HashiCorpState> change) => _sandbox.Store.ChangeAsync(
        state =>
        {
            if (!state.HashiCorp.TryGetValue("prod", out var server))
                state.HashiCorp["prod"] = server = new HashiCorpState();
            change(server);
        },
        Stop);

    // That of the environment isn't counted.
    private Task<int> LivingAsync() => _sandbox.Store.ReadAsync(state => state.HashiCorp["prod"].Tokens.Count - 1, Stop);

    private async Task<HashiCorpTokens> ByJwtAsync(TimeSpan age = default, bool tampered = false, HttpClient? client = null)
    {
        var token = await _sandbox.Store.ReadAsync(state => Step.Mint(state, _time.GetUtcNow() - age), Stop);
        if (tampered)
            token = token[..^8] + (token.EndsWith("AAAAAAAA", StringComparison.Ordinal) ? "BBBBBBBB" : "AAAAAAAA");
        return Of(Jwt, new HashiCorpSettings { StepToken = SecretValue.FromText(token), InPipeline = true }, client);
    }

    private HashiCorpTokens ByAppRole(string secretId) => Of(
        new HashiCorpAuth.AppRole("approle"), new HashiCorpSettings { RoleId = "role-1", SecretId = SecretValue.FromText(secretId) });

    private HashiCorpTokens Of(HashiCorpAuth auth, HashiCorpSettings settings, HttpClient? client = null)
    {
        var vault = new HashiCorpVaultDefinition("prod", _sandbox.EndpointOf("hashicorp:prod"), "secret", null, auth);
        return new HashiCorpTokens(new LoginCalls(client ?? _client, vault, new SystemRandom(), _time), settings, _notices.Add, _time);
    }

    private HttpClient ClientOver(HttpMessageHandler handler)
    {
        var client = BufferedResponseHandler.ClientOver(new BufferedResponseHandler(handler, TimeSpan.FromMinutes(1), _time));
        client.BaseAddress = _sandbox.EndpointOf("hashicorp:prod");
        return client;
    }

    private static async Task<RemoteFailureException> RefusedAsync(HashiCorpTokens tokens) =>
        (await FluentActions.Awaiting(() => tokens.GetAsync(Stop).AsTask()).Should().ThrowAsync<RemoteFailureException>()).Which;

    private async Task<HttpStatusCode> LookUpAsync(SecretValue token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/auth/token/lookup-self");
        request.Headers.Add("X-Vault-Token", Text(token));
        using var answer = await _client.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    private static string Text(SecretValue value)
    {
#pragma warning disable RS0030 // A worthless token.
        return value.RevealText();
#pragma warning restore RS0030
    }

    private sealed class Answering(string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") });
    }
}
