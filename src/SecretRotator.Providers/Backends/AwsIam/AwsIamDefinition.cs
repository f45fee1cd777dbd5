namespace SecretRotator.Providers.Backends.AwsIam;

/// <summary>The access keys of one IAM user.</summary>
/// <param name="User">The user's name, with its path in front where it has one: <c>ci/deploy</c>.</param>
/// <param name="Role">The ARN of the role that changes keys, or null for the ambient identity.</param>
/// <param name="Region">The region whose STS proves a key; its partition is that of IAM.</param>
/// <param name="IdField">The field of the secret that holds a key's id.</param>
/// <param name="SecretField">The field of the secret that holds its secret.</param>
public sealed record AwsIamDefinition(string User, string? Role, string Region, string IdField, string SecretField) : BackendDefinition
{
    /// <summary>The word for this kind of backend in <c>rotation.yaml</c>.</summary>
    public const string KindWord = "aws-access-key";

    /// <inheritdoc />
    public override string Kind => KindWord;

    /// <inheritdoc />
    public override string Product => "AWS IAM";

    /// <inheritdoc />
    public override string Place => $"{(Account is { } account ? account + ":" : "")}user/{User}";

    /// <summary>
    /// Two keys a user (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). A new key is refused for 5 to 15
    /// seconds, and one that was deactivated is accepted for about as long. AWS takes a signed request for five minutes
    /// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html), so one that is still on its way later is refused.
    /// </summary>
    public override BackendTraits Traits { get; } = new(
        BackendFamily.Issue, Overlaps: true, TellsLastUse: true, Lag: Duration.FromSeconds(60), Settles: Duration.FromMinutes(6));

    /// <inheritdoc />
    public override string? ChangingIdentity => IdField;

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical => [KindWord, User, Role, Region, IdField, SecretField];

    /// <summary>The user's name without its path: names are unique in an account.</summary>
    public string UserName => User[(User.LastIndexOf('/') + 1)..];

    /// <summary>The account of the role and so of the user, or null where no role tells it.</summary>
    public string? Account => Role?.Split(':')[4];

    /// <summary>The user's ARN; what isn't known of it is a word in capitals.</summary>
    public string Arn => $"arn:{Role?.Split(':')[1] ?? "aws"}:iam::{Account ?? "ACCOUNT"}:user/{User}";

    /// <summary>What can take the place of such a key, for people: a role that a step takes on needs no key at all.</summary>
    public override string KeylessWay =>
        $"A step with `oidc: true` needs no access key: make a role in account {Account ?? "ACCOUNT"} with the policies of the user "
        + $"{UserName}, let it trust the pipelines that use the key (docs/aws.md#3-the-role has such a trust policy), and deactivate "
        + "the key. "
        + "Then there is nothing to store, to deliver or to rotate.";

    /// <summary>The users whose keys an inventory rotates.</summary>
    public static IEnumerable<AwsIamDefinition> In(RotationInventory inventory) =>
        inventory.Secrets.Select(secret => secret.Backend).OfType<AwsIamDefinition>();
}
