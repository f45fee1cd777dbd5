using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Tests.Processes;

/// <summary>An SSH key that is a deploy key of one repository and the key pair of another one, rotated in the sandbox.</summary>
public sealed class KeyPairProcessTests : IDisposable
{
    private const string Yaml = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator }
        vaults:
          prod: { kind: aws-secrets-manager, region: eu-west-1 }
        defaults: { owner: team@acme.example, rotate-every: 30d, window: any }
        secrets:
          - name: clone-key
            vault: prod
            path: prod/clone-key
            value: { kind: ssh-key, field: private_key, public-field: public_key }
            backend: { kind: bitbucket-deploy-key, repository: acme/app }
            targets:
              - { repository: deployments, ssh-key-pair: true, field: private_key }
              - { repository: deployments, variable: CLONE_KEY_PUBLIC, field: public_key }

        """;

    private readonly Rotator _rotator = new();

    public KeyPairProcessTests() => File.WriteAllText(_rotator.PathOf("rotation.yaml"), Yaml);

    public void Dispose() => _rotator.Dispose();

    [Fact]
    public async Task A_new_key_is_accepted_and_is_the_key_pair_of_the_pipelines()
    {
        var doctor = await _rotator.RunAsync("doctor", "--sandbox", "--area", "bitbucket");
        var before = await KeyPairAsync();

        var ended = await _rotator.RunAsync("rotate", "--sandbox", "--output", "json");

        ended.ExitCode.Should().Be(0, ended.Error);
        doctor.ExitCode.Should().Be(0, doctor.Out + doctor.Error);
        var secret = JsonDocument.Parse(ended.Out).RootElement.GetProperty("secrets")[0];
        secret.GetProperty("targets")[0].GetRawText().Should().Contain("ssh-key-pair").And.Contain("deployments");
        var after = await KeyPairAsync();
        after.Should().NotBe(before);
        (await DeployKeysAsync()).Should().Equal(PublicKeyOf(before), PublicKeyOf(after));
        (ended.Out + ended.Error).Should().NotContain("PRIVATE KEY");

        (await _rotator.RunAsync("verify", "--sandbox")).ExitCode.Should().Be(0);
        await ChangeAsync(state => RepositoryOf(state).KeyPair[0] = EmulatedKeyPair.Of(before)!);
        var drift = await _rotator.RunAsync("verify", "--sandbox");
        (drift.ExitCode, drift.Out).Should().Match<(int ExitCode, string Out)>(
            found => found.ExitCode == 3 && found.Out.Contains("aren't those that it was delivered to", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failed_rotation_puts_the_old_pair_back()
    {
        var planned = await _rotator.RunAsync("plan", "--sandbox");
        var before = await KeyPairAsync();

        var ended = await _rotator.RunAsync("rotate", "--sandbox", "--fault", "bitbucket.put@deployments:CLONE_KEY_PUBLIC#1=403");

        planned.Out.Should().Contain("clone-key");
        ended.ExitCode.Should().Be(4, ended.Out + ended.Error);
        (await KeyPairAsync()).Should().Be(before);
        (await DeployKeysAsync()).Should().Equal(PublicKeyOf(before));
    }

    [Fact]
    public async Task A_run_that_is_killed_at_the_pair_is_finished_by_the_next_one()
    {
        await _rotator.RunAsync("plan", "--sandbox");
        var before = await KeyPairAsync();
        await _rotator.RunAsync("rotate", "--sandbox", "--fault", "bitbucket.put-key-pair@deployments:ssh-key-pair#1=kill");
        var sent = await KeyPairAsync();

        var resumed = await _rotator.RunAsync("rotate", "--sandbox", "--take-over", "clone-key");

        resumed.ExitCode.Should().Be(0, resumed.Out + resumed.Error);
        sent.Should().NotBe(before).And.Be(await KeyPairAsync());
        (await DeployKeysAsync()).Should().Equal(PublicKeyOf(before), PublicKeyOf(sent));
    }

    private Task<string> KeyPairAsync() => ReadAsync(state => RepositoryOf(state).KeyPair.Single().Value);

    private Task<string[]> DeployKeysAsync() => ReadAsync(
        state => state.Bitbucket.Workspaces["acme"].Repositories["app"].DeployKeys.Select(key => key.Key).ToArray());

    private async Task<T> ReadAsync<T>(Func<SandboxState, T> read)
    {
        using var store = new SandboxStore(new StateFolder(_rotator.PathOf(".sandbox"), TimeProvider.System));
        return await store.ReadAsync(read, TestContext.Current.CancellationToken);
    }

    private async Task ChangeAsync(Action<SandboxState> change)
    {
        using var store = new SandboxStore(new StateFolder(_rotator.PathOf(".sandbox"), TimeProvider.System));
        await store.ChangeAsync(change, TestContext.Current.CancellationToken);
    }

    private static RepositoryState RepositoryOf(SandboxState state) => state.Bitbucket.Workspaces["acme"].Repositories["deployments"];

    private static string PublicKeyOf(string privateKey)
    {
        using var value = SecretValue.FromText(privateKey);
        return SshPublicKey.OfPrivate(value).Text;
    }
}
