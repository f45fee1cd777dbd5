using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SecretRotator.Doctor.Identity;
using SecretRotator.Inventory;

namespace SecretRotator.Doctor.Trust;

/// <summary>
/// What a role may do: the calls that the tool makes, on the secrets of the inventory that lie in the role's vaults, and
/// nothing else.
/// </summary>
/// <param name="inventory">The inventory.</param>
/// <param name="clientSecret">Where the client secret for Azure is kept, or null.</param>
/// <param name="federatedFrom">The vault whose role asks for tokens for Azure, or null.</param>
internal sealed class AwsPermissions(RotationInventory inventory, VaultReference? clientSecret, string? federatedFrom)
{
    // AWS appends a hyphen and six characters to a secret's name in its ARN.
    private const string Suffix = "-??????";

    private static readonly ImmutableArray<string> Reading = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"];

    private static readonly ImmutableArray<string> Rotating =
        [.. Reading, "secretsmanager:ListSecretVersionIds", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage", "secretsmanager:TagResource"];

    /// <summary>What to know of the policies.</summary>
    public ImmutableArray<string> Notes =>
    [
        "A secret with a KMS key of its own also needs kms:Decrypt and kms:GenerateDataKey on that key; one with AWS's default key doesn't.",
        .. inventory.Secrets.Any(secret => secret.Value is ValuePolicy.VaultManaged)
            ? ["ROTATION-FUNCTION: the Lambda function that rotates the vault-managed secrets."]
            : Array.Empty<string>(),
        .. federatedFrom is null
            ? inventory.Vaults.Values.Any(vault => vault is VaultDefinition.AzureKeyVault) && clientSecret is null
                ? new[] { "For a Key Vault without a stored secret, name the AWS vault whose role Entra trusts in azure.federatedFrom: that role then also asks for tokens for Azure." }
                : []
            : new[] { "Tokens for Azure must be switched on once in the account: aws iam enable-outbound-web-identity-federation" },
    ];

    /// <summary>The policy of a role.</summary>
    public JsonObject Of(string role)
    {
        var vaults = inventory.Vaults.Values.OfType<VaultDefinition.AwsSecretsManager>().Where(vault => vault.Role == role).ToDictionary(vault => vault.Name, StringComparer.Ordinal);
        var own = inventory.Secrets.Where(secret => vaults.ContainsKey(secret.Vault)).ToList();
        var rotated = Arns(own.Select(secret => (vaults[secret.Vault], secret.Path)));
        var byVault = own.Where(secret => secret.Value is ValuePolicy.VaultManaged).ToList();
        var read = Arns(new[] { inventory.Credential, inventory.SigningKey, clientSecret }.OfType<VaultReference>()
            .Where(reference => vaults.ContainsKey(reference.Vault)).Select(reference => (vaults[reference.Vault], reference.Path))).Except(rotated, StringComparer.Ordinal).ToImmutableArray();

        var statements = new JsonArray();
        if (!rotated.IsEmpty)
            statements.Add((JsonNode)Statement("Rotate", Rotating, rotated));
        if (byVault.Count > 0)
        {
            statements.Add((JsonNode)Statement("AskForRotation", ["secretsmanager:RotateSecret"], Arns(byVault.Select(secret => (vaults[secret.Vault], secret.Path)))));
            statements.Add((JsonNode)Statement("RunRotationFunction", ["lambda:InvokeFunction"], [.. byVault.Select(secret => vaults[secret.Vault].Region).Distinct(StringComparer.Ordinal).Select(region => FunctionArn(role, region))]));
        }

        if (!read.IsEmpty)
            statements.Add((JsonNode)Statement("ReadCredentials", Reading, read));
        if (federatedFrom is not null && vaults.ContainsKey(federatedFrom))
            statements.Add((JsonNode)TokensForAzure());
        return new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = statements };
    }

    /// <summary>The ARN of a secret, with a pattern for the characters that AWS appended to its name.</summary>
    internal static string Arn(VaultDefinition.AwsSecretsManager vault, string path)
    {
        if (path.StartsWith("arn:", StringComparison.Ordinal))
            return path;
        var (partition, account) = AwsProvider.PlaceOf(vault.Role ?? "");
        return $"arn:{partition}:secretsmanager:{vault.Region}:{account}:secret:{path}{Suffix}";
    }

    private static string FunctionArn(string role, string region)
    {
        var (partition, account) = AwsProvider.PlaceOf(role);
        return $"arn:{partition}:lambda:{region}:{account}:function:ROTATION-FUNCTION";
    }

    private static ImmutableArray<string> Arns(IEnumerable<(VaultDefinition.AwsSecretsManager Vault, string Path)> places) =>
        [.. places.Select(place => Arn(place.Vault, place.Path)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static JsonObject Statement(string id, ImmutableArray<string> actions, ImmutableArray<string> resources) => new()
    {
        ["Sid"] = id,
        ["Effect"] = "Allow",
        ["Action"] = TrustText.List(actions),
        ["Resource"] = TrustText.List(resources),
    };

    // The keys of the condition: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_policies.html
    private static JsonObject TokensForAzure() => new()
    {
        ["Sid"] = "AskForTokensForAzure",
        ["Effect"] = "Allow",
        ["Action"] = "sts:GetWebIdentityToken",
        ["Resource"] = "*",
        ["Condition"] = new JsonObject
        {
            ["ForAllValues:StringEquals"] = new JsonObject { ["sts:IdentityTokenAudience"] = AzureTrust.ExchangeAudience },
            ["NumericLessThanEquals"] = new JsonObject { ["sts:DurationSeconds"] = 300 },
        },
    };
}
