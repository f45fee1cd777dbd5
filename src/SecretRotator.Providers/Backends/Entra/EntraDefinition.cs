namespace SecretRotator.Providers.Backends.Entra;

/// <summary>The client secrets of one application in Microsoft Entra.</summary>
/// <param name="Tenant">The directory that it is registered in, by id or domain; null for that of the settings.</param>
/// <param name="Application">Its application (client) id.</param>
/// <param name="IdField">The field of the secret that holds a client secret's id.</param>
/// <param name="SecretField">The field of the secret that holds its value.</param>
/// <param name="Validity">How long a new one is valid, or null for what suits the secret's period.</param>
public sealed record EntraDefinition(string? Tenant, string Application, string IdField, string SecretField, Duration? Validity)
    : BackendDefinition
{
    /// <summary>The word for this kind of backend in <c>rotation.yaml</c>.</summary>
    public const string KindWord = "entra-application-secret";

    /// <inheritdoc />
    public override string Kind => KindWord;

    /// <inheritdoc />
    public override string Product => "Microsoft Entra";

    /// <inheritdoc />
    public override string Place => $"{(Tenant is null ? "" : Tenant + "/")}applications/{Application}";

    /// <summary>
    /// Two secrets: an application takes more, but not where personal accounts may sign in. A new one is refused for 4 to 18 seconds. How
    /// long a request may stay on its way Microsoft says nowhere; six minutes are many times what Graph takes for one.
    /// </summary>
    public override BackendTraits Traits { get; } = new(
        BackendFamily.Issue, Overlaps: true, TellsLastUse: false, Lag: Duration.FromSeconds(90),
        Settles: Duration.FromMinutes(6));

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical =>
    [
        KindWord, Tenant, Application, IdField, SecretField, Validity?.TotalSeconds.ToString(CultureInfo.InvariantCulture),
    ];

    /// <inheritdoc />
    public override Duration? Lifetime => Validity;
}
