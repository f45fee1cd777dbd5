using SecretRotator.Providers;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Azure;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Settings;
using SecretRotator.Tests.Inventory;
using Serilog.Events;

namespace SecretRotator.Tests.Settings;

public sealed class SettingsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rotator-");
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _commandLine = new(StringComparer.OrdinalIgnoreCase);

    [Fact]
    public void Programs_are_started_for_credentials_only_where_the_settings_name_them()
    {
        (Azure.UseCli, Aws.UseCredentialProcess).Should().Be((false, false));
        _environment["SECRET_ROTATOR__AZURE__USECLI"] = "true";
        _environment["SECRET_ROTATOR__AWS__USECREDENTIALPROCESS"] = "true";
        (Azure.UseCli, Aws.UseCredentialProcess).Should().Be((true, true));
    }

    [Fact]
    public void Each_is_in_one_page()
    {
        var rows = Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "docs"), "*.md").SelectMany(File.ReadAllLines)
            .Where(line => line.StartsWith('|')).Select(line => line.Split('|')[2]).ToList();

        foreach (var key in SettingsReader.AllKeys(VaultProviders.All))
        {
            var variable = $"SECRET_ROTATOR__{key.Name.Replace(":", "__", StringComparison.Ordinal).ToUpperInvariant()}";
            rows.Count(cell => cell.Contains($"`{variable}{(key.Name.EndsWith(':') ? "NAME" : "")}`", StringComparison.Ordinal)).Should()
                .Be(1, variable);
        }
    }

    [Fact]
    public void Without_any_source_the_defaults_hold()
    {
        var settings = Read();

        settings.Should().BeEquivalentTo(new
        {
            Inventory = "rotation.yaml",
            Output = OutputFormat.Text,
            LogFormat = LogFormat.Text,
            LogLevel = (LogEventLevel?)null,
            NoColour = false,
            Parallelism = 8,
            Evidence = Array.Empty<string>(),
            CaBundle = (string?)null,
            Bitbucket = (BitbucketCredential?)null,
            Pipeline = (PipelineFacts?)null,
            StepToken = (SecretValue?)null,
        });
        settings.Endpoints.Bitbucket.Should().BeNull();
    }

    [Fact]
    public void Each_source_is_stronger_than_the_one_before()
    {
        Read().Parallelism.Should().Be(8);
        WriteFile("""{ "parallelism": 2 }""");
        Read().Parallelism.Should().Be(2);
        _environment["SECRET_ROTATOR__PARALLELISM"] = "3";
        Read().Parallelism.Should().Be(3);
        _commandLine["parallelism"] = "4";
        Read().Parallelism.Should().Be(4);
    }

    [Fact]
    public void In_CI_the_log_is_JSON_unless_someone_says_otherwise()
    {
        _environment["CI"] = "true";
        Read().LogFormat.Should().Be(LogFormat.Json);
        WriteFile("""{ "logFormat": "text" }""");
        Read().LogFormat.Should().Be(LogFormat.Text);
    }

    [Fact]
    public void Servers_are_reached_elsewhere_where_the_settings_say_so()
    {
        var (db, cache) = (new ServerAddress("db.internal", 5432), new ServerAddress("cache", 6379));
        Read().Providers.Routes.Of(db).Should().Be(db);

        _environment["SECRET_ROTATOR__CONNECTTO"] = "db.internal:5432=127.0.0.1:41234, cache:6379=[::1]:1";

        var routes = Read().Providers.Routes;
        routes.Of(db).Should().Be(new ServerAddress("127.0.0.1", 41234));
        routes.Of(cache).Should().Be(new ServerAddress("::1", 1));
        routes.Of(db with { Port = 5433 }).Should().Be(db with { Port = 5433 });
    }

    [Theory]
    [InlineData("db.internal=127.0.0.1:1")]
    [InlineData("db.internal:5432")]
    [InlineData("db:1=localhost")]
    [InlineData("db:1=a:2,db:1=b:2")]
    [InlineData("db:1=a:2=b:3")]
    public void A_list_of_ways_that_can_not_be_read_is_a_problem(string text)
    {
        _environment["SECRET_ROTATOR__CONNECTTO"] = text;

        Problems().Should().ContainSingle().Which.Message.Should().StartWith("The setting SECRET_ROTATOR__CONNECTTO is no list");
    }

    [Fact]
    public void NO_COLOR_refuses_colour()
    {
        _environment["NO_COLOR"] = "1";

        Read().NoColour.Should().BeTrue();
    }

    [Fact]
    public void All_mistakes_are_told_at_once_with_source_and_key()
    {
        WriteFile("""{ "paralelism": 2, "endpoints": { "bitbucket": "http://example.com" }, "azure": { "clientSecret": "hunter2" } }""");
        _environment["SECRET_ROTATOR__OUTPUT"] = "yaml";
        _environment["SECRET_ROTATOR__EVIDENC"] = "x";
        _commandLine["parallelism"] = "65";

        var problems = Problems();

        problems.Select(problem => (problem.File, problem.Message)).Should().BeEquivalentTo(
        [
            ("secret-rotator.json", "There is no setting paralelism."),
            ("secret-rotator.json", "There is no setting azure:clientSecret."),
            ("secret-rotator.json", "The setting endpoints:bitbucket is no address that a secret may be sent to."),
            ("the environment", "There is no setting SECRET_ROTATOR__EVIDENC."),
            ("the environment", "The setting SECRET_ROTATOR__OUTPUT is none of the words that it can be."),
            ("the command line", "The setting --parallelism is not a number in its range."),
        ]);
        problems.Should().OnlyContain(problem => problem.Hint != null && !problem.Hint.Contains("hunter2", StringComparison.Ordinal));
        problems.Single(problem => problem.Message.Contains("paralelism", StringComparison.Ordinal)).Hint.Should()
            .Be("Did you mean parallelism?");
    }

    [Theory]
    [InlineData("https://example.com/2.0", true)]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://[::1]:8080", true)]
    [InlineData("http://localhost:8080/", true)]
    [InlineData("http://example.com", false)]
    [InlineData("http://loopback.example.com", false)]
    [InlineData("http://127.0.0.1.example.com", false)]
    [InlineData("ftp://127.0.0.1", false)]
    [InlineData("https://user:password@example.com", false)]
    [InlineData("https://example.com/?a=b", false)]
    [InlineData("https://example.com/#a", false)]
    [InlineData("example.com", false)]
    public void A_secret_goes_over_https_anywhere_and_over_http_on_loopback_only(string address, bool allowed)
    {
        _environment["SECRET_ROTATOR__ENDPOINTS__AWS"] = address;

        if (allowed)
            Aws.SecretsManagerEndpoint.Should().Be(new Uri(address));
        else
            Problems().Single().Message.Should().Contain("is no address that a secret may be sent to");
    }

    [Fact]
    public void A_key_vault_s_address_is_https_even_on_loopback_and_its_name_ignores_case()
    {
        _environment["SECRET_ROTATOR__ENDPOINTS__AZURE__PROD"] = "https://127.0.0.1:8443/";
        Azure.Endpoints["prod"].Should().Be(new Uri("https://127.0.0.1:8443/"));
        _environment["SECRET_ROTATOR__ENDPOINTS__AZURE__PROD"] = "http://127.0.0.1:8443/";
        Problems().Should().ContainSingle();
    }

    [Fact]
    public void Where_evidence_is_kept_in_S3_is_left_to_the_bucket_unless_someone_says_otherwise()
    {
        Read().S3.Should().Be(new S3Access(null, null, S3Rules.OfTheBucket));
        WriteFile(
            """{ "s3": { "region": "eu-west-1", "role": "arn:aws:iam::123456789012:role/evidence", "kmsKeyId": "alias/evidence", "retainDays": 400, "lockMode": "compliance" } }""");
        Read().S3.Should().Be(new S3Access(
                "eu-west-1", "arn:aws:iam::123456789012:role/evidence", new S3Rules("alias/evidence", 400, LockMode.Compliance)));
    }

    [Fact]
    public void The_bucket_s_region_is_otherwise_that_of_every_AWS_tool()
    {
        _environment["AWS_DEFAULT_REGION"] = "us-west-2";
        Read().S3.Region.Should().Be("us-west-2");
        _environment["AWS_REGION"] = "us-east-1";
        Read().S3.Region.Should().Be("us-east-1");
        _environment["SECRET_ROTATOR__S3__REGION"] = "eu-west-1";
        Read().S3.Region.Should().Be("eu-west-1");
    }

    [Theory]
    [InlineData("SECRET_ROTATOR__S3__RETAINDAYS", "0")]
    [InlineData("SECRET_ROTATOR__S3__RETAINDAYS", "36501")]
    [InlineData("SECRET_ROTATOR__S3__RETAINDAYS", "a year")]
    [InlineData("SECRET_ROTATOR__S3__LOCKMODE", "compliance")]
    [InlineData("SECRET_ROTATOR__S3__LOCKMODE", "firm")]
    [InlineData("SECRET_ROTATOR__ENDPOINTS__S3", "http://example.com")]
    public void A_wrong_setting_for_S3_is_told(string name, string value)
    {
        _environment[name] = value;

        Problems().Should().ContainSingle().Which.Hint.Should().NotBeNull();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"output\":\"text\",\"OUTPUT\":\"json\"}")]
    [InlineData("hunter2")]
    public void A_settings_file_that_is_no_object_is_named_and_not_quoted(string content)
    {
        WriteFile(content);

        var problem = Problems().Single();

        problem.File.Should().Be("secret-rotator.json");
        (problem.Message + problem.Hint).Should().NotContain("hunter2");
    }

    [Fact]
    public void A_huge_settings_file_is_refused_before_it_is_read()
    {
        WriteFile(new string(' ', (1 << 20) + 1) + "{}");

        Problems().Single().Message.Should().Contain("larger than 1 MiB");
    }

    [Fact]
    public void An_access_token_comes_first_then_an_API_token_then_an_OAuth_consumer()
    {
        _environment["BITBUCKET_OAUTH_CLIENT_ID"] = "id";
        _environment["BITBUCKET_OAUTH_CLIENT_SECRET"] = "s";
        Read().Bitbucket.Should().BeOfType<BitbucketCredential.OAuthClient>().Which.ClientId.Should().Be("id");
        _environment["BITBUCKET_EMAIL"] = "jo@acme.example";
        _environment["BITBUCKET_API_TOKEN"] = "t";
        Read().Bitbucket.Should().BeOfType<BitbucketCredential.ApiToken>().Which.Email.Should().Be("jo@acme.example");
        _environment["BITBUCKET_ACCESS_TOKEN"] = "a";
        Read().Bitbucket.Should().BeOfType<BitbucketCredential.AccessToken>();
    }

    [Theory]
    [InlineData("BITBUCKET_API_TOKEN", "BITBUCKET_EMAIL")]
    [InlineData("BITBUCKET_OAUTH_CLIENT_SECRET", "BITBUCKET_OAUTH_CLIENT_ID")]
    public void Half_a_credential_is_a_mistake_that_names_the_other_half(string set, string missing)
    {
        _environment[set] = "hunter2";

        var problem = Problems().Single();

        problem.Message.Should().Contain(set).And.Contain(missing);
        (problem.Message + problem.Hint).Should().NotContain("hunter2");
    }

    [Fact]
    public void The_pipeline_is_known_by_its_uuid_without_braces()
    {
        _environment["BITBUCKET_WORKSPACE"] = "acme";
        _environment["BITBUCKET_REPO_SLUG"] = "secret-rotator";
        _environment["BITBUCKET_PIPELINE_UUID"] = "{0A1B2C3D-0000-4000-8000-000000000017}";
        _environment["BITBUCKET_BUILD_NUMBER"] = "17";

        Read().Pipeline.Should().Be(new PipelineFacts("acme", "secret-rotator", "0a1b2c3d-0000-4000-8000-000000000017", 17));
    }

    [Theory]
    [InlineData("{0A1B2C3D-0000-4000-8000-0000000000AA}", "2", true)]
    [InlineData("{0A1B2C3D-0000-4000-8000-0000000000AA}", null, false)]
    [InlineData("{0A1B2C3D-0000-4000-8000-0000000000AA}", "0", false)]
    [InlineData(null, "2", false)]
    public void The_step_is_known_where_its_uuid_and_its_run_are(string? uuid, string? run, bool isKnown)
    {
        (_environment["BITBUCKET_WORKSPACE"], _environment["BITBUCKET_REPO_SLUG"], _environment["BITBUCKET_BUILD_NUMBER"]) =
            ("acme", "secret-rotator", "17");
        _environment["BITBUCKET_PIPELINE_UUID"] = "{0A1B2C3D-0000-4000-8000-000000000017}";
        if (uuid is not null)
            _environment["BITBUCKET_STEP_UUID"] = uuid;
        if (run is not null)
            _environment["BITBUCKET_STEP_RUN_NUMBER"] = run;

        Read().Pipeline!.Step.Should().Be(isKnown ? ("0a1b2c3d-0000-4000-8000-0000000000aa", 2) : null);
    }

    [Fact]
    public void A_client_secret_for_Azure_may_stand_in_the_file_as_a_reference_to_a_vault()
    {
        WriteFile("""{ "azure": { "clientSecret": "vault://prod/ci/azure#secret" } }""");

        var azure = Azure;

        (azure.ClientSecret, azure.ClientSecretAt).Should().Be((null, new VaultReference("prod", "ci/azure", "secret")));
    }

    [Fact]
    public void A_signing_key_may_not_stand_in_the_file_nor_may_a_reference_to_one()
    {
        WriteFile("""{ "signing": { "key": "vault://prod/audit/key" } }""");

        Problems().Single().Hint.Should().StartWith("A key doesn't belong in this file");
    }

    [Fact]
    public void A_reference_that_leads_nowhere_is_told_with_its_form()
    {
        _environment["AZURE_CLIENT_SECRET"] = "vault://prod";

        Problems().Single().Hint.Should().Contain("vault://VAULT/PATH#FIELD");
    }

    [Fact]
    public void Settings_print_no_secret()
    {
        _environment["BITBUCKET_ACCESS_TOKEN"] = "hunter2";
        _environment["BITBUCKET_STEP_OIDC_TOKEN"] = "hunter2";
        _environment["AZURE_CLIENT_SECRET"] = "hunter2";

        Read().ToString().Should().Contain("[secret]").And.NotContain("hunter2");
    }

    private AwsSettings Aws => Read().Providers.SettingsOf<AwsSettings>();

    private AzureSettings Azure => Read().Providers.SettingsOf<AzureSettings>();

    public void Dispose() => _directory.Delete(recursive: true);

    private void WriteFile(string json) => File.WriteAllText(Path.Combine(_directory.FullName, "secret-rotator.json"), json);

    private RotatorSettings Read() => SettingsReader.Read(_directory.FullName, _environment, _commandLine, VaultProviders.All);

    private Problem[] Problems() => [.. FluentActions.Invoking(Read).Should().Throw<UsageException>().Which.Problems];
}
