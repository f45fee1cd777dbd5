namespace SecretRotator.Providers.HashiCorp;

/// <summary>How HashiCorp Vault or OpenBao is reached, and the secrets that the tool logs in with.</summary>
/// <remarks>
/// <c>VAULT_ADDR</c> and <c>VAULT_NAMESPACE</c> are not read: the inventory says where a vault is, and a variable must not send a
/// token elsewhere.
/// </remarks>
internal sealed record HashiCorpSettings
{
    private const string EndpointsBelow = "endpoints:hashicorp:";

    /// <summary>Whether the program runs in a pipeline: a token of the environment replaces the step's only elsewhere.</summary>
    public bool InPipeline { get; init; }

    /// <summary>The step's own token (<c>BITBUCKET_STEP_OIDC_TOKEN</c>); null outside pipelines.</summary>
    public SecretValue? StepToken { get; init; }

    /// <summary>A token that someone else keeps alive, or null.</summary>
    public SecretValue? Token { get; init; }

    /// <summary>The file in which <c>vault login</c> and <c>bao login</c> leave a token, or null. It may not exist.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The role id of an AppRole, or null. It is no secret.</summary>
    public string? RoleId { get; init; }

    /// <summary>The secret id of an AppRole, or null.</summary>
    public SecretValue? SecretId { get; init; }

    /// <summary>Addresses to call in place of the inventory's, by the vault's name. <c>https</c>, or <c>http</c> on loopback.</summary>
    public ImmutableDictionary<string, Uri> Endpoints { get; init; } = ImmutableDictionary<string, Uri>.Empty;

    /// <summary>Where a vault answers.</summary>
    public Uri PlaceOf(HashiCorpVaultDefinition vault) => Endpoints.GetValueOrDefault(vault.Name, vault.Address);

    /// <summary>The settings that are read.</summary>
    public static ImmutableArray<SettingKey> SettingKeys { get; } =
    [
        new(EndpointsBelow), new("hashicorp:roleId"),
        new("hashicorp:secretId")
        {
            NotInFile = "A secret doesn't belong in a file: set SECRET_ROTATOR__HASHICORP__SECRETID or VAULT_SECRET_ID in the environment.",
        },
    ];

    /// <summary>The environment variables that hold secrets.</summary>
    public static ImmutableArray<string> SecretVariables => ["VAULT_TOKEN", "BAO_TOKEN", "VAULT_SECRET_ID"];

    /// <summary>Reads them, and the variables of the vendors' command lines.</summary>
    public static HashiCorpSettings Read(SettingsValues values) => new()
    {
        InPipeline = values.Pipeline is not null,
        StepToken = values.StepToken,
        Token = Secret(values.Variable("VAULT_TOKEN") ?? values.Variable("BAO_TOKEN")),
        TokenFile = !values.OfSandbox && (values.Variable("HOME") ?? values.Variable("USERPROFILE")) is { Length: > 0 } home
            ? Path.Combine(home, ".vault-token")
            : null,
        RoleId = values.Text("hashicorp:roleId") ?? values.Variable("VAULT_ROLE_ID"),
        SecretId = Secret(values.Text("hashicorp:secretId") ?? values.Variable("VAULT_SECRET_ID")),
        Endpoints = values.EndpointsBelow(EndpointsBelow),
    };

    private static SecretValue? Secret(string? text) => string.IsNullOrWhiteSpace(text) ? null : SecretValue.FromText(text);
}
