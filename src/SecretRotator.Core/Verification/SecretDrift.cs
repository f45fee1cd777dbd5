using SecretRotator.Bitbucket;

namespace SecretRotator.Verification;

/// <summary>The differences of one secret: first what its vault says, then target by target.</summary>
/// <param name="secret">The secret.</param>
/// <param name="limits">The inventory's limits.</param>
/// <param name="observation">What was observed.</param>
/// <param name="unseen">The scopes of the inventory that were not listed.</param>
/// <param name="hiding">The variables of those that were.</param>
/// <param name="unmanaged">The variables that no target of the inventory names.</param>
/// <param name="now">The time.</param>
internal sealed class SecretDrift(
    ManagedSecret secret,
    RunLimits limits,
    Observation observation,
    NarrowerScopes unseen,
    HidingVariables hiding,
    ILookup<VariableScope, ObservedVariable> unmanaged,
    Instant now)
{
    private readonly ImmutableArray<VariableTarget> _deleted =
        observation.DescriptionOf(secret)?.Delivering?.Missing(secret, observation.Scopes) ?? [];

    /// <summary>The variables that missing targets were delivered to, under the keys that they have now.</summary>
    public ImmutableDictionary<VariableTarget, ObservedVariable> Renamed { get; } =
        observation.DescriptionOf(secret)?.Delivered is { } delivered
            ? RenamedTargets.Find(secret, delivered, observation.Scopes, unmanaged)
            : ImmutableDictionary<VariableTarget, ObservedVariable>.Empty;

    /// <summary>All differences.</summary>
    public IEnumerable<DriftFinding> Findings => [.. OfVault(), .. secret.Targets.SelectMany(OfTarget)];

    private string Redeliver => $"Deliver the current value: secret-rotator rotate --only {secret.Name}";

    private IEnumerable<DriftFinding> OfVault() => observation.Secrets.GetValueOrDefault(secret.Name) switch
    {
        SecretObservation.Described described =>
        [
            .. Foreign(described.Description.Foreign),
            .. Unfinished(described.Description.Open, described.HolderState),
            .. CutShort(described.Description.Delivering),
            .. Delivery(described.Description),
        ],
        SecretObservation.Undescribed failed => [Unknown(null, failed.Failure)],
        _ => [Unknown(null, NotObserved("It was not observed."))],
    };

    private IEnumerable<DriftFinding> Foreign(ForeignRotation foreign)
    {
        var isVaultManaged = secret.Value is ValuePolicy.VaultManaged;
        return foreign switch
        {
            ForeignRotation.ByService by =>
                [Found(DriftKind.Foreign, $"{by.Service} owns and rotates it.", "Take it out of the inventory.")],
            ForeignRotation.Pending pending =>
            [
                Found(DriftKind.Foreign,
                    $"Someone else's rotation is open (version {pending.Version}).", "Let it end, or clear its staging label by hand."),
            ],
            ForeignRotation.ByVault when !isVaultManaged =>
            [
                Found(
                    DriftKind.Foreign, "The vault rotates it with its own function, but the inventory says that this tool makes the value.",
                    "Write `value: { kind: vault-managed }`, or switch the vault's rotation off."),
            ],
            ForeignRotation.None when isVaultManaged =>
            [
                Found(
                    DriftKind.Foreign, "The inventory says that the vault rotates it, but the vault has no rotation for it.",
                    "Set the vault's rotation up, or write the kind of value that this tool should make."),
            ],
            _ => [],
        };
    }

    private IEnumerable<DriftFinding> Unfinished(OpenRotation? open, HolderState holder)
    {
        if (open is null)
            return [];
        var state = holder switch
        {
            HolderState.Running => "is running",
            HolderState.Ended => "has ended",
            _ => "can't be asked",
        };
        return
        [
            Found(
                DriftKind.Unfinished,
                $"A rotation has been open since {MarkText.Format(open.StartedAt)}; its holder, {open.Holder}, {state}.",
                $"Once its holder has ended, resume it: secret-rotator rotate --only {secret.Name}"),
        ];
    }

    // Where it left targets missing, each of them is reported.
    private IEnumerable<DriftFinding> CutShort(DeliveringMark? delivering) => delivering is null || !_deleted.IsEmpty
        ? []
        : [Found(DriftKind.Unfinished, $"A delivery that began {MarkText.Format(delivering.At)} was not finished.", Redeliver)];

    private IEnumerable<DriftFinding> Delivery(SecretDescription seen) => seen.Delivered is null
        ?
        [
            Found(
                DriftKind.NeverDelivered, "The vault has no record that this tool delivered it, so what its targets hold isn't known.",
                $"Deliver the vault's current value: secret-rotator rotate --only {secret.Name} --adopt"),
        ]
        : [.. Content(seen.Delivered, seen.Current), .. Age(seen.Delivered, Hold.Of(secret, seen.Hold, now))];

    private IEnumerable<DriftFinding> Content(DeliveryMark delivered, VersionId current)
    {
        if (delivered.Version != current)
            yield return Found(
                DriftKind.VaultMoved, $"The vault's current version is {current}; the targets got {delivered.Version}.", Redeliver);
        // A scope that could not be listed is reported with its targets.
        var isSeen = secret.Targets.All(t => observation.Scopes.GetValueOrDefault(t.Scope) is ScopeObservation.Listed);
        if (isSeen && Renamed.IsEmpty && _deleted.IsEmpty && TargetsDigest.Of(secret, observation.Scopes) != delivered.TargetsDigest)
            yield return Found(DriftKind.TargetsChanged, "Its targets aren't those that it was delivered to.", Redeliver);
    }

    private IEnumerable<DriftFinding> Age(DeliveryMark delivered, Hold? hold)
    {
        if (delivered.ValueSince > now + DecisionRules.ClockTolerance)
        {
            yield return Found(
                DriftKind.Unknown,
                $"Its value dates from {MarkText.Format(delivered.ValueSince)}, which is in the future: here it is "
                    + $"{MarkText.Format(now)}. Its age can't be determined.",
                "Set this machine's clock right, then verify again.");
        }

        var due = Freshness.DueAt(secret, delivered.ValueSince, limits);
        if (due > now)
            yield break;
        if (PlanWarnings.Reminder(secret, now) is { } reminder)
            yield return Found(
                DriftKind.Overdue, reminder,
                "Write the new value into the vault, and its end into the inventory. The next run delivers it.");
        else yield return hold is null
            ? Found(DriftKind.Overdue, $"It was due {MarkText.Format(due)}.", $"Rotate it: secret-rotator rotate --only {secret.Name}")
            : Found(
                DriftKind.Overdue,
                $"It was due {MarkText.Format(due)}, and is held until {MarkText.Format(hold.Until)}: {hold.Reason}",
                $"The first run after that rotates it. To rotate it sooner: secret-rotator rotate --force {secret.Name} --reason TEXT");
    }

    private IEnumerable<DriftFinding> OfTarget(VariableTarget target) =>
        [.. Place(target, observation.Scopes.GetValueOrDefault(target.Scope)), .. Hiding(target)];

    private IEnumerable<DriftFinding> Place(VariableTarget target, ScopeObservation? scope) => scope switch
    {
        ScopeObservation.Listed listed => InListing(target, listed.FindAll(target.Variable)),
        ScopeObservation.Unlisted failed => [Unknown(target, failed.Failure)],
        _ => [Unknown(target, NotObserved("Its scope was not observed."))],
    };

    private IEnumerable<DriftFinding> InListing(VariableTarget target, ImmutableArray<ObservedVariable> found)
    {
        var isKeyPair = target.Scope is VariableScope.SshKeyPair;
        var what = isKeyPair ? "SSH key pair" : "variable";
        if (Renamed.GetValueOrDefault(target) is { } renamed)
        {
            yield return Found(
                target,
                DriftKind.Renamed,
                $"The variable that it was delivered to has the key {renamed.Key} now.",
                target.MayCreate
                    ? "Give it its key back by hand before the next run, which would create the target anew and leave this one behind."
                    : "Give it its key back by hand, or write its new key in the inventory.");
            found = [renamed];
        }
        else if (_deleted.Contains(target))
        {
            yield return Found(
                target, DriftKind.Missing, $"The {what} is missing: a delivery deleted it to create it anew, and was not finished.",
                $"The next run creates it: secret-rotator rotate --only {secret.Name}");
        }
        else if (found.IsEmpty)
        {
            yield return Found(target, DriftKind.Missing, $"The {what} doesn't exist.", target.MayCreate
                ? $"The next delivery creates it: secret-rotator rotate --only {secret.Name}"
                : isKeyPair ? "Create it in the repository's settings under Pipelines, or allow the tool to: create: true."
                : "Create it by hand, secured, or allow the tool to: create: true.");
        }

        if (found.Length > 1)
        {
            yield return Found(
                target, DriftKind.Ambiguous,
                $"{found.Length} variables have this key in different case: {string.Join(", ", found.Select(v => v.Key))}.",
                "Delete all but one by hand.");
        }

        if (found.Any(v => !v.Secured))
        {
            yield return Found(
                target, DriftKind.Unsecured, "The variable isn't secured: its value can be read.",
                "Delete it and create it anew as a secured variable; its value was open, so rotate the secret afterwards.");
        }
    }

    private IEnumerable<DriftFinding> Hiding(VariableTarget target) =>
    [
        .. PlanWarnings.ScopesThatHide(target, secret, hiding).Select(scope => Found(
            target, DriftKind.Shadowed, $"{scope} has a variable of this key, which hides the target there.",
            "Delete that variable, or add it to the secret's targets.")),
        .. unseen.Than(target.Scope)
            .OrderBy(scope => scope.ToString(), StringComparer.Ordinal)
            .Select(scope => Unknown(target, ((observation.Scopes.GetValueOrDefault(scope) as ScopeObservation.Unlisted)?.Failure
                ?? new Failure(FailureKind.NotObserved, "that scope was not observed."))
                    .After($"Whether a variable of {scope} hides it can't be determined:"))),
    ];

    private static Failure NotObserved(string what) =>
        new(FailureKind.NotObserved, what, "Verify again; if this stays, report it as a fault of the tool.");

    private DriftFinding Unknown(VariableTarget? target, Failure failure) =>
        new(secret.Name, target, DriftKind.Unknown, failure.Message, failure.Hint ?? "Fix what it says, then verify again.")
        { Failure = failure };

    private DriftFinding Found(DriftKind kind, string what, string hint) => new(secret.Name, null, kind, what, hint);

    private DriftFinding Found(VariableTarget target, DriftKind kind, string what, string hint) =>
        new(secret.Name, target, kind, what, hint);
}
