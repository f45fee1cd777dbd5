using SecretRotator.Configuration;
using SecretRotator.Providers;
using SecretRotator.Providers.Backends.DeployKeys;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Redis;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Tests.Backends;

/// <summary>A new sandbox accepts the old values of an inventory with deploy keys and Redis users.</summary>
public sealed class SandboxedKeysTests
{
    private const string Yaml = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator }
        vaults:
          prod: { kind: aws-secrets-manager, region: eu-west-1 }
        defaults:
          owner: team@acme.example
          rotate-every: 30d
          window: any
        secrets:
          - name: clone-key
            vault: prod
            path: prod/clone-key
            value: { kind: ssh-key, field: private_key, public-field: public_key }
            backend: { kind: bitbucket-deploy-key, repository: acme/app }
            targets: [ { repository: deployments, variable: KEY, field: private_key, encoding: base64 } ]
          - name: cache-app
            vault: prod
            path: prod/cache
            value: { kind: password, field: password }
            backend:
              kind: redis
              server: cache.internal
              nodes: [cache-2.internal]
              admin: vault://prod/redis-admin
              users: [app_a, app_b]
            targets: [ { repository: app, variable: CACHE, whole: true } ]

        """;

    [Fact]
    public void Old_values_are_accepted_and_the_secrets_that_change_them_exist()
    {
        var inventory = InventoryParser.Parse("rotation.yaml", Encoding.UTF8.GetBytes(Yaml), InventoryKinds.All).Inventory!;
        var state = new SandboxState();
        var seed = new SandboxSeed(state, inventory, SystemClock.Instance.GetCurrentInstant(), new SystemRandom(), []);

        seed.Apply().Should().BeTrue();

        using var pair = SecretValue.FromText(seed.Vault("prod").Find("prod/clone-key")!);
        var definition = (DeployKeyDefinition)inventory.Secrets[0].Backend!;
        using var line = JsonSecret.Read(pair, definition.PublicField);
        var key = SshPublicKey.Parse(line.RevealText())!;
        new DeployKeyBackend(definition, _ => throw new InvalidOperationException()).SlotOf(pair).Value.Should().Be(key.Fingerprint);
        state.Bitbucket.Workspaces["acme"].Repositories["app"].DeployKeys.Select(each => (each.Key, each.Label)).Should()
            .Equal((key.Text, "secret-rotator clone-key"));
        state.Bitbucket.Credentials.Should().OnlyContain(
            credential => BitbucketAuthentication.DeployKeyScopes(credential, "POST") == null);

        using var login = SecretValue.FromText(seed.Vault("prod").Find("prod/cache")!);
        using var user = JsonSecret.Read(login, "username");
        using var password = JsonSecret.Read(login, "password");
        using var admin = SecretValue.FromText(seed.Vault("prod").Find("redis-admin")!);
        using var adminName = JsonSecret.Read(admin, "username");
        using var adminPassword = JsonSecret.Read(admin, "password");
        user.RevealText().Should().Be("app_a");
        state.Redis.Keys.Should().Equal("cache-2.internal:6379", "cache.internal:6379");
        foreach (var server in state.Redis.Values)
        {
            new RedisSession().Answer(["AUTH", "app_a", password.RevealText()], server).Should().StartWith("+OK");
            new RedisSession().Answer(["AUTH", "app_b", password.RevealText()], server).Should().StartWith("-WRONGPASS");
            new RedisSession().Answer(["AUTH", adminName.RevealText(), adminPassword.RevealText()], server).Should().StartWith("+OK");
        }

        seed.Apply();
        state.Bitbucket.Workspaces["acme"].Repositories["app"].DeployKeys.Should().ContainSingle();
    }

    [Fact]
    public async Task A_sandbox_says_where_its_servers_answer()
    {
        var inventory = InventoryParser.Parse("rotation.yaml", Encoding.UTF8.GetBytes(Yaml), InventoryKinds.All).Inventory!;
        await using var sandbox = await RunningSandbox.StartAsync(
            inventory, new SandboxOptions { RealTime = true, RealClock = SystemClock.Instance }, TestContext.Current.CancellationToken);

        sandbox.Settings["SECRET_ROTATOR__CONNECTTO"].Should()
            .MatchRegex(@"^cache\.internal:6379=127\.0\.0\.1:\d+,cache-2\.internal:6379=127\.0\.0\.1:\d+$");
    }
}
