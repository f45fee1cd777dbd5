using NodaTime.Testing;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;
using SecretRotator.Settings;
using SecretRotator.Tests.Hostile;

namespace SecretRotator.Tests.Hosting;

public sealed class CredentialSourceTests
{
    private const string Token = "worthless-token-of-a-vault-8d31";
    private const string Version = "aaaaaaaa-0000-4000-8000-000000000001";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_settings_hold_comes_first_and_nothing_is_called()
    {
        await using var vault = Vault(Token);

        (await FindAsync(vault, ("BITBUCKET_ACCESS_TOKEN", "worthless-token-51aa"))).Should().BeOfType<BitbucketCredential.AccessToken>();

        vault.Connections.Should().Be(0);
    }

    [Fact]
    public async Task Without_any_the_ways_to_give_one_are_named() =>
        (await FluentActions.Awaiting(() => FindAsync(null)).Should().ThrowAsync<UsageException>()).Which.Problems.Should()
            .ContainSingle().Which.Hint.Should().Contain("BITBUCKET_ACCESS_TOKEN");

    [Fact]
    public async Task The_inventory_leads_to_a_token_in_a_vault()
    {
        await using var vault = Vault(Token);

        using var found = await FindAsync(vault);

        Text(found.Should().BeOfType<BitbucketCredential.AccessToken>().Which.Token).Should().Be(Token);
    }

    [Fact]
    public async Task With_an_e_mail_address_it_is_that_account_s_token()
    {
        await using var vault = Vault(Token);

        (await FindAsync(vault, ("BITBUCKET_EMAIL", "me@acme.example")))
            .Should().BeOfType<BitbucketCredential.ApiToken>().Which.Email
            .Should().Be("me@acme.example");
    }

    [Fact]
    public async Task With_a_client_id_it_is_that_consumer_s_secret()
    {
        await using var vault = Vault(Token);

        (await FindAsync(vault, ("BITBUCKET_OAUTH_CLIENT_ID", "consumer"))).Should()
            .BeOfType<BitbucketCredential.OAuthClient>().Which.ClientId.Should().Be("consumer");
    }

    [Theory]
    [InlineData("line break\\n")]
    [InlineData("\\u00e9")]
    [InlineData("")]
    public async Task What_no_header_can_hold_is_told_without_repeating_it(string stored)
    {
        await using var vault = Vault(stored);

        var refused = (await FluentActions.Awaiting(() => FindAsync(vault)).Should().ThrowAsync<UsageException>()).Which;

        refused.Problems.Should().ContainSingle().Which.Message
            .Should().Contain("vault://prod/ci/bitbucket").And
            .NotContain("line break\n");
    }

    [Fact]
    public async Task A_line_break_in_the_environment_is_told() =>
        (await FluentActions.Awaiting(() => FindAsync(null, ("BITBUCKET_ACCESS_TOKEN", "worthless-token\n"))).Should()
            .ThrowAsync<UsageException>())
            .Which.Message.Should().NotContain("worthless");

    [Fact]
    public async Task A_vault_that_refuses_is_named_and_not_quoted()
    {
        await using var vault = RawServer.Always(
            RawServer.Http("400 Bad Request", $$"""{"__type":"AccessDeniedException","Message":"{{Token}}"}"""));

        var failure = (await FluentActions.Awaiting(() => FindAsync(vault)).Should().ThrowAsync<RemoteFailureException>()).Which;

        failure.Message.Should().Contain("The Bitbucket credential vault://prod/ci/bitbucket can't be read").And.NotContain(Token);
    }

    [Fact]
    public async Task Its_end_stands_beside_it_in_the_vault()
    {
        await using var vault = Vault($$"""{\"token\":\"{{Token}}\",\"expires\":\"2026-12-01\"}""");

        using var found = await FindAsync(vault, "token");

        Text(found.Secret).Should().Be(Token);
        found.End!.At.Should().Be(Instant.FromUtc(2026, 12, 2, 0, 0));
    }

    [Fact]
    public async Task Without_an_end_beside_it_the_end_is_unknown()
    {
        await using var vault = Vault($$"""{\"token\":\"{{Token}}\"}""");

        using var found = await FindAsync(vault, "token");

        found.End!.At.Should().BeNull();
    }

    [Fact]
    public void An_end_within_thirty_days_is_noticed_with_what_to_do()
    {
        using var credential = Ending(Instant.FromUtc(2026, 12, 2, 0, 0));
        List<string> notices = [];

        CredentialSource.Heed(credential, Now, notices.Add);

        notices.Should().ContainSingle().Which.Should().Contain("ends at 2026-12-02 00:00 UTC, in 8 days").And.Contain("Make a new one");
    }

    [Fact]
    public void An_end_in_the_past_stops_the_run_before_anything_is_called()
    {
        using var credential = Ending(Now);

        FluentActions.Invoking(() => CredentialSource.Heed(credential, Now, _ => { })).Should().Throw<UsageException>()
            .Which.Message.Should().Contain("ended at 2026-11-23 12:00 UTC").And.Contain("Nothing was read or changed");
    }

    [Fact]
    public void An_end_far_away_is_no_news()
    {
        using var credential = Ending(Instant.FromUtc(2027, 6, 1, 0, 0));

        CredentialSource.Heed(credential, Now, _ => Assert.Fail("There was nothing to notice."));
    }

    private static readonly Instant Now = Instant.FromUtc(2026, 11, 23, 12, 0);

    private static BitbucketCredential.AccessToken Ending(Instant at) =>
        new(SecretValue.FromText(Token)) { End = new("The Bitbucket credential", at) };

    private static RawServer Vault(
        string json) => new((request, stream, stop) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(RawServer.Http(
        "200 OK",
        request.Head.Contains("DescribeSecret", StringComparison.Ordinal)
            ? $$"""{"ARN":"arn:x","Name":"ci/bitbucket","VersionIdsToStages":{"{{Version}}":["AWSCURRENT"] } }"""
            : $$"""{"ARN":"arn:x","Name":"ci/bitbucket","VersionId":"{{Version}}","SecretString":"{{json}}"}""")), stop).AsTask());

    private static Task<BitbucketCredential> FindAsync(RawServer? vault, params (string Name, string Value)[] variables) =>
        FindAsync(vault, null, variables);

    [Theory]
    [InlineData("BITBUCKET_ACCESS_TOKEN", null, null)]
    [InlineData("BITBUCKET_API_TOKEN", "BITBUCKET_EMAIL", "jo@acme.example")]
    [InlineData("BITBUCKET_OAUTH_CLIENT_SECRET", "BITBUCKET_OAUTH_CLIENT_ID", "kQ7")]
    public async Task Who_gets_the_credential_of_the_settings_wipes_a_copy(string name, string? other, string? text)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { [name] = "worthless-51c8" };
        if (other is not null)
            environment[other] = text!;
        var settings = SettingsReader.ReadEnvironment(environment, VaultProviders.All);
        using var network = Network.Open(null, proxies: null);

        (await FindAsync(settings, Inventories.Of(), network)).Dispose();
        using var second = await FindAsync(settings, Inventories.Of(), network);

        Text(second.Secret).Should().Be("worthless-51c8");
        second.Should().BeOfType(settings.Bitbucket!.GetType());
    }

    private static async Task<BitbucketCredential> FindAsync(
        RawServer? vault, string? field, params (string Name, string Value)[] variables)
    {
        var environment = variables.ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal);
        (environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]) = ("AKID", "worthless-key-77d0");
        if (vault is not null)
            environment["SECRET_ROTATOR__ENDPOINTS__AWS"] = vault.Address.AbsoluteUri;
        var settings = SettingsReader.ReadEnvironment(environment, VaultProviders.All);
        var inventory = vault is null
            ? Inventories.Of()
            : Inventories.Of() with { Credential = new VaultReference("prod", "ci/bitbucket", field) };
        using var network = Network.Open(null, proxies: null);
        return await FindAsync(settings, inventory, network);
    }

    private static Task<BitbucketCredential> FindAsync(RotatorSettings settings, RotationInventory inventory, Network network) =>
        CredentialSource.FindAsync(
            settings, inventory, network, new FakeClock(Now), new SystemRandom(), TimeProvider.System, _ => { }, Stop);

    private static string Text(SecretValue value)
    {
#pragma warning disable RS0030 // A worthless value.
        return value.RevealText();
#pragma warning restore RS0030
    }
}
