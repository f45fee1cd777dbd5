using SecretRotator.Commands;
using SecretRotator.Hosting;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

/// <summary>Runs command lines in this process, in a directory of their own, with sessions that a test made.</summary>
internal sealed class CommandFixture : IDisposable
{
    private const string Inventory = """
        version: 1
        bitbucket: { workspace: acme, home: acme/secret-rotator }
        vaults:
          prod: { kind: aws-secrets-manager, region: eu-west-1 }
        defaults: { owner: platform@acme.example, rotate-every: 30d }
        secrets:
          - name: payments-db
            vault: prod
            path: prod/payments/db
            value: { kind: hex, bytes: 32 }
            consumer: reads-from-vault
            targets: [ { repository: payments-api, variable: DB_PASSWORD } ]
          - name: grid-api
            vault: prod
            path: prod/grid-api
            value: { kind: hex, bytes: 32 }
            consumer: reads-from-vault
            targets: [ { repository: grid-console, variable: GRID_API_KEY } ]
        """;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rotator-");

    public CommandFixture() => File.WriteAllText(InventoryPath, Inventory);

    public FakeSessionFactory Sessions { get; } = new();

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public TestTerminal Terminal { get; private set; } = new();

    public ImmutableArray<ExitCode> Left { get; private set; } = [];

    public string InventoryPath => PathOf("rotation.yaml");

    public string Out => Terminal.Out;

    public string Error => Terminal.Error;

    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>Declares two receivers and a heartbeat.</summary>
    public void AddReceivers() => File.AppendAllText(InventoryPath, """

        notify:
          - { name: on-call, kind: slack, url: "vault://prod/n#slack", on: [needs-operator, failed] }
          - { name: auditors, kind: webhook, url: "vault://prod/n#url", key: "vault://prod/n#key" }
        heartbeat: vault://prod/n#beat
        """);

    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    public async Task<int> RunAsync(params string[] arguments)
    {
        Terminal = new TestTerminal();
        string[] withInventory = arguments.Length == 0
            || arguments.Any(argument => argument.Contains("--inventory", StringComparison.Ordinal))
                ? arguments
                : [.. arguments, "--inventory", InventoryPath];
        var runner = new CommandRunner(
            Terminal.Terminal, Environment, _directory.FullName, Sessions, new Interruption(code => Left = Left.Add(code)));
        return (int)await runner.RunAsync(withInventory);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
