using SecretRotator.Notifications;
using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

/// <summary>What <c>notify</c> and <c>heartbeat</c> say.</summary>
public sealed class NotifyTests
{
    private const string Mail = "kind: email, from: a@acme.example, to: [b@acme.example]";

    [Fact]
    public void Without_the_key_no_one_is_told() => Read(Text).Inventory!.Receivers.Should().BeEmpty();

    [Fact]
    public void A_receiver_is_told_of_everything_unless_it_says_otherwise() =>
        One("{ name: a, kind: slack, url: \"vault://prod/n#slack\" }").On.Should().Equal(Enum.GetValues<NotificationEvent>());

    [Fact]
    public void A_receiver_is_told_of_what_it_names() =>
        One("{ name: a, kind: slack, url: vault://prod/n, on: [recovered, failed] }").On.Should()
            .Equal(NotificationEvent.Failed, NotificationEvent.Recovered);

    [Fact]
    public void A_webhook_has_an_address_and_a_key() =>
        One("{ name: a, kind: webhook, url: \"vault://prod/n#url\", key: \"vault://azure/k\" }").References.Should()
            .Equal(("url", new VaultReference("prod", "n", "url")), ("key", new VaultReference("azure", "k", null)));

    [Theory]
    [InlineData("server: smtp.acme.example", 587, false)]
    [InlineData("server: \"smtp.acme.example:465\"", 465, true)]
    [InlineData("server: \"smtp.acme.example:2525\"", 2525, false)]
    [InlineData("server: smtp.acme.example, tls: implicit", 465, true)]
    [InlineData("server: \"smtp.acme.example:465\", tls: starttls", 465, false)]
    public void A_mail_server_speaks_TLS_at_once_or_by_STARTTLS(string server, int port, bool atOnce)
    {
        var email = (NotificationReceiver.Email)One($"{{ name: a, {Mail}, {server} }}");

        (email.Host, email.Port, email.IsTlsFromStart).Should().Be(("smtp.acme.example", port, atOnce));
    }

    [Fact]
    public void A_pull_request_is_one_of_the_home_unless_it_says_otherwise()
    {
        Repository("").Should().Be("secret-rotator");
        Repository(", repository: Other").Should().Be("other");

        static string Repository(string more) => ((NotificationReceiver.BitbucketPullRequest)One(
            $"{{ name: a, kind: bitbucket-pull-request, pull-request: 7{more} }}")).Repository.Slug;
    }

    [Fact]
    public void A_heartbeat_is_kept_in_a_vault() =>
        Accepted("version: 1", "version: 1\nheartbeat: vault://prod/n#beat").Heartbeat!.Url.Should()
            .Be(new VaultReference("prod", "n", "beat"));

    [Fact]
    public void What_receivers_need_is_among_what_the_tool_reads_for_itself() =>
        Accepted("version: 1", "version: 1\nheartbeat: vault://prod/b\nnotify: [ { name: a, kind: slack, url: vault://prod/n } ]")
            .References.Select(reference => reference.Path).Should().Equal("b", "n");

    [Fact]
    public void Receivers_change_no_digest_of_an_inventory() =>
        InventoryDigest.Of(Accepted("version: 1", "version: 1\nnotify: [ { name: a, kind: slack, url: vault://prod/n } ]")).Should()
            .Be(InventoryDigest.Of(Read(Text).Inventory!));

    [Theory]
    [InlineData(
        "{ name: a, kind: slack, url: \"https://hooks.slack.com/services/T0/B0/worthless\" }",
        "\"url\" must say where the URL is kept, and never is the URL itself. Write vault://VAULT/PATH or vault://VAULT/PATH#FIELD such as "
            + "\"url: \"vault://prod/ci/notifications#slack\"\".")]
    [InlineData(
        "{ name: a, kind: slack }",
        "The key \"url\" is missing in a slack receiver. Add \"url: \"vault://prod/ci/notifications#slack\"\".")]
    [InlineData(
        "{ name: a, kind: slak, url: vault://prod/n }",
        "\"slak\" is not a kind of receiver. Did you mean \"slack\"? Write one of: webhook, slack, teams, email, bitbucket-pull-request.")]
    [InlineData(
        "{ name: A, kind: slack, url: vault://prod/n }",
        "\"A\" can't be the name of a receiver. Write lower-case letters, digits and hyphens, at most 63, and begin with a letter or a "
            + "digit.")]
    [InlineData(
        "{ name: a, kind: slack, url: vault://prod/n, on: [failed, failed] }", "\"failed\" appears twice. Delete one of the two.")]
    [InlineData(
        "{ name: a, kind: slack, url: vault://prod/n }, { name: a, kind: slack, url: vault://prod/n }",
        "There is a receiver \"a\" already, on line 2. Choose another name, or delete one of the two.")]
    [InlineData(
        "{ name: a, kind: slack, url: vault://prd/n }",
        "There is no vault \"prd\". Did you mean \"prod\"? Known vaults: azure, prod.")]
    [InlineData(
        "{ name: a, kind: slack, url: vault://prod/prod/payments/db }",
        "The secret \"payments-db\" would overwrite the url of a receiver with a value that the receiver doesn't know. Keep the url in a "
            + "secret, or a field, that no entry generates: it must be the receiver's.")]
    [InlineData(
        $"{{ name: a, {Mail}, server: x, user: u }}",
        "\"user\" is of no use alone. Write both, or neither where the server asks for no login.")]
    [InlineData(
        "{ name: a, kind: email, server: x, from: \"Bcc: x@y\", to: [b@c] }",
        "\"Bcc: x@y\" is not an e-mail address. Write the address alone, such as platform@acme.example.")]
    [InlineData(
        "{ name: a, kind: bitbucket-pull-request, pull-request: 0 }",
        "\"pull-request\" must be a whole number from 1 to 2,147,483,647. Write for example \"pull-request: 7\", without quotes.")]
    public void What_is_wrong_with_a_receiver_is_said_at_its_place(string receivers, string problem) =>
        Problems("version: 1", $"version: 1\nnotify: [ {receivers} ]").Should().ContainSingle().Which.Should()
            .StartWith("rotation.yaml:2:").And.EndWith($": {problem}");

    private static NotificationReceiver One(string receiver) =>
        Accepted("version: 1", $"version: 1\nnotify: [ {receiver} ]").Receivers.Should().ContainSingle().Subject;
}
