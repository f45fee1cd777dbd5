using System.Text.Json.Nodes;
using SecretRotator.Reliability.World.Vaults;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Tests.Models;

namespace SecretRotator.Reliability.World;

/// <summary>
/// All kinds of vaults and Bitbucket as the sandbox knows them, in memory, and a hand that reaches past all machines. What
/// stands here survives every process.
/// </summary>
internal sealed class Cloud
{
    private static readonly Duration Age = Duration.FromDays(40);

    private readonly BitbucketEmulator _bitbucket;
    private readonly ImmutableDictionary<string, IEmulator> _vaults;
    private readonly Dictionary<string, CredentialStore> _credentials = new(StringComparer.Ordinal);
    private readonly int _foreignIds;
    private int _made;

    /// <summary>Furnishes a cloud: every secret has one old value, delivered once, and is due.</summary>
    /// <param name="seed">Makes ids and values.</param>
    /// <param name="inventory">What there is.</param>
    /// <param name="nature">What becomes of requests.</param>
    /// <param name="bugs">The bugs that are planted in the product.</param>
    /// <param name="foreignIds">How many of the versions that others make on AWS have an id that isn't a UUID, in thousandths.</param>
    public Cloud(ulong seed, RotationInventory inventory, INature nature, PlantedBugs? bugs = null, int foreignIds = 0)
    {
        Seed = seed;
        _foreignIds = foreignIds;
        Bugs = bugs ?? PlantedBugs.None;
        Inventory = inventory = inventory with { Secrets = [.. inventory.Secrets.Select(Bugs.Of)] };
        Random = new SeededRandom(SeededRandom.Mix(seed, 5));
        Promises = new Promises(this);
        Wire = new Wire(Time, nature, Promises);
        _bitbucket = new BitbucketEmulator(Random);
        _vaults = VaultWorlds.All.SelectMany(world => world.Open(this, Random))
            .ToImmutableDictionary(StringComparer.OrdinalIgnoreCase);
        BitbucketAuthentication.Seed(State.Bitbucket);
        Scopes().ToList().ForEach(scope => Furnish(scope));
        foreach (var secret in inventory.Secrets)
            Deliver(secret);
        Promises.Begin();
    }

    public ulong Seed { get; }

    /// <summary>Makes ids and values.</summary>
    public SeededRandom Random { get; }

    public VirtualTime Time { get; } = new();

    public SandboxState State { get; } = new();

    public RotationInventory Inventory { get; }

    public Wire Wire { get; }

    public Promises Promises { get; }

    public PlantedBugs Bugs { get; }

    public List<Machine> Machines { get; } = [];

    /// <summary>The host of all workstations, or null where each is a host of its own.</summary>
    public HidingHost? Host { get; set; }

    /// <summary>How far descriptions of Secrets Manager lag behind what was written.</summary>
    public Duration DescriptionLag { get; set; }

    public PastDescriptions Descriptions { get; } = new();

    /// <summary>The targets that a colleague deleted. Whatever else is missing, the tool has to create again.</summary>
    public HashSet<VariableTarget> DeletedByHand { get; } = [];

    public DateTimeOffset Now => Time.Now.ToDateTimeOffset();

    public SandboxClock Clock => new(Now, Now);

    /// <summary>The pipelines of the tool's own repository.</summary>
    public List<PipelineState> Pipelines => Repository(Inventory.Home.Slug).Pipelines;

    public IEmulator StandInAt(Uri address) => _vaults.TryGetValue(address.Host, out var vault) ? vault : _bitbucket;

    /// <summary>The variables of a scope.</summary>
    public List<VariableState> Variables(VariableScope scope) => scope switch
    {
        VariableScope.Repository repository => Repository(repository.Slug).Variables,
        VariableScope.Environment environment =>
            Repository(environment.Slug).Environments
                .Single(e => string.Equals(e.Name, environment.Name, StringComparison.OrdinalIgnoreCase)).Variables,
        VariableScope.SshKeyPair pair => Repository(pair.Slug).KeyPair,
        _ => State.Bitbucket.Workspaces[Inventory.Workspace].Variables,
    };

    /// <summary>The variable of a target, or null.</summary>
    public VariableState? Find(VariableTarget target) =>
        Variables(target.Scope).Find(v => string.Equals(v.Key, target.Variable, StringComparison.OrdinalIgnoreCase));

    /// <summary>The secret's versions, as far as all kinds of vaults have them in common.</summary>
    public Shelf Shelf(ManagedSecret secret) => VaultWorlds.Of(secret).ShelfOf(this, secret);

    /// <summary>What the secret's backend keeps, or null where it has none.</summary>
    public CredentialStore? Credentials(ManagedSecret secret) => _credentials.GetValueOrDefault(secret.Name);

    /// <summary>Has a backend make a credential.</summary>
    /// <param name="store">What it keeps.</param>
    /// <param name="by">The rotation that asks; null for a person.</param>
    /// <returns>The content, or null where there are as many as it takes.</returns>
    public string? Issue(CredentialStore store, RotationId? by) => store.Issue($"key-{++_made:d4}", NewValue(), by);

    /// <summary>Changes the password in use by hand, or makes a key where there is room, and tells no vault.</summary>
    public void ChangeAtBackend(ManagedSecret secret)
    {
        var store = _credentials[secret.Name];
        Promises.Interfered(secret);
        var made = store.Issues
            ? Issue(store, by: null)
            : CredentialStore.Content(store.UserOf(Shelf(secret).CurrentContent), NewValue());
        if (made is null)
            return;
        if (!store.Issues)
            store.Set(made);
        store.ByHand.Add(store.UserOf(made));
    }

    /// <summary>Takes back what people did at a backend: their keys go, and a current credential that is refused works again.</summary>
    public void UndoByHand(ManagedSecret secret)
    {
        var (store, current) = (_credentials[secret.Name], Shelf(secret).CurrentContent);
        foreach (var user in store.ByHand.Where(user => user != store.UserOf(current)).ToList())
        {
            if (store.Issues)
                store.Delete(user);
        }

        if (!store.Issues && !store.Accepts(current))
        {
            store.Set(current);
            store.ByHand.Add(store.UserOf(current));
        }
    }

    /// <summary>Deletes what a run named, as its operator does: a credential that isn't in use.</summary>
    /// <returns>Whether there was one.</returns>
    public bool DeleteNamed(ManagedSecret secret, Machine run)
    {
        if (Credentials(secret) is not { Issues: true } store)
            return false;
        var inUse = store.UserOf(Shelf(secret).CurrentContent);
        var strangers = store.All.Where(user => user != inUse && Promises.IsNamedBy(run, user)).ToList();
        strangers.ForEach(store.Delete);
        return strangers.Count > 0;
    }

    /// <summary>Whether every target is secured and holds its part of the current version.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="delivered">Whether targets that the tool may create must be there: after an undo they needn't.</param>
    public bool Agrees(ManagedSecret secret, bool delivered)
    {
        var current = Shelf(secret).CurrentContent;
        return secret.Targets.All(target => Find(target) is { } variable
            ? variable.Secured && variable.Value == Part(target, current)
            : target.MayCreate && !delivered);
    }

    /// <summary>What a target gets of a content.</summary>
    public static string? Part(VariableTarget target, string content)
    {
        if (target.Field is null)
            return content;
        using var whole = SecretValue.FromText(content);
        try
        {
            using var part = TargetValue.Of(target, whole);
            return part.RevealText();
        }
        catch (SecretContentException)
        {
            return null;
        }
    }

    /// <summary>Makes a new current version, as a colleague in the vault's own console would.</summary>
    public void RotateElsewhere(ManagedSecret secret)
    {
        var content = secret.Backend is null ? NewContent(secret) : NewCredential(secret);
        Promises.Interfered(secret);
        VaultWorlds.Of(secret).Rotate(this, secret, content);
    }

    /// <summary>Notes that someone let a version go: what targets hold of it isn't for the tool to keep.</summary>
    public void LetGo(ManagedSecret secret, string content) =>
        secret.Targets.Select(target => Part(target, content)).OfType<string>().ToList().ForEach(part => Promises.Known(part));

    /// <summary>Writes a target by hand, as a colleague in Bitbucket's settings would.</summary>
    public void EditByHand(ManagedSecret secret, VariableTarget target)
    {
        Promises.Interfered(secret);
        if (Find(target) is not null)
            PutByHand(target);
    }

    /// <summary>Deletes a target, as a colleague would.</summary>
    public void DeleteByHand(ManagedSecret secret, VariableTarget target)
    {
        Promises.Interfered(secret);
        DeletedByHand.Add(target);
        Variables(target.Scope).RemoveAll(v => string.Equals(v.Key, target.Variable, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Creates a target anew where it is missing, as a colleague would who fixes what <c>verify</c> names.</summary>
    public void CreateByHand(VariableTarget target)
    {
        if (Find(target) is null)
            Variables(target.Scope).Add(Variable(target, Promises.Known(ByHand(target))));
    }

    private void PutByHand(VariableTarget target)
    {
        var (variable, made) = (Find(target)!, Promises.Known(ByHand(target)));
        (variable.Value, variable.Uuid) = (made, target.Scope is VariableScope.SshKeyPair ? Variable(target, made).Uuid : variable.Uuid);
    }

    private string ByHand(VariableTarget target) =>
        target.Scope is VariableScope.SshKeyPair ? Part(target, NewKeyPair())! : $"by-hand-{++_made}";

    private VariableState Variable(VariableTarget target, string value) => target.Scope is VariableScope.SshKeyPair
        ? EmulatedKeyPair.Of(value)!
        : new() { Uuid = $"{{{NewUuid()}}}", Key = target.Variable, Value = value, Secured = true };

    /// <summary>Lets every listing show what there is.</summary>
    public void SettleListings()
    {
        State.Bitbucket.ListingLag = 0;
        foreach (var variable in Scopes().SelectMany(Variables))
            variable.HiddenListings = 0;
    }

    /// <summary>Forgets that a secret was ever delivered.</summary>
    public void Disown(ManagedSecret secret)
    {
        VaultWorlds.Of(secret).Disown(this, secret);
        foreach (var target in secret.Targets)
        {
            if (Find(target) is not null)
                PutByHand(target);
        }
    }

    private RepositoryState Repository(string slug) => State.Bitbucket.Workspaces[Inventory.Workspace].Repositories[slug];

    private IEnumerable<VariableScope> Scopes() =>
        Inventory.Secrets.SelectMany(s => s.Targets).Select(t => t.Scope).Append(Inventory.Home).Distinct();

    private void Furnish(VariableScope scope)
    {
        var workspaces = State.Bitbucket.Workspaces;
        workspaces.TryAdd(Inventory.Workspace, new WorkspaceState());
        if (scope.InRepository()?.Slug is not { } slug)
            return;
        var repositories = workspaces[Inventory.Workspace].Repositories;
        repositories.TryAdd(slug, new RepositoryState());
        if (scope is VariableScope.Environment environment)
            repositories[slug].Environments.Add(new EnvironmentState { Uuid = $"{{{NewUuid()}}}", Name = environment.Name });
    }

    private void Deliver(ManagedSecret secret)
    {
        if (secret.Backend is ModelBackendDefinition backend)
            _credentials[secret.Name] = new CredentialStore(backend, Time);
        var content = Credentials(secret)?.Begin("a", NewValue()) ?? NewContent(secret);
        var since = Time.Now - Age;
        foreach (var target in secret.Targets.Where(t => !t.MayCreate))
            Variables(target.Scope).Add(Variable(target, Part(target, content)!));
        var digest = TargetsDigest.Of(
            secret,
            secret.Targets.Select(t => t.Scope).Distinct().ToDictionary(s => s, ScopeObservation (s) => new ScopeObservation.Listed(
                [.. Variables(s).Select(v => new Bitbucket.ObservedVariable(v.Uuid.Trim('{', '}'), v.Key, v.Secured))])));

        VaultWorlds.Of(secret).Add(
            this, secret, content, since,
            version => new DeliveryMark(version, since, since, digest, VerificationLevel.Listed, new(NewUuid())).Format());
    }

    // As a careful colleague does it: the idle slot gets a value, and the one in use stays. Where there is no room, only another version
    // is written, with the same credential.
    private string NewCredential(ManagedSecret secret)
    {
        var (store, current) = (_credentials[secret.Name], Shelf(secret).CurrentContent);
        string? made;
        if (store.Issues)
        {
            made = Issue(store, by: null);
        }
        else
        {
            var user = store.UserOf(current);
            made = CredentialStore.Content(!store.Overlaps ? user : user == "a" ? "b" : "a", NewValue());
            store.Set(made);
        }

        if (made is null)
            return current + " ";
        store.ByHand.Add(store.UserOf(made));
        return made;
    }

    private string NewValue() => $"worthless-{++_made:d4}-{Random.Next():x16}";

    private string NewKeyPair()
    {
        using var pair = SshKeyPair.Generate(new(SshKeyAlgorithm.Ed25519, 0, "public", ""), Random);
        return new JsonObject { ["password"] = pair.Private.RevealText(), ["public"] = pair.Public.RevealText() }.ToJsonString();
    }

    private string NewContent(ManagedSecret secret)
    {
        if (secret.Targets.Any(target => target.Scope is VariableScope.SshKeyPair))
            return NewKeyPair();
        var value = NewValue();
        return secret.Value is ValuePolicy.Json ? $$"""{"user":"app","password":"{{value}}"}""" : value;
    }

    /// <summary>Whether the next version that someone else makes has an id of another form.</summary>
    public bool HasForeignId() => Random.Happens(_foreignIds);

    public string NewUuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.Fill(bytes);
        return new Guid(bytes).ToString("D");
    }
}
