namespace SecretRotator.Reliability.World;

/// <summary>A backend that exists only in the cloud's memory.</summary>
/// <param name="Family">Who makes the value.</param>
/// <param name="Slots">How many credentials it takes at once; 1 where the value changes in place.</param>
/// <param name="NamesMaker">Whether it shows which rotation made a credential, as Entra does; IAM shows only when it was made.</param>
internal sealed record ModelBackendDefinition(BackendFamily Family, int Slots, bool NamesMaker) : BackendDefinition
{
    /// <summary>After this long no request of a machine takes effect any more.</summary>
    public static readonly Duration LongestWrite = Duration.FromSeconds(60);

    /// <summary>Two users of a database.</summary>
    public static readonly ModelBackendDefinition TwoUsers = new(BackendFamily.Set, 2, NamesMaker: false);

    /// <summary>One user of a database, whose password changes in place.</summary>
    public static readonly ModelBackendDefinition OneUser = new(BackendFamily.Set, 1, NamesMaker: false);

    /// <summary>Two keys, of which only the time tells who made them.</summary>
    public static readonly ModelBackendDefinition TwoKeys = new(BackendFamily.Issue, 2, NamesMaker: false);

    /// <summary>Application secrets that name the rotation that made them.</summary>
    public static readonly ModelBackendDefinition NamedKeys = new(BackendFamily.Issue, 4, NamesMaker: true);

    public override string Kind => "model";

    public override string Product => "The model";

    public override string Place => "model.internal";

    /// <summary>Whether the product is told that an unanswered write is settled at once, which is a lie.</summary>
    public bool ClaimsToSettleAtOnce { get; init; }

    public override BackendTraits Traits => new(
        Family, Slots > 1, TellsLastUse: Family == BackendFamily.Issue && !NamesMaker,
        Lag: Family == BackendFamily.Issue ? Duration.FromSeconds(15) : Duration.Zero,
        Settles: ClaimsToSettleAtOnce ? Duration.Zero : LongestWrite);

    public override ImmutableArray<string?> Canonical => [Family.ToString()];
}
