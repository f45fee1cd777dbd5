using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Tests.Providers.Bitbucket;

public sealed class CredentialTests
{
    private static readonly VariableScope Scope = new VariableScope.Repository(BitbucketStage.Workspace, BitbucketStage.Repository);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_access_token_is_shown_as_bearer()
    {
        await using var stage = await BitbucketStage.StartAsync();

        await stage.Connection.Variables.ListAsync(Scope, Cancellation);

        stage.Recorded.Calls[0].Authorization.Should().Be($"Bearer {BitbucketAuthentication.AccessToken}");
    }

    [Fact]
    public async Task An_api_token_is_shown_with_its_e_mail_address()
    {
        await using var stage = await BitbucketStage.StartAsync(
            new BitbucketCredential.ApiToken(BitbucketAuthentication.Email, SecretValue.FromText(BitbucketAuthentication.ApiToken)));

        await stage.Connection.Variables.ListAsync(Scope, Cancellation);

        stage.Recorded.Calls[0].Authorization.Should()
            .Be($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{BitbucketAuthentication.Email}:{BitbucketAuthentication.ApiToken}"))}");
    }

    [Theory]
    [InlineData("ATATT3xFfGF0-made-up-for-this-test", "API token (ATAT…)", "BITBUCKET_API_TOKEN")]
    [InlineData("ATBB-made-up-for-this-test", "app password (ATBB…)", "BITBUCKET_ACCESS_TOKEN")]
    [InlineData("$BITBUCKET_TOKEN", "literal name of a variable", "exists in the step's")]
    [InlineData("${BITBUCKET_TOKEN}", "literal name of a variable", "exists in the step's")]
    public async Task A_401_names_the_wrong_form_of_an_access_token(string token, string what, string next)
    {
        await using var stage = await BitbucketStage.StartAsync(BitbucketStage.Token(token));

        var failure = (await stage.Connection.Variables.Invoking(v => v.ListAsync(Scope, Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>()).Which;

        failure.Hint.Should().Contain(what).And.Contain(next).And.NotContain("made-up").And.NotContain("BITBUCKET_TOKEN}");
    }

    [Theory]
    [InlineData("jo", "a-token", "BITBUCKET_EMAIL has no @")]
    [InlineData("$EMAIL", "a-token", "BITBUCKET_EMAIL is the literal name of a variable")]
    [InlineData("jo@acme.example", "ATCTT3xFfGN0-made-up-for-this-test", "access token (ATCT…)")]
    [InlineData("jo@acme.example", "ATBB-made-up-for-this-test", "app password (ATBB…)")]
    public async Task A_401_names_the_wrong_form_of_an_api_token(string email, string token, string what)
    {
        await using var stage = await BitbucketStage.StartAsync(new BitbucketCredential.ApiToken(email, SecretValue.FromText(token)));

        var failure = (await stage.Connection.Variables.Invoking(v => v.ListAsync(Scope, Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>()).Which;

        failure.Hint.Should().Contain(what).And.NotContain("made-up");
    }

    [Fact]
    public async Task A_refused_consumer_whose_secret_is_a_token_is_told_so()
    {
        await using var stage = await BitbucketStage.StartAsync(
            new BitbucketCredential.OAuthClient("id", SecretValue.FromText("ATCTT3xFfGN0-made-up-for-this-test")));

        var failure = (await stage.Connection.Variables.Invoking(v => v.ListAsync(Scope, Cancellation)).Should()
            .ThrowAsync<RemoteFailureException>()).Which;

        failure.Hint.Should().Contain("form of a token (AT…)").And.NotContain("made-up");
    }

    [Theory]
    [InlineData("ATCTT3xFfGN0-made-up-for-this-test")]
    [InlineData("$lower")]
    [InlineData("$")]
    [InlineData("a-token")]
    public void A_form_that_may_be_right_is_not_doubted(string token)
    {
        using var credential = BitbucketStage.Token(token);

        CredentialForm.Doubt(credential).Should().BeNull();
    }

    [Fact]
    public async Task An_oauth_consumer_gets_one_token_however_many_calls_run()
    {
        await using var stage = await BitbucketStage.StartAsync(Consumer());

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => stage.Connection.Variables.ListAsync(Scope, Cancellation)));

        stage.CallsOf("token").Should().Be(1);
    }

    [Fact]
    public async Task A_token_is_renewed_before_it_ends()
    {
        await using var stage = await BitbucketStage.StartAsync(Consumer());
        await stage.Connection.Variables.ListAsync(Scope, Cancellation);
        stage.Time.Pass(TimeSpan.FromSeconds(7200 - 301));
        await stage.Connection.Variables.ListAsync(Scope, Cancellation);
        var early = stage.CallsOf("token");
        stage.Time.Pass(TimeSpan.FromSeconds(2));
        await stage.Connection.Variables.ListAsync(Scope, Cancellation);

        (early, stage.CallsOf("token")).Should().Be((1, 2));
    }

    [Fact]
    public async Task A_token_that_was_revoked_is_renewed_once()
    {
        await using var stage = await BitbucketStage.StartAsync(Consumer());
        await stage.Connection.Variables.ListAsync(Scope, Cancellation);
        await stage.ChangeAsync(state => state.Credentials.RemoveAll(c => c.Kind == "oauth-token"));

        await stage.Connection.Variables.ListAsync(Scope, Cancellation);

        stage.CallsOf("token").Should().Be(2);
    }

    [Fact]
    public async Task A_fresh_token_that_is_refused_fails_the_call()
    {
        await using var stage = await BitbucketStage.StartAsync(Consumer(), "bitbucket.list=401");

        var failure = await FailureOf(() => stage.Connection.Variables.ListAsync(Scope, Cancellation));

        (failure.Kind, stage.CallsOf("list"), stage.CallsOf("token")).Should().Be((FailureKind.Unauthenticated, 2, 2));
    }

    [Fact]
    public async Task A_wrong_consumer_secret_is_told_as_such()
    {
        await using var stage = await BitbucketStage.StartAsync(Consumer("zzzz-yyyy-xxxx"));
        using var value = SecretValue.FromText("v");

        var failure = await FailureOf(() => stage.Connection.Variables.CreateAsync(Scope, "K", value, Cancellation));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Unauthenticated, Effect.Rejected));
        failure.Message.Should().StartWith("Bitbucket gave the OAuth consumer no token").And.Contain("invalid_client");
    }

    [Fact]
    public async Task A_token_that_can_t_be_had_leaves_a_put_rejected()
    {
        await using var stage = await BitbucketStage.StartAsync(Consumer(), "bitbucket.token=500");
        var variable = await stage.SeedAsync(Scope, "K");
        using var value = SecretValue.FromText("v");

        var failure = await FailureOf(() => stage.Connection.Variables.PutAsync(Scope, variable, value, Cancellation));

        (failure.Kind, failure.Effect, stage.CallsOf("put")).Should().Be((FailureKind.Unavailable, Effect.Rejected, 0));
    }

    [Theory]
    [InlineData("bitbucket.token#1=garbage")]
    [InlineData("bitbucket.token#1=lost")]
    [InlineData("bitbucket.token#1=503")]
    public async Task A_token_that_isn_t_had_at_once_is_asked_for_again(string fault)
    {
        await using var stage = await BitbucketStage.StartAsync(Consumer(), fault);

        await stage.Connection.Variables.ListAsync(Scope, Cancellation);

        stage.CallsOf("list").Should().Be(1);
    }

    [Fact]
    public async Task A_wrong_token_says_what_is_needed()
    {
        await using var stage = await BitbucketStage.StartAsync(BitbucketStage.Token("not-the-token"));

        var failure = await FailureOf(() => stage.Connection.Variables.ListAsync(Scope, Cancellation));

        failure.Kind.Should().Be(FailureKind.Unauthenticated);
        failure.Hint.Should().Contain("\"pipeline\"").And.Contain("read:pipeline:bitbucket");
    }

    [Fact]
    public async Task No_access_looks_like_a_missing_repository_and_the_hint_says_so()
    {
        await using var stage = await BitbucketStage.StartAsync();
        await stage.ChangeAsync(state => state.Credentials[0].Repositories = []);

        var failure = await FailureOf(() => stage.Connection.Variables.ListAsync(Scope, Cancellation));

        failure.Kind.Should().Be(FailureKind.NotFound);
        failure.Hint.Should().Contain("may not see the repository acme/payments-api");
    }

    [Fact]
    public async Task The_credential_never_stands_in_a_failure_that_repeats_it()
    {
        using var connection = ScriptedNetwork.Always(400, """{"error":{"message":"bad header Bearer the-token-of-a-test"}}""").Connect();

        var failure = await FailureOf(() => connection.Variables.ListAsync(Scope, Cancellation));

        failure.ToString().Should().NotContain("the-token").And.Contain("withheld");
    }

    [Theory]
    [InlineData("http://api.example/2.0")]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("https://user:pass@api.example/")]
    [InlineData("https://api.example/?x=1")]
    public void Plain_http_to_another_machine_and_odd_addresses_are_refused(string address) =>
        FluentActions.Invoking(() => new BitbucketSettings { Api = new Uri(address) }).Should().Throw<ArgumentException>();

    [Theory]
    [InlineData("http://127.0.0.1:8080/2.0", "http://127.0.0.1:8080/2.0/")]
    [InlineData("http://localhost/2.0/", "http://localhost/2.0/")]
    [InlineData("https://api.example", "https://api.example/")]
    public void Https_anywhere_and_http_on_loopback_are_fine(string address, string becomes) =>
        new BitbucketSettings { Api = new Uri(address) }.Api.Should().Be(new Uri(becomes));

    private static BitbucketCredential.OAuthClient Consumer(string secret = BitbucketAuthentication.ConsumerSecret) =>
        new BitbucketCredential.OAuthClient(BitbucketAuthentication.ConsumerKey, SecretValue.FromText(secret));

    private static async Task<RemoteFailureException> FailureOf(Func<Task> act) =>
        (await act.Should().ThrowAsync<RemoteFailureException>()).Which;
}
