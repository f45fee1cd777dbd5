using System.Buffers.Text;
using SecretRotator.Doctor.Identity;
using SecretRotator.Providers;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Doctor;
using SecretRotator.Settings;
using SecretRotator.Tests.Sandbox;

namespace SecretRotator.Tests.Doctor.Identity;

/// <summary>What is told of a token before anyone is asked.</summary>
public sealed class StepTokenCheckTests
{
    private const string Repository = "{22222222-2222-4222-8222-222222222222}";
    private const string Environment = "{55555555-5555-4555-8555-555555555555}";
    private const string Step = "{44444444-4444-4444-8444-444444444444}";
    private const string Workspace = "11111111-1111-4111-8111-111111111111";

    private static readonly Instant Noon = Instant.FromUtc(2026, 11, 23, 12, 0);

    [Fact]
    public void Outside_pipelines_a_missing_token_is_as_it_should_be() =>
        Ask(null)
            .Single()
            .Should().Match<CheckResult>(r => r.Status == CheckStatus.Pass && r.Observed.Contains("identity of this machine"));

    [Fact]
    public void In_a_pipeline_a_missing_token_fails_with_oidc_true() =>
        Ask(null, inPipeline: true)
            .Single()
            .Should().Match<CheckResult>(
                r => r.Status == CheckStatus.Fail && r.Observed.StartsWith("OIDC token exchange failed")
                    && r.Fix!.Contains("`oidc: true`"));

    [Fact]
    public void In_a_pipeline_that_needs_none_a_missing_token_is_as_it_should_be() =>
        Ask(null,
            inPipeline: true,
            inventory: Inventory with { Vaults = Inventory.Vaults.SetItem("prod", new AwsVaultDefinition("prod", "eu-west-1", null)) })
            .Single().Status.Should().Be(CheckStatus.Pass);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("e30.W10.AAAA")]
    [InlineData("e30.e30.")]
    public void What_is_no_token_is_told_without_repeating_it(string text) =>
        Ask(text).Single().Should().Match<CheckResult>(r => r.Status == CheckStatus.Fail && !r.Observed.Contains(text));

    [Fact]
    public void A_subject_with_an_environment_shows_both_patterns() =>
        Of(Ask(Token($"{Repository}:{Environment}:{Step}")), "token-subject").Observed.Should()
            .Contain($"{Repository}:{Environment}:* (this environment)").And.Contain($"{Repository}:* (every step");

    [Fact]
    public void A_subject_without_one_shows_the_pattern_of_the_repository() =>
        Of(Ask(Token($"{Repository}:{Step}")), "token-subject").Observed
            .Should().Contain($"{Repository}:* (every step").And
            .Contain("Without a deployment environment");

    [Theory]
    [InlineData("repo:acme/payments-api")]
    [InlineData("{22222222-2222-4222-8222-222222222222}")]
    [InlineData("22222222-2222-4222-8222-222222222222:44444444-4444-4444-8444-444444444444")]
    public void A_subject_of_another_form_fails(string subject) =>
        Of(Ask(Token(subject)), "token-subject").Status.Should().Be(CheckStatus.Fail);

    [Theory]
    [InlineData(60, "Pass")]
    [InlineData(10, "Pass")]
    [InlineData(9, "Warn")]
    [InlineData(0, "Fail")]
    [InlineData(-5, "Fail")]
    public void What_is_left_of_its_life_is_judged(int minutes, string status) =>
        Of(Ask(Token($"{Repository}:{Step}", ends: Noon + Duration.FromMinutes(minutes))), "token-lifetime").Status
            .ToString()
            .Should().Be(status);

    [Fact]
    public void An_issuer_that_only_looks_like_Bitbucket_s_fails() =>
        Of(Ask(Token(
            $"{Repository}:{Step}", issuer: "https://api.bitbucket.org.example.com/2.0/workspaces/acme/pipelines-config/identity/oidc")),
            "token-issuer").Status.Should().Be(CheckStatus.Fail);

    [Fact]
    public void Claims_can_not_speak_to_a_terminal() =>
        Of(Ask(Token("\u001b[2Jgone")), "token-subject").Observed.Should().NotContain("\u001b");

    [Theory]
    [InlineData("https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc", "acme")]
    [InlineData("http://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc", null)]
    [InlineData("https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc/", null)]
    [InlineData("https://api.bitbucket.org/2.0/workspaces/a/b/pipelines-config/identity/oidc", null)]
    [InlineData("https://evil.example/https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc", null)]
    public void An_issuer_has_one_form(string issuer, string? workspace) => BitbucketIssuer.WorkspaceOf(issuer).Should().Be(workspace);

    private static RotationInventory Inventory => SandboxInventory.Everything;

    private static IReadOnlyList<CheckResult> Ask(string? text, bool inPipeline = false, RotationInventory? inventory = null)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (text is not null)
            variables["BITBUCKET_STEP_OIDC_TOKEN"] = text;
        var settings = SettingsReader.ReadEnvironment(variables, VaultProviders.All) with
        {
            Pipeline = inPipeline ? new PipelineFacts("acme", "secret-rotator", "0a1b2c3d-0000-4000-8000-000000000017", 17) : null,
        };
        var token = settings.StepToken is { } value ? WebToken.Read(value) : null;
        return new StepTokenCheck(settings, inventory ?? Inventory, token, new ManualTime(Noon))
            .RunAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult();
    }

    private static string Token(
        string subject, string issuer = "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
        Instant? ends = null) =>
        $"{Part("""{"alg":"RS256"}""")}.{Part($$"""{"iss":"{{issuer}}","aud":"ari:cloud:bitbucket::workspace/{{Workspace}}","sub":{{System.Text.Json.JsonSerializer.Serialize(subject)}},"iat":{{Noon.ToUnixTimeSeconds()}},"exp":{{(ends ?? Noon + Duration.FromHours(1)).ToUnixTimeSeconds()}},"workspaceUuid":"{{Workspace}}"}""")}.AAAA";

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static CheckResult Of(IReadOnlyList<CheckResult> results, string id) => results.Single(result => result.Id == id);
}
