using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SecretRotator.Inventory;
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

    /// <summary>What to know of the policies.</summary>
    public ImmutableArray<string> Notes =>
    [
        "A secret with a KMS key of its own also needs kms:Decrypt and kms:GenerateDataKey on that key; one with AWS's default key "
            + "doesn't.",
        .. _inventory.Secrets.Any(secret => secret.Value is ValuePolicy.VaultManaged)
            ? ["ROTATION-FUNCTION: the Lambda function that rotates the vault-managed secrets."]
            : Array.Empty<string>(),
        .. AwsIamDefinition.In(_inventory).Select(user => user.KeylessWay).Distinct(StringComparer.Ordinal),
        .. request.Borrowed.SelectMany(access => access.Notes),
        .. _tokens.Select(token =>
            $"Tokens for {token.Service} must be switched on once in the account: aws iam enable-outbound-web-identity-federation"),
    ];

    /// <summary>The policy of a role.</summary>
    public JsonObject Of(string role)
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

        var statements = new JsonArray();
        if (!rotated.IsEmpty)
            statements.Add((JsonNode)Statement("Rotate", Rotating, rotated));
        if (byVault.Count > 0)
        {
            statements.Add(
                (JsonNode)Statement(
                    "AskForRotation", ["secretsmanager:RotateSecret"],
                    Arns(byVault.Select(secret => (vaults[secret.Vault], secret.Path)))));
            statements.Add(
                (JsonNode)Statement(
                    "RunRotationFunction", ["lambda:InvokeFunction"],
                    [.. byVault.Select(secret => vaults[secret.Vault].Region).Distinct(StringComparer.Ordinal)
                        .Select(region => FunctionArn(role, region))]));
        }

        if (!read.IsEmpty)
            statements.Add((JsonNode)Statement("ReadCredentials", Reading, read));
        ImmutableArray<string> users =
        [
            .. AwsIamDefinition.In(_inventory).Where(user => user.Role == role).Select(user => user.Arn).Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
        if (!users.IsEmpty)
            statements.Add((JsonNode)Statement("IssueAccessKeys", Issuing, users));
        foreach (var token in _tokens.Where(token => vaults.ContainsKey(token.Vault)))
            statements.Add((JsonNode)AskFor(token));
        return new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = statements };
    }

    /// <summary>The ARN of a secret, with a pattern for the characters that AWS appended to its name.</summary>
    internal static string Arn(AwsVaultDefinition vault, string path)
    {
        if (path.StartsWith("arn:", StringComparison.Ordinal))
            return path;
        var (partition, account) = AwsOidcProvider.PlaceOf(vault.Role ?? "");
        return $"arn:{partition}:secretsmanager:{vault.Region}:{account}:secret:{path}{Suffix}";
    }

    private static string FunctionArn(string role, string region)
    {
        var (partition, account) = AwsOidcProvider.PlaceOf(role);
        return $"arn:{partition}:lambda:{region}:{account}:function:ROTATION-FUNCTION";
    }

    private static ImmutableArray<string> Arns(IEnumerable<(AwsVaultDefinition Vault, string Path)> places) =>
        [.. places.Select(place => Arn(place.Vault, place.Path)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

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
