using System.Text.Json.Nodes;
using SecretRotator.Providers.Backends.MySql;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Seeding;
using SecretRotator.Tests.Configuration;

namespace SecretRotator.Tests.Backends.MySql;

/// <summary>What a sandbox has of an inventory's servers.</summary>
public sealed class MySqlSeedTests
{
    [Theory]
    [InlineData("kind: mysql, server: db.internal, admin: vault://prod/ci/admin, users: [app_a, app_b]", 3)]
    [InlineData("kind: mariadb, server: db.internal, admin: \"vault://prod/ci/admin#db\", users: [app_a]", 2)]
    [InlineData("kind: mariadb, server: db.internal, overlap: none", 1)]
    public void The_old_content_logs_in_and_the_administrator_is_in_the_vault(string backend, int accounts)
    {
        var inventory = SampleInventory.Accepted(
            "{ kind: password }\n    targets:\n      - { repository: payments-api, variable: DB_PASSWORD }\n    consumer: reads-from-vault",
            $"{{ kind: password, field: password }}\n    backend: {{ {backend} }}\n"
                + "    targets: [ { repository: payments-api, variable: DB, whole: true } ]");
        var state = new SandboxState { Format = SandboxState.CurrentFormat };

        new SandboxSeed(state, inventory, Instant.FromUtc(2026, 11, 23, 2, 0), new SeededRandom(1), []).Apply();

        var server = state.MySqlServers["db.internal:3306"];
        server.Accounts.Should().HaveCount(accounts);
        var content = JsonNode.Parse(Content(state, "prod/payments/db"))!;
        var account = server.Accounts.Find(each => each.User == content["username"]!.GetValue<string>())!;
        var password = System.Text.Encoding.UTF8.GetBytes(content["password"]!.GetValue<string>());
        (account.Kept[0].StartsWith('*') ? account.Kept[0] == PasswordHash.Native(password) : PasswordHash.IsOf(password, account.Kept[0]))
            .Should().BeTrue();
        if (accounts > 1)
            Content(state, "ci/admin").Should().Contain("secret_rotator");
    }

    private static string Content(SandboxState state, string name) =>
        state.SecretsManager.Secrets.Values.Single(secret => secret.Name == name).Current!.SecretString!;
}
