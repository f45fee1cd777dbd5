namespace SecretRotator.Planning;

/// <summary>What a run would do, and why.</summary>
/// <param name="PlannedAt">The time that the plan was made for.</param>
/// <param name="Digest">Changes exactly when something that the plan rests on changes: 64 hexadecimal digits (SHA-256).</param>
/// <param name="Items">One for every secret that the request covers, in the order of the inventory.</param>
/// <param name="ObservationCost">What it cost to observe.</param>
public sealed record RotationPlan(Instant PlannedAt, string Digest, ImmutableArray<PlanItem> Items, CallCost ObservationCost)
{
    /// <summary>What acting on the plan costs, with its verification listings, without the observation.</summary>
    public required CallCost ActionCost { get; init; }

    /// <summary>How many Bitbucket calls a run may make in any 60 minutes: the inventory's limit, or its shard's part of it.</summary>
    public required int CallsPerHour { get; init; }

    /// <summary>What waits for later runs; null where nothing does.</summary>
    public Backlog? Backlog { get; init; }

    /// <summary>What the plan rests on, part by part; made when it is asked for.</summary>
    public PlanParts Parts => MakeParts();

    internal Func<PlanParts> MakeParts { get; init; } = static () => new PlanParts(
        System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty);
}

/// <summary>One secret of a plan.</summary>
/// <param name="Secret">The secret.</param>
/// <param name="Decision">What is to be done with it.</param>
/// <param name="Cost">What that costs, without listings, which the secrets of a run share. Nothing where nothing is done.</param>
/// <param name="Warnings">What a person should know though it stops nothing, such as a target that is shadowed by another scope.</param>
public sealed record PlanItem(ManagedSecret Secret, Decision Decision, CallCost Cost, ImmutableArray<string> Warnings)
{
    /// <summary>When the value that the vault gives its readers was created, or null where that can't be determined.</summary>
    public Instant? ValueSince { get; init; }

    /// <summary>What runs where it may be in use, and which old version is valid still; null for a secret that asks for neither.</summary>
    public JobsInFlight? InFlight { get; init; }

    /// <summary>The older version that a rollback brings back; null for every other decision.</summary>
    public VersionId? Restores { get; init; }

    /// <summary>Until when it gets no new value, and why; null where nothing holds it.</summary>
    public Hold? Hold { get; init; }
}

/// <summary>A number of calls.</summary>
/// <param name="Bitbucket">Calls of Bitbucket's API, which are limited by the hour.</param>
/// <param name="Vault">Calls of vaults.</param>
public readonly record struct CallCost(int Bitbucket, int Vault)
{
    /// <summary>The sum of two costs.</summary>
    public static CallCost operator +(CallCost a, CallCost b) =>
        new(a.Bitbucket + b.Bitbucket, a.Vault + b.Vault) { Backend = a.Backend + b.Backend };

    /// <summary>Calls to the systems that accept the values: looks, logins and changes, one each; logins that are repeated because answers
    /// lag aren't counted.</summary>
    public int Backend { get; init; }
}

/// <summary>What the operator asks of a plan.</summary>
public sealed record PlanRequest
{
    /// <summary>Everything in the inventory, nothing forced.</summary>
    public static PlanRequest Everything { get; } = new();

    /// <summary>Only these secrets, by name; empty means all.</summary>
    public ImmutableSortedSet<string> Only { get; init; } = [];

    /// <summary>Rotate these now, by name.</summary>
    public ImmutableSortedSet<string> Force { get; init; } = [];

    /// <summary>Why they are forced; not empty where <see cref="Force"/> names any.</summary>
    public string ForceReason { get; init; } = "";

    /// <summary>Who forces them.</summary>
    public string ForcedBy { get; init; } = "";

    /// <summary>Whether secrets that were never delivered may be adopted.</summary>
    public bool Adopt { get; init; }

    /// <summary>Secrets whose claim's holder the operator declares dead, by name.</summary>
    public ImmutableSortedSet<string> TakeOver { get; init; } = [];

    /// <summary>Which part of the inventory, from 1, of how many parts; null means all of it. Secrets whose first repository by name is the
    /// same are in the same part.</summary>
    public (int Index, int Count)? Shard { get; init; }

    /// <summary>Until when a run goes on with what waits for the next run; null for one that ends after what it starts at once.</summary>
    public Instant? Until { get; init; }
}

/// <summary>What the operator asks of a rollback.</summary>
/// <param name="Secret">The secret's name, which the inventory has.</param>
/// <param name="To">The version whose value is wanted: its id, the beginning of it that is unique, or <c>previous</c>.</param>
/// <param name="By">Who wants it.</param>
/// <param name="Reason">Why.</param>
public sealed record RollbackRequest(string Secret, string To, string By, string Reason)
{
    /// <summary>How long no run gives the secret a new value; null for until its window opens the next time
    /// (<see cref="Planning.Hold.UsualLength"/> without one).</summary>
    public Duration? Hold { get; init; }
}
