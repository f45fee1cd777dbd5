using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.MySql;
using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Backends.MySql;

/// <summary>What <c>rotation.yaml</c> may say of accounts.</summary>
public sealed class MySqlGrammarTests
{
    private const string Value = "{ kind: password }\n    targets:\n      - { repository: payments-api, variable: DB_PASSWORD }\n"
        + "    consumer: reads-from-vault";

    private const string Target = "\n    targets: [ { repository: payments-api, variable: DB_PASSWORD, whole: true } ]";

    [Fact]
    public void Two_accounts_take_turns()
    {
        var backend = Backend("kind: mysql, server: db.internal, ca: c.pem, admin: vault://prod/admin, users: [a, b], host: 10.%");

        backend.Should().BeEquivalentTo(new MySqlDefinition(IsMariaDb: false, new ServerAddress("db.internal", 3306), ["a", "b"])
        {
            Ca = "c.pem",
            AdminAt = new VaultReference("prod", "admin", Field: null),
            AccountHost = "10.%",
            PasswordField = "pw",
        });
        backend.Traits.Should().BeEquivalentTo(new { Family = BackendFamily.Set, Overlaps = true });
        backend.Place.Should().Be("db.internal:3306");
    }

    [Fact]
    public void One_account_has_two_passwords() =>
        Backend("kind: mariadb, server: \"db.internal:1\", admin: vault://prod/admin, users: [a]").Traits
            .Should().BeEquivalentTo(new { Overlaps = true });

    [Fact]
    public void Without_an_overlap_it_must_be_said() =>
        Backend("kind: mariadb, server: db.internal, overlap: none").Traits.Should().BeEquivalentTo(new { Overlaps = false });

    [Fact]
    public void Its_digest_tells_every_key_apart() =>
        new[]
        {
            "admin: vault://prod/admin, users: [a, b]",
            "admin: vault://prod/admin, users: [b, a]",
            "admin: vault://prod/admin, users: [a]",
            "admin: vault://prod/admin, users: [a, b], host: \"10.%\"",
            "admin: vault://prod/admin, users: [a, b], user-field: name",
            "admin: vault://prod/admin, users: [a, b], ca: c.pem",
            "admin: vault://prod/other, users: [a, b]",
            "overlap: none",
        }.Select(rest => string.Join('|', Backend($"kind: mariadb, server: db.internal, {rest}").Canonical)).Should().OnlyHaveUniqueItems();

    [Theory]
    [InlineData("server: \"db:x\", users: [a]", "\"db:x\" is not the address of a server")]
    [InlineData("server: db, users: [a, b, c]", "\"users\" must name two accounts that take turns, or one that has two passwords")]
    [InlineData("server: db, users: [a], overlap: none", "With \"overlap: none\" the account is the one that the secret names")]
    [InlineData("server: db", "The backend names no users")]
    [InlineData("server: db, overlap: none", "MySQL lets an account change its own password in plain text only", false)]
    [InlineData("server: db, users: [a]", "\"users\" need an administrator who changes their passwords", false)]
    [InlineData(
        "server: db, users: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]",
        "can't be a part of an account's name")]
    public void A_mistake_is_told(string rest, string problem, bool admin = true) =>
        Problems(
            Value, $"{{ kind: password, field: pw }}\n    backend: {{ kind: mysql, {(admin ? "admin: vault://prod/a, " : "")}{rest} }}"
                + Target)
            .Should().ContainSingle().Which.Should().Contain(problem);

    [Theory]
    [InlineData("{ kind: password }")]
    [InlineData("{ kind: ssh-key, field: a, public-field: b }")]
    public void There_is_exactly_one_generated_field(string value) =>
        Problems(Value, $"{value}\n    backend: {{ kind: mysql, admin: vault://prod/a, server: db, users: [a] }}" + Target)
            .Should().Contain(problem => problem.Contains("one generated text, its password", StringComparison.Ordinal));

    private static MySqlDefinition Backend(string keys) =>
        Accepted(Value, $"{{ kind: password, field: pw }}\n    backend: {{ {keys} }}" + Target).Secrets
            .Select(secret => secret.Backend).OfType<MySqlDefinition>().Single();
}
