using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SecretRotator.Providers.Google;
using SecretRotator.Providers.Google.Identity;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Google;

namespace SecretRotator.Tests.Providers.Google;

/// <summary>Every way to a token, against emulators that check what they are sent.</summary>
public sealed class GoogleIdentityTests : IAsyncLifetime
{
    private const string Provider = "projects/123456789012/locations/global/workloadIdentityPools/bitbucket/providers/bitbucket";
    private const string Pool = "iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/bitbucket";
    private const string Account = "secret-rotator@acme.iam.gserviceaccount.com";
    private const string Repository = "22222222-2222-4222-8222-222222222222";
    private const string Environment = "55555555-5555-4555-8555-555555555555";

    private const string External =
        """{ "type": "external_account", "audience": "a", "subject_token_type": "b", "credential_source": {""";

    private static readonly StepToken Step = new(
        "acme", "11111111-1111-4111-8111-111111111111", Repository, "33333333-3333-4333-8333-333333333333",
        "44444444-4444-4444-8444-444444444444", Environment, "main");

    private static readonly Lazy<RSA> Key = new(() => RSA.Create(2048));

    private readonly string _folder = Directory.CreateTempSubdirectory("google-").FullName;
    private readonly ManualTime _time = new(Instant.FromUtc(2026, 11, 23, 12, 0));
    private readonly SkippingTime _skipping = new();
    private SandboxHost _sandbox = null!;
    private GoogleIdentity? _identity;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = _time, RealTime = true },
            [
                new GoogleStsEmulator([]), new IamCredentialsEmulator(), new GoogleOAuthEmulator(), new MetadataEmulator(),
                new OidcEmulator(),
            ],
            cancellation: Stop);
        await _sandbox.Store.ChangeAsync(state =>
        {
            state.GoogleIdentity.Providers[Provider] = GooglePoolProviderState.Trusting(Step);
            state.GoogleIdentity.Accounts[Account] = new GoogleAccountState
            {
                ActedAsBy = [$"principalSet://{Pool}/attribute.repository/{{{Repository}}}", "user:ada@acme.example"],
                Keys = { ["key-1"] = Convert.ToBase64String(Key.Value.ExportSubjectPublicKeyInfo()) },
            };
            state.GoogleIdentity.RefreshTokens["1//sandbox/refresh+token"] = "ada@acme.example";
        }, Stop);
    }

    public async ValueTask DisposeAsync()
    {
        _identity?.Dispose();
        await _sandbox.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_step_s_token_is_exchanged_for_an_identity_of_the_pool() =>
        (await PrincipalAsync(await WithStepAsync())).Should().StartWith($"principal://{Pool}/subject/{{{Repository}}}:{{{Environment}}}:");

    [Fact]
    public async Task A_step_acts_as_the_service_account_that_the_settings_name() =>
        (await PrincipalAsync(await WithStepAsync() with { ServiceAccount = Account })).Should().Be($"serviceAccount:{Account}");

    [Fact]
    public async Task A_run_asks_once_for_all_its_calls()
    {
        var identity = Open(await WithStepAsync());

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TokenAsync(identity)));

        _sandbox.Calls.Snapshot().Should().ContainSingle();
    }

    [Theory]
    [InlineData("audience", "answered invalid_grant: the token's audience", "ari:cloud:bitbucket::workspace/UUID")]
    [InlineData("issuer", "answered invalid_grant: the token's issuer", "letter by letter")]
    [InlineData("repository", "answered unauthorized_client: the provider's attribute condition", "doctor trust --for google")]
    [InlineData("environment", "answered unauthorized_client: the provider's attribute condition", "doctor trust --for google")]
    [InlineData("provider", "answered invalid_target: the workload identity provider doesn't exist", "google.workloadIdentityProvider")]
    [InlineData("expired", "answered invalid_grant, because the token that was shown has ended", "--shard")]
    [InlineData("signature", "answered invalid_grant.", "docs/google.md")]
    [InlineData("account", "answered PERMISSION_DENIED: the identity may not act as", "roles/iam.workloadIdentityUser")]
    public async Task A_refusal_says_what_differs_and_what_to_do(string wrong, string said, string hint)
    {
        var step = wrong switch
        {
            "issuer" => Step with { Workspace = "another" },
            "repository" => Step with { RepositoryUuid = "99999999-2222-4222-8222-222222222222" },
            "environment" => Step with { EnvironmentUuid = null },
            _ => Step,
        };
        var settings = await WithStepAsync(
            step, wrong == "audience" ? "https://bitbucket.org" : null, TimeSpan.FromHours(wrong == "expired" ? 2 : 0));
        settings = wrong switch
        {
            "provider" => settings with
            {
                WorkloadIdentityProvider = Provider.Replace("Pools/bitbucket", "Pools/another-one", StringComparison.Ordinal),
            },
            "signature" => settings with { StepToken = Tampered(settings.StepToken!) },
            "account" => settings with { ServiceAccount = "another@acme.iam.gserviceaccount.com" },
            _ => settings,
        };

        var failure = await FailureAsync(settings, time: _time);

        failure.Kind.Should().Be(FailureKind.Unauthenticated);
        failure.Message.Should().StartWith("No Google identity: Google's ").And.Contain(said);
        failure.Hint.Should().Contain(hint);
        NothingSecretIn(failure, settings.StepToken!);
    }

    [Fact]
    public async Task A_step_without_a_token_asks_no_one_and_says_what_to_set()
    {
        var failure = await FailureAsync(await WithStepAsync() with { StepToken = null, InPipeline = true });

        failure.Hint.Should().Contain("oidc: true");
        _sandbox.Calls.Snapshot().Should().BeEmpty();
    }

    [Fact]
    public async Task A_token_is_used_until_five_minutes_before_its_end_and_then_asked_for_anew()
    {
        var identity = Open(await WithStepAsync(age: TimeSpan.FromMinutes(-30)), _time);
        var first = await TokenAsync(identity);

        _time.Pass(TimeSpan.FromMinutes(54));
        (await TokenAsync(identity)).Should().Be(first);
        _time.Pass(TimeSpan.FromMinutes(2));
        var second = await TokenAsync(identity);

        second.Should().NotBe(first);
        Exchanges.Should().Be(2);
    }

    [Fact]
    public async Task What_is_left_of_a_token_is_used_up_where_no_new_one_is_given_and_that_is_not_asked_with_every_call()
    {
        // The account's token is given half an hour before the step's own token ends, and lasts an hour.
        var identity = Open(
            await WithStepAsync(age: TimeSpan.FromMinutes(30)) with { ServiceAccount = Account }, _time);
        var first = await TokenAsync(identity);
        _time.Pass(TimeSpan.FromMinutes(56));

        for (var call = 0; call < 10; call++)
            (await TokenAsync(identity)).Should().Be(first);

        Exchanges.Should().Be(2);
        _time.Pass(TimeSpan.FromMinutes(4));
        (await FluentActions.Awaiting(() => TokenAsync(identity)).Should().ThrowAsync<RemoteFailureException>()).Which.Message
            .Should().EndWith("because the token that was shown has ended.");
    }

    [Fact]
    public async Task A_token_that_Google_has_refused_is_not_given_again()
    {
        var identity = Open(await WithStepAsync());
        var first = await TokenAsync(identity);

        var second = await identity.GetAsync(first, Stop);

        second.Should().NotBe(first);
        (await identity.GetAsync(first, Stop)).Should().Be(second);
    }

    [Fact]
    public async Task A_token_that_ends_soon_is_used_for_half_of_its_life()
    {
        var identity = Open(await WithStepAsync(age: TimeSpan.FromMinutes(52)), _time);
        await TokenAsync(identity);

        _time.Pass(TimeSpan.FromMinutes(3));
        await TokenAsync(identity);
        Exchanges.Should().Be(1);
        _time.Pass(TimeSpan.FromMinutes(2));
        await TokenAsync(identity);
        Exchanges.Should().Be(2);
    }

    [Fact]
    public async Task What_may_pass_is_tried_again_and_what_does_not_is_told()
    {
        _sandbox.Faults.Add([FaultSpec.Parse("google-sts.token#1=503"), FaultSpec.Parse("google-sts.token#2=429")]);
        (await PrincipalAsync(await WithStepAsync())).Should().StartWith("principal://");

        _sandbox.Faults.Add([FaultSpec.Parse("google-sts.token#1..=503")]);
        var failure = await FailureAsync(await WithStepAsync());
        (failure.Kind, failure.Effect, failure.Failure.Service).Should().Be((FailureKind.Unavailable, Effect.Rejected, "google-sts"));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("json-file")]
    [InlineData("url")]
    public async Task An_external_account_reads_its_token_anew_and_exchanges_it(string source)
    {
        var token = await MintAsync();
        var place = PathOf("token");
        await File.WriteAllTextAsync(place, source == "file" ? token + "\n" : $$"""{ "id_token": "{{token}}" }""", Stop);
        var minted = new Uri(
            _sandbox.EndpointOf("oidc"),
            $"_sandbox/step-token?workspace=acme&workspaceUuid={Step.WorkspaceUuid}&repositoryUuid={Repository}"
                + $"&environmentUuid={Environment}");
        var settings = WithFile(new JsonObject
        {
            ["type"] = "external_account",
            ["audience"] = $"//iam.googleapis.com/{Provider}",
            ["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt",
            ["token_url"] = "https://attacker.example/v1/token",
            ["credential_source"] = source switch
            {
                "file" => new JsonObject { ["file"] = place },
                "json-file" => new JsonObject
                {
                    ["file"] = place,
                    ["format"] = new JsonObject { ["type"] = "json", ["subject_token_field_name"] = "id_token" },
                },
                _ => new JsonObject
                {
                    ["url"] = minted.AbsoluteUri,
                    ["headers"] = new JsonObject { ["X-Wanted"] = "yes" },
                    ["format"] = new JsonObject { ["type"] = "json", ["subject_token_field_name"] = "token" },
                },
            },
            ["service_account_impersonation_url"] =
                $"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{Account}:generateAccessToken",
        });

        (await PrincipalAsync(settings, source == "url" ? new PostInstead() : null)).Should().Be($"serviceAccount:{Account}");
    }

    [Fact]
    public async Task A_service_account_s_key_signs_an_assertion() =>
        (await PrincipalAsync(WithFile(KeyFile()), time: _time)).Should().Be($"serviceAccount:{Account}");

    [Fact]
    public async Task A_person_s_login_with_gcloud_counts_calls_for_the_project_that_it_names()
    {
        var identity = Open(WithFile(Login()));

        var token = await identity.GetAsync(refused: null, Stop);

        identity.QuotaProject.Should().Be("acme-quota");
        (await PrincipalOfAsync(token)).Should().Be("user:ada@acme.example");
    }

    [Fact]
    public async Task An_impersonated_service_account_starts_from_another_credential()
    {
        var settings = WithFile(new JsonObject
        {
            ["type"] = "impersonated_service_account",
            ["service_account_impersonation_url"] =
                $"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{Account}:generateAccessToken",
            ["source_credentials"] = Login(),
        });

        (await PrincipalAsync(settings)).Should().Be($"serviceAccount:{Account}");
    }

    [Fact]
    public async Task A_machine_of_Google_s_has_the_identity_of_its_account() =>
        (await PrincipalAsync(Settings() with { MetadataServer = _sandbox.EndpointOf("google-metadata") })).Should()
            .Be("serviceAccount:123456789012-compute@developer.gserviceaccount.com");

    [Fact]
    public async Task Without_anything_that_is_said_with_what_to_do()
    {
        (await FailureAsync(Settings())).Hint.Should().Contain("gcloud auth application-default login");
        (await FailureAsync(Settings() with { InPipeline = true })).Hint.Should().Contain("google.workloadIdentityProvider");
        (await FailureAsync(Settings() with { MetadataServer = new Uri("http://127.0.0.1:1/") })).Message.Should()
            .Contain("this is no machine of Google's");
        _skipping.Waits.Should().BeEmpty();
    }

    [Theory]
    [InlineData(External + """ "executable": { "command": "touch x" } } }""", "no program is started for it")]
    [InlineData(External + """ "environment_id": "aws1" } }""", "must be a file or an address")]
    [InlineData("""{ "type": "service_account", "universe_domain": "another.example" }""", "googleapis.com")]
    [InlineData("""{ "type": "gdch_service_account" }""", "Known are external_account")]
    [InlineData("""{ "type": "authorized_user", "client_id": "x" }""", "Make it anew")]
    [InlineData("""{ "type": 1 }""", "Make it anew")]
    [InlineData("{ \"type\": \"authorized_user\", \"client_id\": \"x\", \"client_secret\": \"\\ud800\" }", "Make it anew")]
    [InlineData("not JSON", "Make it anew")]
    public async Task A_file_that_can_not_be_used_is_named(string content, string hint)
    {
        File.WriteAllText(PathOf("adc.json"), content);

        var failure = await FailureAsync(Settings() with { CredentialsPath = PathOf("adc.json") });

        failure.Message.Should().Contain(PathOf("adc.json"));
        failure.Hint.Should().Contain(hint);
        _sandbox.Calls.Snapshot().Should().BeEmpty();
    }

    [Fact]
    public async Task A_file_that_is_named_and_missing_is_told_although_there_is_a_machine_s_identity() =>
        (await FailureAsync(Settings() with
        {
            CredentialsPath = PathOf("nowhere.json"),
            MetadataServer = _sandbox.EndpointOf("google-metadata"),
        })).Message.Should().Contain("nowhere.json can't be read");

    [Fact]
    public async Task A_key_is_in_no_message_where_it_is_refused_or_broken()
    {
        var file = KeyFile();
        file["private_key_id"] = "deleted";
        var refused = await FailureAsync(WithFile(file), time: _time);
        refused.Message.Should().Contain("isn't known any more");
        NothingIn(refused, ((string)file["private_key"]!).Split('\n')[1]);

        file["private_key"] = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0IG1hdGVyaWFs\n-----END PRIVATE KEY-----\n";
        var broken = await FailureAsync(WithFile(file));
        broken.Message.Should().Contain("private_key");
        NothingIn(broken, "c2VjcmV0IG1hdGVyaWFs");
        broken.InnerException.Should().BeNull();
    }

    [Fact]
    public async Task A_login_that_has_ended_is_told_without_its_token()
    {
        var login = Login();
        login["refresh_token"] = "1//revoked-refresh-token";

        var failure = await FailureAsync(WithFile(login));

        failure.Message.Should().EndWith("because the login has ended.");
        failure.Hint.Should().Contain("gcloud auth application-default login");
        NothingIn(failure, "1//revoked-refresh-token", GoogleOAuthEmulator.ClientSecret);
    }

    [Theory]
    [InlineData("""{ "access_token": "with a\r\nline break", "expires_in": 3600 }""")]
    [InlineData("""{ "access_token": "", "expires_in": 3600 }""")]
    [InlineData("""{ "access_token": "stolen-token" }""")]
    [InlineData("""{ "access_token": "stolen-token", "expires_in": -1 }""")]
    [InlineData("""{ "access_token": "stolen-token", "expires_in": 99999999999 }""")]
    [InlineData("""{ "access_token": { "a": 1 }, "expires_in": "" }""")]
    [InlineData("<html>Sign in</html>")]
    [InlineData("")]
    public async Task An_answer_that_is_no_token_is_not_used_and_not_repeated(string body)
    {
        var failure = await FailureAsync(await WithStepAsync(), new Answering(HttpStatusCode.OK, body));

        failure.Kind.Should().Be(FailureKind.Garbled);
        NothingIn(failure, "stolen-token", "line break", "Sign in");
    }

    [Theory]
    [InlineData(400, """{ "error": "quoted-secret 1", "error_description": "quoted-secret" }""")]
    [InlineData(
        403, """{ "error": { "status": "\ud800", "message": "quoted-secret", "details": [ 1, { "reason": "quoted-secret" } ] } }""")]
    [InlineData(302, "quoted-secret")]
    public async Task A_refusal_is_never_quoted(int status, string body) =>
        NothingIn(await FailureAsync(await WithStepAsync(), new Answering((HttpStatusCode)status, body)), "quoted-secret");

    [Fact]
    public async Task What_answers_in_the_place_of_a_metadata_server_is_not_believed()
    {
        var failure = await FailureAsync(
            Settings() with { MetadataServer = new Uri("http://metadata.example/") },
            new Answering(HttpStatusCode.OK, """{ "access_token": "stolen-token", "expires_in": 3600 }"""));

        failure.Message.Should().Contain("no machine of Google's");
    }

    [Fact]
    public async Task An_API_that_is_switched_off_is_told()
    {
        const string body =
            """{ "error": { "code": 403, "status": "PERMISSION_DENIED", "details": [ { "reason": "SERVICE_DISABLED" } ] } }""";

        var failure = await FailureAsync(await WithStepAsync(), new Answering(HttpStatusCode.Forbidden, body));

        failure.Hint.Should().Contain("gcloud services enable sts.googleapis.com iamcredentials.googleapis.com");
    }

    [Fact]
    public void A_file_that_others_can_read_is_noticed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var path = PathOf("adc.json");
        File.WriteAllText(path, "{}");

#pragma warning disable CA1416 // Skipped there.
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        GoogleCredentialsFile.IsOpenToOthers(path).Should().BeFalse();
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        GoogleCredentialsFile.IsOpenToOthers(path).Should().BeTrue();
#pragma warning restore CA1416
    }

    [Fact]
    public async Task Settings_say_nothing_of_the_token() =>
        NothingSecretIn((await WithStepAsync()).ToString(), (await WithStepAsync()).StepToken!);

    private int Exchanges => _sandbox.Calls.Snapshot().Count(call => call.Service == "google-sts");

    private string PathOf(string name) => Path.Combine(_folder, name);

    private GoogleSettings Settings() => new()
    {
        StsEndpoint = _sandbox.EndpointOf("google-sts"),
        IamCredentialsEndpoint = _sandbox.EndpointOf("google-iam-credentials"),
        OAuthEndpoint = new Uri(_sandbox.EndpointOf("google-oauth"), "token"),
    };

    private async Task<GoogleSettings> WithStepAsync(StepToken? step = null, string? audience = null, TimeSpan age = default) =>
        Settings() with
        {
            WorkloadIdentityProvider = Provider,
            StepToken = SecretValue.FromText(await MintAsync(step, audience, age)),
        };

    private GoogleSettings WithFile(JsonObject file)
    {
        File.WriteAllText(PathOf("adc.json"), file.ToJsonString());
        return Settings() with { CredentialsPath = PathOf("adc.json") };
    }

    private static JsonObject KeyFile() => new()
    {
        ["type"] = "service_account",
        ["client_email"] = Account,
        ["private_key_id"] = "key-1",
        ["private_key"] = Key.Value.ExportPkcs8PrivateKeyPem(),
        ["token_uri"] = "https://attacker.example/token",
    };

    private static JsonObject Login() => new()
    {
        ["type"] = "authorized_user",
        ["client_id"] = GoogleOAuthEmulator.ClientId,
        ["client_secret"] = GoogleOAuthEmulator.ClientSecret,
        ["refresh_token"] = "1//sandbox/refresh+token",
        ["quota_project_id"] = "acme-quota",
    };

    private Task<string> MintAsync(StepToken? step = null, string? audience = null, TimeSpan age = default) =>
        _sandbox.Store.UseAsync(state => ((step ?? Step).Mint(state, _time.GetUtcNow() - age, audience), true), Stop);

    private GoogleIdentity Open(GoogleSettings settings, TimeProvider? time = null, HttpMessageHandler? handler = null) =>
        _identity = new GoogleIdentity(settings, () => handler ?? new SocketsHttpHandler(), new SystemRandom(), time ?? _skipping);

    private static Task<string> TokenAsync(GoogleIdentity identity) => identity.GetAsync(refused: null, Stop);

    private async Task<string> PrincipalAsync(GoogleSettings settings, HttpMessageHandler? handler = null, TimeProvider? time = null)
    {
        using var identity = Open(settings, time, handler);
        return await PrincipalOfAsync(await TokenAsync(identity));
    }

    private Task<string> PrincipalOfAsync(string token) =>
        _sandbox.Store.ReadAsync(state => state.GoogleIdentity.Tokens[token].Principal, Stop);

    private async Task<RemoteFailureException> FailureAsync(
        GoogleSettings settings, HttpMessageHandler? handler = null, TimeProvider? time = null)
    {
        using var identity = Open(settings, time, handler);
        return (await FluentActions.Awaiting(() => TokenAsync(identity)).Should().ThrowAsync<RemoteFailureException>()).Which;
    }

    private static SecretValue Tampered(SecretValue token)
    {
        var text = Text(token);
        return SecretValue.FromText(text[..^8] + (text.EndsWith("AAAAAAAA", StringComparison.Ordinal) ? "BBBBBBBB" : "AAAAAAAA"));
    }

    private static void NothingSecretIn(object told, SecretValue token) => NothingIn(told, Text(token).Split('.'));

    private static void NothingIn(object told, params string[] secrets) =>
        string.Concat(
            ExceptionChain.Of(told as Exception).Select(each => each.ToString()).Append(told.ToString())
                .Append((told as RemoteFailureException)?.Hint))
            .Should().NotContainAny(secrets);

    private static string Text(SecretValue token)
    {
#pragma warning disable RS0030 // A worthless token.
        return token.RevealText();
#pragma warning restore RS0030
    }

    /// <summary>The sandbox mints for a POST only.</summary>
    private sealed class PostInstead() : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Headers.Contains("X-Wanted"))
                request.Method = HttpMethod.Post;
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Answering(HttpStatusCode status, string body) : HttpMessageHandler
    {
        private int _calls;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(Interlocked.Increment(ref _calls) > 1
                ? throw new InvalidOperationException("It was asked again.")
                : new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") });
    }
}
