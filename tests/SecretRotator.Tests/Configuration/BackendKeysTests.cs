using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

/// <summary>What a secret's <c>backend</c> may say, beside what each kind's own tests hold.</summary>
public sealed class BackendKeysTests
{
    private const string Application = "0c9d8b7a-6f5e-4d3c-9b2a-1f0e9d8c7b6a";

    public static TheoryData<string, string, string, string> Shared => new()
    {
        { "hex, field: password", Database("db", "a, payments_b"), Database("DB", "c, payments_b"), "db:5432, role payments_b" },
        { "hex, field: password", Cache("app"), Cache("app"), "cache:6379, user app" },
        { "hex, field: password", Account("a, b", "%"), Account("c, b", "%"), "db:3306, account b@%" },
        { "hex, field: password", Command("a, b"), Command("b, c"), "backends/x, b" },
        { "issued", Secrets, Secrets, Application },
    };

    [Theory]
    [MemberData(nameof(Shared))]
    public void Two_secrets_never_have_one_credential_of_a_system(string value, string first, string second, string identity) =>
        Problems(Two(value, first, second)).Should().ContainSingle().Which.Should()
            .Contain(
                "used by the backend on line 17 already: the rotation of one secret would end the credential that the other one has in use")
            .And.Contain(identity);

    [Fact]
    public void Two_secrets_of_one_server_have_users_of_their_own() =>
        Problems(Two("hex, field: password", Database("db", "a, b"), Database("db", "c, d"))).Should().BeEmpty();

    [Fact]
    public void One_account_of_two_hosts_is_two_accounts() =>
        Problems(Two("hex, field: password", Account("a, b", "10.%"), Account("a, b", "192.%"))).Should().BeEmpty();

    [Fact]
    public void A_program_that_issues_names_its_slots_itself() =>
        Problems(Two("issued", "{ kind: program, command: [x], identity-field: id, family: issue, slots: [a, b] }", Secrets))
            .Should().ContainSingle().Which.Should().Contain("names them itself");

    [Theory]
    [InlineData("{ workspace: true, variable: A, field: password }")]
    [InlineData("{ repository: a, variable: A, field: password }, { repository: b, variable: B, field: username }")]
    [InlineData("{ repository: a, variable: A, field: password }, { repository: a, environment: e, variable: B, field: username }")]
    [InlineData("{ workspace: true, variable: A, field: password }, { repository: a, variable: B, whole: true }")]
    public void A_password_goes_nowhere_without_its_user(string targets) =>
        Problems(Carried(targets)).Should().ContainSingle().Which.Should().Contain("no variable beside it the field \"username\"");

    [Theory]
    [InlineData("{ workspace: true, variable: A, whole: true }")]
    [InlineData("{ repository: a, variable: A, field: password }, { repository: a, variable: B, field: username }")]
    [InlineData("{ repository: a, environment: e, variable: A, field: password }, { repository: a, variable: B, field: username }")]
    [InlineData("{ repository: a, variable: A, field: password }, { workspace: true, variable: B, field: username }")]
    public void With_its_user_it_goes_anywhere(string targets) => Problems(Carried(targets)).Should().BeEmpty();

    [Fact]
    public void Where_the_user_stays_the_same_the_password_is_enough() =>
        Problems(Carried("{ workspace: true, variable: A, field: password }", "users: [a]")).Should().BeEmpty();

    [Fact]
    public void A_plain_secret_is_whole_without_a_word() =>
        Problems("variable: DB_PASSWORD", "variable: DB_PASSWORD, whole: true")
            .Should()
            .ContainSingle().Which
            .Should()
            .Contain("plain text");

    private static string Carried(string targets, string users = "users: [a, b]") =>
        With(
            "{ kind: password }",
            $"{{ kind: hex, field: password }}\n    backend: {{ kind: mariadb, server: db, admin: vault://prod/admin, {users} }}")
            .Replace("    consumer: reads-from-vault\n", "", StringComparison.Ordinal)
            .Replace("      - { repository: payments-api, variable: DB_PASSWORD }", $"      [ {targets} ]", StringComparison.Ordinal);

    private static string Secrets => $"{{ kind: entra-application-secret, application: {Application} }}";

    private static string Database(string server, string users) =>
        $"{{ kind: postgresql, server: {server}, database: d, admin: vault://prod/admin, users: [{users}] }}";

    private static string Cache(string users) => $"{{ kind: redis, server: cache, admin: vault://prod/admin, users: [{users}] }}";

    private static string Account(string users, string host) =>
        $"{{ kind: mysql, server: db, admin: vault://prod/admin, users: [{users}], host: \"{host}\" }}";

    private static string Command(string slots) =>
        $"{{ kind: program, command: [backends/x], identity-field: user, slots: [{slots}] }}";

    private static string Two(string value, string first, string second)
    {
        var one = With("{ kind: password }", $"{{ kind: {value} }}\n    backend: {first}")
            .Replace("    consumer: reads-from-vault\n", "", StringComparison.Ordinal)
            .Replace("variable: DB_PASSWORD }", "variable: DB_PASSWORD, whole: true }", StringComparison.Ordinal);
        var entry = one[one.IndexOf("  - name:", StringComparison.Ordinal)..];
        return one + entry
            .Replace(first, second, StringComparison.Ordinal)
            .Replace("payments-db", "orders-db", StringComparison.Ordinal)
            .Replace("prod/payments/db", "prod/orders/db", StringComparison.Ordinal)
            .Replace("DB_PASSWORD", "ORDERS_DB_PASSWORD", StringComparison.Ordinal);
    }
}
