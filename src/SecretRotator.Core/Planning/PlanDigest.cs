using SecretRotator.Bitbucket;

namespace SecretRotator.Planning;

/// <summary>Binds a plan to what it rests on, so that a saved plan can't be carried out in a world that has changed.</summary>
/// <param name="inventory">The inventory.</param>
/// <param name="observation">What was seen.</param>
/// <param name="hiding">Which variables hide targets.</param>
/// <param name="request">What was asked for.</param>
/// <param name="items">What was decided.</param>
internal sealed class PlanDigest(
    RotationInventory inventory, Observation observation, HidingVariables hiding, PlanRequest request, ImmutableArray<PlanItem> items)
{
    private const int ShortDigest = 12;

    /// <summary>
    /// 64 hexadecimal digits (SHA-256) over the inventory as far as it concerns the plan's secrets, what was seen of
    /// them and of the variables that matter to them, what was asked for, and what was decided.
    /// </summary>
    /// <remarks>
    /// Not in it: the time and the pipelines that run, except for what they decided; variables with other keys; why something could not be
    /// seen; and
    /// who asked, so that a plan which one person reviewed may be carried out by a pipeline.
    /// </remarks>
    public string Text()
    {
        var sorted = items.OrderBy(i => i.Secret.Name, StringComparer.Ordinal).ToList();
        return CanonicalForm.Digest(((string, object?)[])
        [
            ("inventory", CanonicalInventory.Of(inventory, sorted.Select(i => i.Secret))),
            .. Request(),
            ("items", sorted.Select(Item)),
        ]);
    }

    /// <summary>The same, part by part.</summary>
    public PlanParts Parts()
    {
        var parts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        parts["request"] = Short(Request());
        parts["settings"] = Short(CanonicalInventory.Of(inventory, []));
        foreach (var item in items)
        {
            var name = item.Secret.Name;
            parts[$"{name}: {PlanParts.Decision}"] = WireNames.Of(item.Decision);
            parts[$"{name}: entry"] = Short(CanonicalInventory.Alone(inventory, item.Secret));
            parts[$"{name}: vault"] = Short(Description(item.Secret));
            parts[$"{name}: variables"] = Short(Targets(item.Secret));
        }

        return new PlanParts(parts.ToImmutable());
    }

    private static string Short(object? value) => CanonicalForm.Digest(value)[..ShortDigest];

    private (string, object?)[] Request()
    {
        var covered = items.Select(item => item.Secret.Name).ToHashSet(StringComparer.Ordinal);
        var forced = request.Force.Where(covered.Contains).Order(StringComparer.Ordinal).ToList();
        return
        [
            ("adopt", request.Adopt),
            ("force", forced),
            ("reason", forced.Count > 0 ? request.ForceReason : ""),
            ("takeOver", request.TakeOver.Where(covered.Contains).Order(StringComparer.Ordinal)),
        ];
    }

    private (string, object?)[] Item(PlanItem item) =>
    [
        ("name", item.Secret.Name),
        ("decision", item.Decision.GetType().Name),
        .. Description(item.Secret),
        ("targets", Targets(item.Secret)),
    ];

    private IEnumerable<(string, object?)> Description(ManagedSecret secret)
    {
        if (observation.Secrets.GetValueOrDefault(secret.Name) is not SecretObservation.Described described)
            yield break;
        var description = described.Description;
        yield return ("current", description.Current.Value);
        yield return ("currentRotation", description.CurrentRotation?.Value);
        yield return ("delivered", description.Delivered?.Format());
        if (description.Grace is { } grace)
            yield return ("grace", grace.Format());
        if (description.Delivering is { } delivering)
            yield return ("delivering", delivering.Format());
        if (description.Hold is { } hold)
            yield return ("hold", hold.Format());
        if (description.Open is { } open)
        {
            yield return ("open", new object?[]
            {
                open.Id.Value,
                open.Base.Value,
                open.Holder.Format(),
                MarkText.Format(open.StartedAt),
                open.Staged,
                open.Handle,
                described.HolderState.ToString(),
            });
        }

        yield return ("foreign", description.Foreign switch
        {
            ForeignRotation.None => "none",
            ForeignRotation.ByVault => "vault",
            ForeignRotation.ByService by => "service " + by.Service,
            ForeignRotation.Pending pending => "pending " + pending.Version,
            _ => throw new InvalidOperationException("A new kind of foreign rotation needs a canonical form."),
        });
    }

    private IEnumerable<object> Targets(ManagedSecret secret) =>
        CanonicalInventory.Sorted(secret.Targets).Select(target => new object?[]
        {
            CanonicalInventory.Scope(target.Scope),
            target.Variable.ToUpperInvariant(),
            observation.Scopes.GetValueOrDefault(target.Scope) is ScopeObservation.Listed listed
                ? Variables(listed.FindAll(target.Variable))
                : null,
            PlanWarnings.ScopesThatHide(target, secret, hiding).Select(CanonicalInventory.Scope),
        });

    private static IEnumerable<object> Variables(ImmutableArray<ObservedVariable> variables) => variables
        .Sort((one,
            other) => string.CompareOrdinal(one.Uuid, other.Uuid) is not 0 and var uuid ? uuid : string.CompareOrdinal(one.Key, other.Key))
        .SelectMany(variable => new object[] { variable.Uuid, variable.Key, variable.Secured });
}
