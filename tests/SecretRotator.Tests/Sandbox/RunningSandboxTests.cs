using System.Net;
using System.Net.Http.Headers;
using NodaTime.Testing;
using SecretRotator.Providers;
using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Settings;

namespace SecretRotator.Tests.Sandbox;

public sealed class RunningSandboxTests : IDisposable
{
    // A Friday; the inventory's windows are open from Monday to Wednesday.
    private static readonly Instant Friday = Instant.FromUtc(2026, 11, 27, 12, 0);
    private static readonly Instant MondayAtTwo = new LocalDateTime(2026, 11, 30, 2, 0).InZoneStrictly(SandboxInventory.Berlin).ToInstant();

    private readonly string _path = Directory.CreateTempSubdirectory("sandbox-").FullName;
    private readonly FakeClock _clock = new(Friday);

    private static RotationInventory Inventory => SandboxInventory.Of(
        [.. SandboxInventory.Everything.Secrets.Select(secret => secret with { Window = SandboxInventory.Window("mon,tue,wed", 2, 4) })]);

    [Fact]
    public async Task Its_clock_is_set_to_a_time_at_which_windows_are_open()
    {
        await using var sandbox = await StartAsync(Options);

        sandbox.Clock.GetCurrentInstant().Should().Be(MondayAtTwo);
    }

    [Fact]
    public async Task Its_clock_goes_on_with_the_machine_s()
    {
        await using var sandbox = await StartAsync(Options);

        _clock.AdvanceMinutes(7);

        sandbox.Clock.GetCurrentInstant().Should().Be(MondayAtTwo + Duration.FromMinutes(7));
    }

    [Fact]
    public async Task A_later_start_finds_the_clock_as_it_was()
    {
        await using (await StartAsync(Options))
            _clock.AdvanceMinutes(90);

        await using var later = await StartAsync(Options);

        later.Clock.GetCurrentInstant().Should().Be(MondayAtTwo + Duration.FromMinutes(90));
    }

    [Fact]
    public async Task A_start_after_the_windows_closed_moves_on_to_the_next_ones()
    {
        await using (await StartAsync(Options))
            _clock.AdvanceHours(3);

        await using var later = await StartAsync(Options);

        later.Clock.GetCurrentInstant().Should().Be(MondayAtTwo + Duration.FromDays(1));
    }

    [Fact]
    public async Task In_real_time_its_clock_is_the_machine_s()
    {
        await using var sandbox = await StartAsync(Options with { RealTime = true });

        sandbox.Clock.GetCurrentInstant().Should().Be(Friday);
    }

    [Fact]
    public async Task Real_time_over_a_state_with_another_clock_is_pointed_out()
    {
        var notes = new List<string>();
        await using (await StartAsync(Options))
            _clock.AdvanceMinutes(1);

        await using var sandbox = await StartAsync(Options with { RealTime = true, Note = notes.Add });

        notes.Should().ContainSingle().Which.Should().Contain("--reset");
    }

    [Fact]
    public async Task A_wanted_time_is_kept_for_later_starts()
    {
        var wanted = Instant.FromUtc(2027, 6, 1, 3, 0);
        await using (await StartAsync(Options with { Now = wanted }))
            _clock.AdvanceMinutes(1);

        await using var later = await StartAsync(Options with { RealTime = true });

        later.Clock.GetCurrentInstant().Should().Be(wanted + Duration.FromMinutes(1));
    }

    [Fact]
    public async Task Its_settings_name_every_endpoint_on_loopback()
    {
        await using var sandbox = await StartAsync(Options);

        sandbox.Settings.Where(setting => setting.Key.Contains("ENDPOINTS", StringComparison.Ordinal)).Should()
            .HaveCountGreaterThanOrEqualTo(5).And.OnlyContain(setting => new Uri(setting.Value).Host == "127.0.0.1");
    }

    [Fact]
    public async Task Its_settings_name_the_file_of_its_authority()
    {
        await using var sandbox = await StartAsync(Options);

        (await File.ReadAllTextAsync(sandbox.Settings["SECRET_ROTATOR__TLS__CABUNDLE"], Cancellation)).Should().Be(sandbox.CaCertificate);
    }

    [Fact]
    public async Task The_control_listener_tells_the_same_settings()
    {
        await using var sandbox = await StartAsync(Options);

        var told = (await ControlAsync(sandbox, "settings"))
            .GetProperty("settings")
            .EnumerateObject()
            .ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal);

        told.Should().BeEquivalentTo(
                sandbox.Settings.ToDictionary(
                    s => s.Key, s => s.Key == "BITBUCKET_STEP_OIDC_TOKEN" ? told[s.Key] : s.Value, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Its_credentials_open_bitbucket()
    {
        await using var sandbox = await StartAsync(Options);
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", sandbox.Settings["BITBUCKET_ACCESS_TOKEN"]);

        using var answer = await client.GetAsync(
            new Uri(sandbox.Settings["SECRET_ROTATOR__ENDPOINTS__BITBUCKET"] + "/workspaces/acme/pipelines-config/variables"),
            Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Its_step_token_takes_on_every_role_of_the_inventory()
    {
        await using var sandbox = await StartAsync(Options);
        using var client = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Action"] = "AssumeRoleWithWebIdentity",
            ["Version"] = "2011-06-15",
            ["RoleArn"] = ((AwsVaultDefinition)Inventory.Vaults["prod"]).Role!,
            ["RoleSessionName"] = "test",
            ["WebIdentityToken"] = sandbox.Settings["BITBUCKET_STEP_OIDC_TOKEN"],
        });

        using var answer = await client.PostAsync(new Uri(sandbox.Settings["SECRET_ROTATOR__ENDPOINTS__STS"]), form, Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Where_every_vault_has_a_role_its_settings_hold_no_key_but_the_step_s_token()
    {
        await using var sandbox = await RunningSandbox.StartAsync(
            Inventory with { Credential = new("prod", "ci/bitbucket", "token") }, Options, Cancellation);

        sandbox.Settings.Keys.Should().Contain("BITBUCKET_STEP_OIDC_TOKEN").And.NotContain(
            ["BITBUCKET_ACCESS_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "SECRET_ROTATOR__AZURE__CLIENTSECRET"]);
    }

    [Theory]
    [InlineData("prod", "ci/bitbucket", "token")]
    [InlineData("prod", "ci/bitbucket", null)]
    [InlineData("azure", "ci-bitbucket", "token")]
    [InlineData("azure", "ci-bitbucket", null)]
    [InlineData("prod", "prod/payments-db", "token")]
    public async Task A_vault_keeps_the_bitbucket_token_where_the_inventory_says(string vault, string path, string? field)
    {
        await using var sandbox = await RunningSandbox.StartAsync(
            Inventory with { Credential = new(vault, path, field) }, Options, Cancellation);

        var content = await sandbox.Host.Store.ReadAsync(
            state => vault == "azure"
                ? state.KeyVaults["azure"].Secrets[path].Versions[^1].Value
                : state.SecretsManager.Secrets.Values.Single(s => s.Name == path).Versions[^1].SecretString!,
            Cancellation);

        (field is null ? content : JsonDocument.Parse(content).RootElement.GetProperty(field).GetString()).Should()
            .Be(BitbucketAuthentication.AccessToken);
        if (path == "prod/payments-db")
            JsonDocument.Parse(content).RootElement.GetProperty("password").GetString().Should().NotBeEmpty();
    }

    [Fact]
    public async Task Its_client_secret_opens_entra_over_tls()
    {
        var inventory = Inventory with
        {
            Vaults = Inventory.Vaults.SetItem("prod", new AwsVaultDefinition("prod", "eu-west-1", Role: null)),
        };
        await using var sandbox = await RunningSandbox.StartAsync(
            inventory, Options with { RealClock = SystemClock.Instance }, Cancellation);
        using var client = Trust.Client(sandbox.CaCertificate);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = sandbox.Settings["SECRET_ROTATOR__AZURE__CLIENTID"],
            ["client_secret"] = sandbox.Settings["SECRET_ROTATOR__AZURE__CLIENTSECRET"],
            ["scope"] = "https://vault.azure.net/.default",
        });
        var tenant = sandbox.Settings["SECRET_ROTATOR__AZURE__TENANTID"];

        using var answer = await client.PostAsync(
            new Uri(new Uri(sandbox.Settings["SECRET_ROTATOR__ENDPOINTS__ENTRA"]), tenant + "/oauth2/v2.0/token"), form, Cancellation);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Each_reading_of_the_settings_has_a_token_of_its_own()
    {
        await using var sandbox = await StartAsync(Options);

        var told = (await ControlAsync(sandbox, "settings")).GetProperty("settings").GetProperty("BITBUCKET_STEP_OIDC_TOKEN").GetString();

        told.Should().NotBe(sandbox.Settings["BITBUCKET_STEP_OIDC_TOKEN"]);
    }

    [Fact]
    public async Task The_state_shows_each_secret_s_versions_and_each_variable_s_value()
    {
        await using var sandbox = await StartAsync(Options);

        var state = await ControlAsync(sandbox, "state");

        var webhook = state.GetProperty("aws").EnumerateArray().Single(secret => secret.GetProperty("name").GetString() == "prod/webhook");
        var variable = state.GetProperty("variables").EnumerateArray().Single(v => v.GetProperty("key").GetString() == "WEBHOOK");
        var version = webhook.GetProperty("versions").EnumerateArray().Single();
        version.GetProperty("stages").EnumerateArray().Single().GetString().Should().Be("AWSCURRENT");
        variable.GetProperty("value").GetString().Should().Be(version.GetProperty("value").GetString());
        (variable.GetProperty("repository").GetString(), variable.GetProperty("secured").GetBoolean()).Should().Be(("payments-api", true));
    }

    [Fact]
    public async Task The_state_shows_a_key_vault_s_tags_and_newest_version()
    {
        await using var sandbox = await StartAsync(Options);

        var secret = (await ControlAsync(sandbox, "state"))
            .GetProperty("azure")
            .EnumerateArray()
            .Single(s => s.GetProperty("name").GetString() == "grid-api");

        var version = secret.GetProperty("versions").EnumerateArray().Single();
        secret.GetProperty("current").GetString().Should().Be(version.GetProperty("id").GetString());
        version.GetProperty("tags")
            .GetProperty("secret-rotator-delivered")
            .GetString()
            .Should().StartWith("v=" + version.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_bucket_for_evidence_is_there_and_its_settings_lead_to_it()
    {
        await using var sandbox = await StartAsync(Options with { RealClock = SystemClock.Instance });
        var settings = SettingsReader.ReadEnvironment(sandbox.Settings, VaultProviders.All);
        var aws = new AwsSettings { SessionName = "tests", StepToken = settings.StepToken, StsEndpoint = settings.S3Identity.StsEndpoint };
        using var connection = S3Connection.Open(
            S3Location.Parse("s3://acme-evidence/rotator"), settings.S3, aws, settings.Endpoints.S3, () => new SocketsHttpHandler(),
            sandbox.Clock, new SystemRandom(), TimeProvider.System);
        using var content = new MemoryStream("evidence"u8.ToArray());

        await connection.Archive.StoreAsync("run.jsonl", content, Cancellation);

        var stored = (await ControlAsync(sandbox, "state")).GetProperty("s3").EnumerateArray().Single();
        stored.GetProperty("key").GetString().Should().Be("rotator/run.jsonl");
        stored.GetProperty("content").GetBytesFromBase64().Should().Equal("evidence"u8.ToArray());
        stored.GetProperty("lockMode").GetString().Should().Be("GOVERNANCE");
    }

    [Fact]
    public async Task In_memory_it_keeps_no_file()
    {
        await using var sandbox = await StartAsync(Options with { StateFolder = null });

        Directory.GetFileSystemEntries(_path).Should().BeEmpty();
        sandbox.Settings.Should().NotContainKey("SECRET_ROTATOR__TLS__CABUNDLE");
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SandboxOptions Options => new() { StateFolder = Path.Combine(_path, "state"), RealClock = _clock };

    private static Task<RunningSandbox> StartAsync(SandboxOptions options) => RunningSandbox.StartAsync(Inventory, options, Cancellation);

    private static async Task<JsonElement> ControlAsync(RunningSandbox sandbox, string page)
    {
        using var client = new HttpClient();
        using var document = JsonDocument.Parse(await client.GetStringAsync(new Uri(sandbox.Control, "_sandbox/" + page), Cancellation));
        return document.RootElement.Clone();
    }
}
