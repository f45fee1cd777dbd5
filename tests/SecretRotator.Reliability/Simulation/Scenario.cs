using SecretRotator.Reliability.World;
using SecretRotator.Reliability.World.Vaults;
using SecretRotator.Tests.Models;

namespace SecretRotator.Reliability.Simulation;

/// <summary>How often what happens to requests, in thousandths, and how slow everything is.</summary>
/// <param name="Rates">Thousandths by fate.</param>
/// <param name="Slowest">The longest way of a request, there or back, in milliseconds.</param>
/// <param name="ListingLag">From how many listings a new variable is missing.</param>
/// <param name="DescriptionLag">How far descriptions lag behind, of vaults that lag, in milliseconds.</param>
internal sealed record Weather(ImmutableSortedDictionary<Fate, int> Rates, int Slowest, int ListingLag, int DescriptionLag);

/// <summary>A run on a machine of its own.</summary>
/// <param name="Number">The machine, from 1.</param>
/// <param name="After">When it starts.</param>
/// <param name="Skew">How far its clock is ahead.</param>
/// <param name="IsPipeline">Whether it is a pipeline or a workstation.</param>
/// <param name="Wants">What its operator asks.</param>
internal sealed record Actor(int Number, Duration After, Duration Skew, bool IsPipeline, Wish Wants);

/// <summary>What an operator asks of a run.</summary>
internal enum Wish
{
    /// <summary>Whatever is due.</summary>
    Due,

    /// <summary>One secret by force.</summary>
    Force,

    /// <summary>Whatever is due, and what dead machines hold.</summary>
    TakeOver,

    /// <summary>One secret back to its first version.</summary>
    RollBack,
}

/// <summary>Something that happens once, from outside.</summary>
/// <param name="Kind">What.</param>
/// <param name="After">When.</param>
/// <param name="On">Which machine, secret or service.</param>
/// <param name="For">How long, where it lasts.</param>
internal sealed record Incident(IncidentKind Kind, Duration After, int On, Duration For)
{
    public override string ToString() => $"{Kind} of {On} at {After.TotalSeconds:0.0}s for {For.TotalSeconds:0}s";
}

internal enum IncidentKind
{
    /// <summary>A machine dies.</summary>
    Kill,

    /// <summary>A run is stopped from outside (SIGTERM).</summary>
    Cancel,

    /// <summary>A machine sleeps, and wakes up again.</summary>
    Sleep,

    /// <summary>A colleague writes a target by hand.</summary>
    Edit,

    /// <summary>A colleague deletes a target.</summary>
    Delete,

    /// <summary>A colleague makes a new version in the vault.</summary>
    RotateElsewhere,

    /// <summary>A service answers every request with "too many".</summary>
    Burst,

    /// <summary>A service can't be reached.</summary>
    Outage,

    /// <summary>A service refuses every token, as after its end.</summary>
    TokenEnds,

    /// <summary>Bitbucket creates no variable, and does everything else.</summary>
    NoCreation,

    /// <summary>A person changes a password at the backend, or makes a key there, and tells no vault.</summary>
    ChangeAtBackend,
}

/// <summary>Everything that a seed decides. The same scenario has the same history.</summary>
/// <param name="Seed">Where it comes from.</param>
/// <param name="Inventory">What there is to rotate.</param>
/// <param name="Actors">Who runs.</param>
/// <param name="Incidents">What happens.</param>
/// <param name="Weather">What happens to requests.</param>
internal sealed record Scenario(
    ulong Seed, RotationInventory Inventory, ImmutableArray<Actor> Actors, ImmutableArray<Incident> Incidents, Weather Weather)
{
    public static readonly ImmutableArray<string> Services = ["bitbucket", .. VaultWorlds.All.Select(world => world.Service)];

    private static readonly ImmutableArray<string> KeyPairs = ["payments", "billing"];

    // Everything that is interesting happens while runs overlap: within some minutes, or while someone sleeps.
    private static readonly Duration Stage = Duration.FromMinutes(4);

    /// <summary>Requests that are spared their fate, to find the shortest history that still breaks a promise.</summary>
    public ImmutableHashSet<(int Machine, int Number)> Spared { get; init; } = [];

    /// <summary>Whether all workstations are processes of one host, whose <c>/proc</c> hides them.</summary>
    public bool HasOneHost { get; init; }

    /// <summary>How many things can go wrong in it.</summary>
    public int Size => Actors.Length + Incidents.Length;

    /// <summary>The scenario of a seed.</summary>
    public static Scenario Of(ulong seed)
    {
        var random = new SeededRandom(SeededRandom.Mix(seed, 2026));
        var backends = new SeededRandom(SeededRandom.Mix(seed, 2003));
        var likely = backends.Happens(400) ? 800 : 0;
        var secrets = Enumerable.Range(1, random.Of(1, 1, 1, 2, 2, 3))
            .Select(number => Secret(number, random, backends.Happens(likely) ? backends : null)).ToList();
        var pairs = new SeededRandom(SeededRandom.Mix(seed, 2011));
        secrets = [.. secrets.Select((secret, number) => secret.Backend is null && number < KeyPairs.Length && pairs.Happens(100)
            ? SimulatedInventory.WithKeyPair(secret, KeyPairs[number])
            : secret)];
        var inventory = SimulatedInventory.Of(secrets) with { Freezes = Freezes(random) };
        var actors = Enumerable.Range(1, 2 + random.Below(4)).Select(number => Act(number, random)).ToImmutableArray();
        var incidents = Enumerable.Range(0, random.Below(4)).Select(_ => Happen(random, actors.Length, secrets.Count)).ToImmutableArray();
        var weather = Sky(random);
        // Drawn last, so that whatever else a seed decides is what it was before.
        return new Scenario(
            seed, inventory, actors,
            [
                .. incidents,
                .. random.Happens(200) ? Replacing(random, secrets.Count) : [],
                .. Enumerable.Range(0, secrets.Count).Where(number => secrets[number].Backend is not null && backends.Happens(100))
                    .Select(number => new Incident(
                        IncidentKind.ChangeAtBackend, Duration.FromMilliseconds(backends.Below((int)Stage.TotalMilliseconds)), number,
                        Duration.Zero)),
            ],
            weather)
        {
            HasOneHost = new SeededRandom(SeededRandom.Mix(seed, 1009)).Happens(250),
        };
    }

    // Variables are deleted and created anew where one delivery follows another one at once. That is when a creation that fails hurts.
    private static IEnumerable<Incident> Replacing(SeededRandom random, int secrets)
    {
        var at = random.Below((int)Stage.TotalMilliseconds);
        yield return new Incident(IncidentKind.RotateElsewhere, Duration.FromMilliseconds(at), random.Below(secrets), Duration.Zero);
        yield return new Incident(
            IncidentKind.NoCreation, Duration.FromMilliseconds(at + random.Below(60_000)), 0, Duration.FromSeconds(1 + random.Below(200)));
    }

    private static ManagedSecret Secret(int number, SeededRandom random, SeededRandom? backends)
    {
        var targets = random.Of(1, 2, 2, 3, 4);
        var secret = SimulatedInventory.Secret(
            $"s{number}", VaultWorlds.All[random.Below(VaultWorlds.All.Length)].Name, targets, created: random.Happens(200) ? 1 : 0,
            json: random.Happens(300) || backends is not null, from: random.Below(SimulatedInventory.Scopes.Length));
        return backends is null ? secret : SimulatedInventory.Accepted(secret, backends.Of(
            ModelBackendDefinition.TwoUsers, ModelBackendDefinition.OneUser, ModelBackendDefinition.TwoKeys,
            ModelBackendDefinition.NamedKeys));
    }

    private static ImmutableArray<Freeze> Freezes(SeededRandom random)
    {
        if (!random.Happens(80))
            return [];
        var from = (VirtualTime.Start + Duration.FromSeconds(random.Below(120))).InUtc().LocalDateTime;
        return [new Freeze(from, from.PlusHours(4), DateTimeZone.Utc, "a freeze that begins half-way")];
    }

    private static Actor Act(int number, SeededRandom random) => new(
        number,
        random.Happens(300) ? Duration.Zero : Duration.FromMilliseconds(random.Below((int)Stage.TotalMilliseconds)),
        Duration.FromSeconds(random.Below(240) - 120),
        random.Happens(650),
        random.Of(Wish.Due, Wish.Due, Wish.Due, Wish.Due, Wish.Force, Wish.TakeOver, Wish.RollBack));

    private static Incident Happen(SeededRandom random, int machines, int secrets)
    {
        var kind = random.Of(
            [.. Enum.GetValues<IncidentKind>().Where(kind => kind is not (IncidentKind.NoCreation or IncidentKind.ChangeAtBackend))]);
        var on = kind switch
        {
            IncidentKind.Kill or IncidentKind.Cancel or IncidentKind.Sleep => 1 + random.Below(machines),
            IncidentKind.Edit or IncidentKind.Delete or IncidentKind.RotateElsewhere => random.Below(secrets),
            _ => random.Below(Services.Length),
        };
        var lasts = kind == IncidentKind.Sleep
            ? random.Of(
                Duration.FromSeconds(40), Duration.FromMinutes(12), Duration.FromMinutes(119), Duration.FromMinutes(150),
                Duration.FromHours(5))
            : Duration.FromSeconds(1 + random.Below(200));
        return new Incident(kind, Duration.FromMilliseconds(random.Below((int)Stage.TotalMilliseconds)), on, lasts);
    }

    private static Weather Sky(SeededRandom random)
    {
        var rates = ImmutableSortedDictionary.CreateBuilder<Fate, int>();
        foreach (var fate in Enum.GetValues<Fate>())
        {
            if (fate != Fate.Works && random.Happens(350))
                rates[fate] = fate is Fate.DiesBefore or Fate.DiesAfter ? 1 + random.Below(15) : 1 + random.Below(random.Of(20, 60, 150));
        }

        return new Weather(rates.ToImmutable(), random.Of(30, 300, 3000, 20_000), random.Of(0, 0, 0, 1, 2), random.Of(0, 0, 0, 900, 6_000));
    }
}
