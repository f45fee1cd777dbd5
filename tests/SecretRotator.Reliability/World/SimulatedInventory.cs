using SecretRotator.Reliability.World.Vaults;

namespace SecretRotator.Reliability.World;

/// <summary>Builds inventories from the building blocks that matter to a rotation.</summary>
internal static class SimulatedInventory
{
    private static readonly ValueGenerator Generator = new ValueGenerator.Base64Url(32, null);

    /// <summary>The scopes that targets are spread over.</summary>
    public static ImmutableArray<VariableScope> Scopes { get; } =
    [
        new VariableScope.Repository("acme", "payments"),
        new VariableScope.Environment("acme", "payments", "production"),
        new VariableScope.Workspace("acme"),
        new VariableScope.Repository("acme", "billing"),
        new VariableScope.Environment("acme", "billing", "staging"),
    ];

    /// <summary>An inventory whose limits never stand in the way.</summary>
    public static RotationInventory Of(IEnumerable<ManagedSecret> secrets) => new(
        "acme",
        new VariableScope.Repository("acme", "secret-rotator"),
        VaultWorlds.All.ToImmutableSortedDictionary(world => world.Name, world => world.Definition),
        RunLimits.Default with { ShareOfInventory = 1m, FailuresBeforeStop = 100, BitbucketCallsPerHour = 10_000 },
        [],
        [.. secrets]);

    /// <summary>A secret whose value a backend accepts.</summary>
    /// <param name="secret">A JSON secret.</param>
    /// <param name="backend">The backend.</param>
    public static ManagedSecret Accepted(ManagedSecret secret, ModelBackendDefinition backend) => secret with
    {
        Backend = backend,
        Value = backend.Family == BackendFamily.Issue ? new ValuePolicy.Issued() : secret.Value,
        Grace = backend.Traits.Overlaps ? new GracePolicy.Lasting(Duration.FromHours(1)) : null,
    };

    /// <summary>A secret whose first target is the SSH key pair of a repository.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="slug">The repository.</param>
    public static ManagedSecret WithKeyPair(ManagedSecret secret, string slug) => secret with
    {
        Value = new ValuePolicy.Json(
            [new GeneratedField("password", new ValueGenerator.SshKey(SshKeyAlgorithm.Ed25519, 0, "public", ""))]),
        Targets =
        [
            new VariableTarget(
                new VariableScope.SshKeyPair("acme", slug), VariableScope.SshKeyPair.Key, "password", secret.Targets[0].MayCreate),
            .. secret.Targets[1..].Select(target => target with { Field = "password", Encoding = TargetEncoding.Base64 }),
        ],
    };

    /// <summary>A secret with one target in each of the first scopes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="vault">Its vault.</param>
    /// <param name="targets">How many targets it has, at most five.</param>
    /// <param name="created">How many of them, the last ones, the tool is to create.</param>
    /// <param name="json">Whether it is a JSON object whose targets carry a field.</param>
    /// <param name="from">The first scope's number.</param>
    public static ManagedSecret Secret(string name, string vault, int targets, int created = 0, bool json = false, int from = 0)
    {
        var variable = name.Replace('-', '_').ToUpperInvariant();
        ValuePolicy policy = json
            ? new ValuePolicy.Json([new GeneratedField("password", Generator)])
            : new ValuePolicy.Plain(Generator);
        return new ManagedSecret(
            name, vault, "path-" + name, policy, "owner@acme.example", Period.FromDays(30), null,
            [.. Enumerable.Range(0, targets)
                .Select(i => new VariableTarget(
                    Scopes[(from + i) % Scopes.Length], variable, json ? "password" : null, i >= targets - created)
            {
                // Every other target of a JSON secret carries its field in base64.
                Encoding = json && i % 2 == 1 ? TargetEncoding.Base64 : TargetEncoding.None,
            })],
            1);
    }
}
