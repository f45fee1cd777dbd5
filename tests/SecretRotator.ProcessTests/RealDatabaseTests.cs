using SecretRotator.Sandbox.Databases;

namespace SecretRotator.Tests.Processes;

/// <summary>The sandbox with real databases in place of emulated ones.</summary>
public sealed class RealDatabaseTests : IDisposable
{
    private const string MariaDb = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator }
        vaults: { prod: { kind: aws-secrets-manager, region: eu-west-1 } }
        secrets:
          - name: shop-db
            vault: prod
            path: prod/shop/db
            owner: shop@acme.example
            rotate-every: 30d
            grace: 1h
            value: { kind: password, field: password }
            backend: { kind: mariadb, server: shop.internal, admin: vault://prod/ci/db-admin, users: [shop_a, shop_b] }
            targets: [ { repository: shop, variable: DB, whole: true, encoding: base64 } ]

        """;

    private readonly Rotator _rotator = new();

    public void Dispose() => _rotator.Dispose();

    [Fact]
    public async Task PostgreSQL_goes_on_where_a_run_that_was_killed_left_it_and_runs_no_longer_than_each_run()
    {
        Assert.SkipWhen(InstalledPostgreSql.Programs is null, "PostgreSQL isn't installed.");
        string[] rotate = ["--inventory", RepositoryFiles.Sample, "--only", "payments-db"];

        (await RotateAsync([.. rotate, "--fault", "bitbucket.put#1=kill"])).ExitCode.Should().NotBe(0);
        var rotated = await RotateAsync(rotate);
        var retired = await RotateAsync(rotate);

        (rotated.ExitCode, retired.ExitCode).Should().Be((0, 0), "{0} {1}", rotated.Error, retired.Error);
        rotated.Out.Should().Contain("5 accepted");
        retired.Out.Should().Contain("1 retired");
        File.ReadAllText(Server("db.acme.example-5432", "server.log")).Should().Contain("database system is shut down");
    }

    [Fact]
    public async Task MariaDB_takes_a_new_password_and_runs_no_longer_than_the_run()
    {
        Assert.SkipWhen(InstalledMariaDb.Program is null, "MariaDB isn't installed.");
        await File.WriteAllTextAsync(_rotator.PathOf("rotation.yaml"), MariaDb, TestContext.Current.CancellationToken);

        var rotated = await RotateAsync();

        rotated.ExitCode.Should().Be(0, rotated.Error);
        rotated.Out.Should().Contain("1 accepted");
        File.ReadAllText(Server("shop.internal-3306", "server.log")).Should().Contain("Shutdown complete");
    }

    [Fact]
    public async Task Real_databases_are_for_the_sandbox_alone()
    {
        await File.WriteAllTextAsync(_rotator.PathOf("rotation.yaml"), MariaDb, TestContext.Current.CancellationToken);

        var ended = await _rotator.RunAsync("plan", "--sandbox-database", "real");

        ended.ExitCode.Should().Be(2);
        ended.Error.Should().Contain("--sandbox-database needs --sandbox.");
    }

    [Fact]
    public async Task A_state_with_real_databases_says_so_where_they_are_emulated()
    {
        await File.WriteAllTextAsync(_rotator.PathOf("rotation.yaml"), MariaDb, TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Server("shop.internal-3306", "data"));

        var ended = await _rotator.RunAsync("plan", "--sandbox");

        ended.Error.Should().Contain("go on with --sandbox-database real");
    }

    private string Server(string server, string file) => _rotator.PathOf(Path.Combine(".sandbox", server, file));

    private Task<Ended> RotateAsync(params string[] more) =>
        _rotator.RunAsync(["rotate", "--sandbox", "--sandbox-database", "real", .. more]);
}
