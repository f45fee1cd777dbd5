using System.Text.Json.Nodes;
using SecretRotator.Providers.Backends.AwsIam;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Aws.Doctor;

/// <summary>
/// What a role may do: the calls that the tool makes, on the secrets of the inventory that are in the role's vaults, and
/// nothing else.
/// </summary>
/// <param name="request">The inventory, and what other providers' credentials need of its vaults.</param>
internal sealed class AwsPermissions(TrustRequest request)
{
    // AWS appends a hyphen and six characters to a secret's name in its ARN.
    private const string Suffix = "-??????";

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: white space isn't counted. The first is for all inline
    // policies of a role together.
    private const int InlineCharacters = 10_240;
    private const int ManagedCharacters = 6_144;

    // Leaves room for the actions, and what surrounds them.
    private const int ResourceCharacters = 5_000;

    private static readonly ImmutableArray<string> Reading = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"];

    private static readonly ImmutableArray<string> Rotating =
        [
            .. Reading,
            "secretsmanager:ListSecretVersionIds",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
            "secretsmanager:TagResource",
        ];

    private static readonly ImmutableArray<string> Issuing =
    [
        "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed", "iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey",
    ];

    private readonly RotationInventory _inventory = request.Inventory;

    private readonly ImmutableArray<BorrowedToken> _tokens = [.. request.Borrowed.SelectMany(access => access.Tokens)];

    /// <summary>What isn't known of them.</summary>
    public ImmutableArray<TrustWord> Words => _inventory.Secrets.Any(secret => secret.Value is ValuePolicy.VaultManaged)
        ? [new TrustWord("ROTATION-FUNCTION", "the Lambda function that rotates the vault-managed secrets.")]
        : [];

    /// <summary>What to know of the policies.</summary>
    public ImmutableArray<string> Notes =>
    [
        "A secret with a KMS key of its own also needs kms:Decrypt and kms:GenerateDataKey on that key; one with AWS's default key "
            + "doesn't.",
        .. AwsIamDefinition.In(_inventory).Select(user => user.KeylessWay).Distinct(StringComparer.Ordinal),
        .. request.Borrowed.SelectMany(access => access.Notes),
        .. _tokens.Select(token =>
            $"Tokens for {token.Service} must be switched on once in the account: aws iam enable-outbound-web-identity-federation"),
    ];

    /// <summary>The policy of a role, which goes inline; or several managed ones where it is too long for that.</summary>
    public ImmutableArray<JsonObject> Of(string role)
    {
        var statements = StatementsOf(role);
        var whole = Policy(statements);
        if (TrustText.CharactersOf(whole) <= InlineCharacters)
            return [whole];
        var policies = ImmutableArray.CreateBuilder<JsonObject>();
        var part = new List<JsonObject>();
        foreach (var statement in statements.SelectMany(Split))
        {
            if (part.Count > 0 && TrustText.CharactersOf(Policy([.. part, statement])) > ManagedCharacters)
            {
                policies.Add(Policy(part));
                part.Clear();
            }

            part.Add(statement);
        }

        policies.Add(Policy(part));
        return policies.ToImmutable();
    }

    private List<JsonObject> StatementsOf(string role)
    {
        var vaults = _inventory.Vaults.Values.OfType<AwsVaultDefinition>()
            .Where(vault => vault.Role == role)
            .ToDictionary(vault => vault.Name, StringComparer.Ordinal);
        var own = _inventory.Secrets.Where(secret => vaults.ContainsKey(secret.Vault)).ToList();
        var rotated = Arns(own.Select(secret => (vaults[secret.Vault], secret.Path)));
        var byVault = own.Where(secret => secret.Value is ValuePolicy.VaultManaged).ToList();
        var read = Arns(_inventory.References
            .Concat(request.Borrowed.SelectMany(access => access.Secrets))
            .Where(reference => vaults.ContainsKey(reference.Vault)).Select(reference => (vaults[reference.Vault], reference.Path)))
            .Except(rotated, StringComparer.Ordinal).ToImmutableArray();

        var statements = new List<JsonObject>();
        if (!rotated.IsEmpty)
            statements.Add(Statement("Rotate", Rotating, rotated));
        if (byVault.Count > 0)
        {
            statements.Add(
                Statement(
                    "AskForRotation", ["secretsmanager:RotateSecret"],
                    Arns(byVault.Select(secret => (vaults[secret.Vault], secret.Path)))));
            statements.Add(
                Statement(
                    "RunRotationFunction", ["lambda:InvokeFunction"],
                    [.. byVault.Select(secret => vaults[secret.Vault].Region).Distinct(StringComparer.Ordinal)
                        .Select(region => FunctionArn(role, region))]));
        }

        if (!read.IsEmpty)
            statements.Add(Statement("ReadCredentials", Reading, read));
        ImmutableArray<string> users =
        [
            .. AwsIamDefinition.In(_inventory).Where(user => user.Role == role).Select(user => user.Arn).Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
        if (!users.IsEmpty)
            statements.Add(Statement("IssueAccessKeys", Issuing, users));
        foreach (var token in _tokens.Where(token => vaults.ContainsKey(token.Vault)))
            statements.Add(AskFor(token));
        return statements;
    }

    private static JsonObject Policy(IEnumerable<JsonObject> statements) => new()
    {
        ["Version"] = "2012-10-17",
        ["Statement"] = new JsonArray([.. statements.Select(statement => statement.DeepClone())]),
    };

    // The same statement for a part of its resources each. Their ids differ, because a policy takes each only once.
    private static IEnumerable<JsonObject> Split(JsonObject statement)
    {
        if (statement["Resource"] is not JsonArray resources)
            return [statement];
        var parts = new List<List<string>> { new() };
        var room = ResourceCharacters;
        foreach (var resource in resources.Select(resource => resource!.GetValue<string>()))
        {
            room -= resource.Length + 3;
            if (room < 0)
            {
                parts.Add([]);
                room = ResourceCharacters - resource.Length - 3;
            }

            parts[^1].Add(resource);
        }

        return parts.Select((part, index) =>
        {
            var clone = statement.DeepClone().AsObject();
            clone["Resource"] = TrustText.List(part);
            if (index > 0)
                clone["Sid"] = $"{clone["Sid"]}{index + 1}";
            return clone;
        });
    }

    private static string PrefixArn(AwsVaultDefinition vault, string path)
    {
        var arn = Arn(vault, path);
        return arn.LastIndexOf('/') is > 0 and var slash ? $"{arn[..slash]}/*" : arn;
    }

    /// <summary>The ARN of a secret, with a pattern for the characters that AWS appended to its name.</summary>
    internal static string Arn(AwsVaultDefinition vault, string path)
    {
        if (path.StartsWith("arn:", StringComparison.Ordinal))
            return path;
        var (partition, account) = AwsTrust.PlaceOf(vault.Role ?? "");
        return $"arn:{partition}:secretsmanager:{vault.Region}:{account}:secret:{path}{Suffix}";
    }

    private static string FunctionArn(string role, string region)
    {
        var (partition, account) = AwsTrust.PlaceOf(role);
        return $"arn:{partition}:lambda:{region}:{account}:function:ROTATION-FUNCTION";
    }

    private ImmutableArray<string> Arns(IEnumerable<(AwsVaultDefinition Vault, string Path)> places) =>
        [.. places.Select(place => request.ByPathPrefix ? PrefixArn(place.Vault, place.Path) : Arn(place.Vault, place.Path))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static JsonObject Statement(string id, ImmutableArray<string> actions, ImmutableArray<string> resources) => new()
    {
        ["Sid"] = id,
        ["Effect"] = "Allow",
        ["Action"] = TrustText.List(actions),
        ["Resource"] = TrustText.List(resources),
    };

    // The keys of the condition: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_policies.html
    private static JsonObject AskFor(BorrowedToken token) => new()
    {
        ["Sid"] = $"AskForTokensFor{token.Service}",
        ["Effect"] = "Allow",
        ["Action"] = "sts:GetWebIdentityToken",
        ["Resource"] = "*",
        ["Condition"] = new JsonObject
        {
            ["ForAllValues:StringEquals"] = new JsonObject { ["sts:IdentityTokenAudience"] = token.Audience },
            ["NumericLessThanEquals"] = new JsonObject { ["sts:DurationSeconds"] = 300 },
        },
    };
}
