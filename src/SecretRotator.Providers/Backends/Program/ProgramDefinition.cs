namespace SecretRotator.Providers.Backends.Program;

/// <summary>A program that speaks to the system which accepts a credential, for systems that this tool doesn't know.</summary>
/// <param name="Command">The program's file, from the inventory's folder or absolute, and its arguments.</param>
/// <param name="IdentityField">The field of the secret that names the slot.</param>
/// <param name="Users">Where values are set and overlap: the two identities that take turns. Otherwise empty.</param>
/// <param name="AdminAt">What the program changes credentials with, or null.</param>
/// <param name="TimeLimit">How long one call may take before it is killed.</param>
/// <param name="Behaviour">What the protocol must know of it.</param>
public sealed record ProgramDefinition(
    ImmutableArray<string> Command,
    string IdentityField,
    ImmutableArray<string> Users,
    VaultReference? AdminAt,
    Duration TimeLimit,
    BackendTraits Behaviour) : BackendDefinition
{
    /// <summary>The word for this kind of backend in <c>rotation.yaml</c>.</summary>
    public const string KindWord = "program";

    /// <inheritdoc />
    public override string Kind => KindWord;

    /// <inheritdoc />
    public override string Product => "Your own program";

    /// <inheritdoc />
    public override string Place => Command[0];

    /// <inheritdoc />
    public override BackendTraits Traits => Behaviour;

    /// <inheritdoc />
    public override VaultReference? Admin => AdminAt;

    /// <inheritdoc />
    public override string? ChangingIdentity => Users.Length > 1 ? IdentityField : null;

    /// <inheritdoc />
    public override ImmutableArray<string> Identities => [.. Users.Select(user => $"{string.Join(' ', Command)}, {user}")];

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical =>
    [
        "program", Traits.Family == BackendFamily.Issue ? "issue" : "set", IdentityField, $"{Traits.Overlaps}",
        $"{Traits.TellsLastUse}", $"{Traits.Lag.TotalSeconds:R}", $"{Traits.Settles.TotalSeconds:R}", $"{TimeLimit.TotalSeconds:R}",
        Admin?.ToString(), $"{Users.Length}", .. Users, .. Command,
    ];
}
