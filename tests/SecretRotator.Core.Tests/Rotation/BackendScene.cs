using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>A secret whose value a backend accepts, delivered long ago, and what must hold of it at every instant.</summary>
internal sealed class BackendScene
{
    private readonly bool _overlaps;

    public BackendScene(BackendFamily family, bool overlaps = true, bool tellsLastUse = false, Duration lag = default)
    {
        _overlaps = overlaps;
        Secret = Inventories.Secret(
            "db",
            family == BackendFamily.Issue
                ? new ValuePolicy.Issued()
                : new ValuePolicy.Json([new GeneratedField("password", new ValueGenerator.Hex(20, null))]),
            new VariableTarget(Inventories.Payments, "DB", "password", MayCreate: false),
            new VariableTarget(Inventories.Workspace, "DB_USER", "user", MayCreate: false)) with
        {
            Backend = new ModelBackendDefinition(family, overlaps) { TellsLastUse = tellsLastUse, Lag = lag },
            Grace = overlaps ? new GracePolicy.Lasting(Duration.FromHours(1)) : null,
        };
        Cloud.Deliver(Secret, ModelBackend.Content("a", "old"), Duration.FromDays(40));
        Cloud.Backends["db"] = Kept;
        Kept.Slots["a"] = new ModelCredential { Value = "old" };
        if (family == BackendFamily.Set && overlaps)
            Kept.Slots["b"] = new ModelCredential { Value = "older", Enabled = false };
        Machine = new ModelMachine(Cloud);
    }

    public ModelCloud Cloud { get; } = new();

    public ModelCredentials Kept { get; } = new();

    public ManagedSecret Secret { get; }

    public ModelMachine Machine { get; set; }

    public ModelSecret Vault => Cloud.Secrets[Secret.Path];

    public BackendFamily Family => Secret.Backend!.Traits.Family;

    public async Task<RotationOutcome> RunAsync(PlanRequest? request = null) =>
        (await Machine.RotateAsync(Inventories.Of(Secret), request)).Results.Single().Outcome;

    public async Task<RotationOutcome> RollBackAsync(string version) => (await new RotationJob(Machine.Tools).RollbackAsync(
        Inventories.Of(Secret), new RollbackRequest("db", version, "test", "the new one is refused"),
        Machine.Cancellation.Token)).Results.Single().Outcome;

    public static PlanRequest Force => PlanRequest.Everything with
    {
        Only = ["db"],
        Force = ["db"],
        ForcedBy = "test",
        ForceReason = "leaked",
    };

    /// <summary>What breaks a promise right now, or null.</summary>
    public string? FindBroken()
    {
        if (_overlaps && !Kept.Accepts(Vault.CurrentContent))
            return "the vault's current credential is refused";
        var (user, password) = (Cloud.Find(Secret.Targets[1])?.Value, Cloud.Find(Secret.Targets[0])?.Value);
        // Between two PUTs a pipeline may see parts of two versions; each part must be one that is accepted with its own other half.
        if (_overlaps && user is not null && !Vault.Versions.Values.Any(v => v.Content.Contains($"\"{user}\"") && Kept.Accepts(v.Content)))
            return "a target holds a credential that is refused";
        if (_overlaps && password is not null
            && !Vault.Versions.Values.Any(v => v.Content.Contains($"\"{password}\"") && Kept.Accepts(v.Content)))
            return "a target holds a value that is refused";
        return null;
    }

    /// <summary>Credentials that are accepted, and that neither the current version names nor one in grace.</summary>
    public IEnumerable<string> Orphans()
    {
        var named = new[] { Vault.Current, Vault.Describe().Grace?.Version.Value }.OfType<string>()
            .Select(version => Vault.Versions[version].Content).ToList();
        return Kept.Slots.Where(slot => slot.Value.Enabled && !named.Exists(content => content.Contains($"\"{slot.Key}\"")))
            .Select(slot => slot.Key);
    }
}
