using SecretRotator.Planning;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>
/// Seeds a sandbox from an inventory: every secret exists with an old value that was delivered once and is due since, and every
/// target holds it.
/// </summary>
/// <remarks>
/// It only adds, and each thing once: what a run changed or deleted since stays as it is, and an inventory
/// that has grown finds its new secrets and targets.
/// </remarks>
/// <param name="State">The state to fill.</param>
/// <param name="Inventory">What must exist.</param>
/// <param name="Now">The sandbox's time.</param>
/// <param name="Random">Where values and ids come from.</param>
/// <param name="Conditions">What is wrong all the time.</param>
internal sealed record SandboxSeed(
    SandboxState State, RotationInventory Inventory, Instant Now, IRandomSource Random, ImmutableHashSet<Condition> Conditions)
{
    private readonly Dictionary<string, ISeededVault> _vaults = new(StringComparer.Ordinal);

    /// <summary>Makes values.</summary>
    public SeedValues Values { get; } = new(Random);

    /// <summary>Whether anything was changed so far.</summary>
    public bool Changed { get; set; }

    /// <summary>Adds what is missing, and answers whether anything was changed.</summary>
    public bool Apply()
    {
        foreach (var provider in EmulatedProviders.All)
            provider.Seed(this);
        foreach (var secret in Inventory.Secrets)
            Add(secret);
        new BitbucketSeed(this).AddCredential();
        return Changed;
    }

    /// <summary>Whether a thing is seeded for the first time.</summary>
    public bool Once(string thing)
    {
        var first = State.Seeded.Add(thing);
        Changed |= first;
        return first;
    }

    /// <summary>A vault of the inventory.</summary>
    /// <param name="name">The name that the inventory gives it.</param>
    public ISeededVault Vault(string name)
    {
        if (!_vaults.TryGetValue(name, out var vault))
            _vaults[name] = vault =
                EmulatedProviders.All.Select(provider => provider.Vault(Inventory.Vaults[name], this)).OfType<ISeededVault>().First();
        return vault;
    }

    /// <summary>The account that changes those of a server, from the secret that the inventory refers to: made where it isn't there, and
    /// perhaps of several servers.</summary>
    public (string User, string Password) Administrator(VaultReference reference)
    {
        var vault = Vault(reference.Vault);
        if (vault.Find(reference.Path) is not { } content)
        {
            content = SeededContent.With("{}", ("username", "secret_rotator"), ("password", Values.Text(40)));
            if (reference.Field is { } inner)
                content = SeededContent.With("{}", (inner, content));
            vault.Create(reference.Path, new SeededSecret(content, Now, "Changes the accounts of a server"));
        }

        var kept = JsonNode.Parse(content)!;
        if (reference.Field is { } field)
            kept = JsonNode.Parse((string)kept[field]!)!;
        return ((string)kept["username"]!, (string)kept["password"]!);
    }

    private void Add(ManagedSecret secret)
    {
        var (vault, bitbucket, since) = (Vault(secret.Vault), new BitbucketSeed(this), OverdueSince(secret));
        VersionId? made = Once($"secret {secret.Vault}:{secret.Path}") && vault.Find(secret.Path) is null
            ? vault.Create(secret.Path, new SeededSecret(Accepted(secret, Values.Content(secret)), since, $"Seeded for {secret.Name}")
            {
                Owner = secret.Owner,
                RotationFunction = secret.Value is ValuePolicy.VaultManaged ? $"rotate-{secret.Name}" : null,
            })
            : null;
        foreach (var target in secret.Targets)
        {
            if (!Once($"variable {target.Scope.WorkspaceSlug}/{target}".ToUpperInvariant()) || target.MayCreate)
                continue;
            var carried = vault.Find(secret.Path) is { } content ? SeedValues.Carried(content, target) : null;
            bitbucket.Add(target.Scope, target.Variable, carried ?? Values.Text(40), secured: true);
        }

        if (made is not { } version)
            return;
        var scopes = secret.Targets.Select(target => target.Scope).Distinct().ToImmutableDictionary(scope => scope, bitbucket.Observe);
        var mark = new DeliveryMark(
            version,
            since,
            since + Duration.FromMinutes(1),
            TargetsDigest.Of(secret, scopes),
            VerificationLevel.Listed,
            new RotationId(Random.Uuid()));
        vault.MarkDelivered(secret.Path, mark.Format());
    }

    private string Accepted(ManagedSecret secret, string content) => secret.Backend is null
        ? content
        : EmulatedProviders.All.Select(provider => provider.SeedBackend(secret, content, this)).FirstOrDefault(made => made is not null)
            ?? content;

    // Four days over its time: due, and not so old that a report would think it forgotten.
    private Instant OverdueSince(ManagedSecret secret)
    {
        var since = ((Now - Duration.FromDays(4)).InUtc().LocalDateTime - secret.RotateEvery).InUtc().ToInstant();
        return Instant.FromUnixTimeSeconds(since.ToUnixTimeSeconds());
    }
}
