using System.Text.Json.Nodes;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Azure.Doctor;

/// <summary>
/// What Azure needs: a federated credential that trusts an AWS role, since a step's own token has another subject in
/// every run, and a role of its own with the four data actions that the tool uses, on its secrets alone.
/// </summary>
/// <param name="inventory">The inventory.</param>
/// <param name="clientId">The application's client id, or null.</param>
/// <param name="isFederated">Whether Entra trusts an AWS role, or the identity is one of Azure's own.</param>
/// <param name="role">The ARN of that AWS role, or null where it isn't clear which.</param>
internal sealed class AzureTrust(RotationInventory inventory, string? clientId, bool isFederated, string? role)
{
    private const string RoleName = "SecretRotator";
    private const string Group = "/subscriptions/SUBSCRIPTION-ID/resourceGroups/RESOURCE-GROUP";

    private static readonly ImmutableArray<string> DataActions =
    [
        "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        "Microsoft.KeyVault/vaults/secrets/getSecret/action",
        "Microsoft.KeyVault/vaults/secrets/setSecret/action",
        "Microsoft.KeyVault/vaults/secrets/update/action",
    ];

    private readonly string _client = clientId ?? "CLIENT-ID";

    /// <summary>The documents.</summary>
    public TrustSet Documents() => new(
        [
            .. isFederated
                ? [new TrustDocument(
                    "federated-credential.json",
                    "The AWS role that the application trusts",
                    $"az ad app federated-credential create --id {_client} --parameters federated-credential.json",
                    TrustText.Of(FederatedCredential()))]
                : Array.Empty<TrustDocument>(),
            new TrustDocument(
                "secret-rotator-role.json",
                "What may be done with a secret",
                "az role definition create --role-definition secret-rotator-role.json",
                TrustText.Of(RoleDefinition())),
            new TrustDocument("assign-roles.sh", "On which secrets it may be done", "sh assign-roles.sh", Assignments()),
        ],
        [
            .. isFederated
                ? [new TrustWord(
                    "AWS-ISSUER",
                    "https://ID.tokens.sts.global.api.aws, the answer of `aws iam enable-outbound-web-identity-federation`, or later of "
                        + "`aws iam get-outbound-web-identity-federation-info`, in the account of the role.")]
                : Array.Empty<TrustWord>(),
            .. isFederated && role is null
                ? [new TrustWord(
                    "AWS-ROLE-ARN", "name the AWS vault whose role Entra is to trust in azure.federatedFrom; the vault needs a role.")]
                : Array.Empty<TrustWord>(),
            .. clientId is null
                ? [new TrustWord(
                    "CLIENT-ID",
                    isFederated
                        ? "the application's, from `az ad app create --display-name secret-rotator --query appId --output tsv`; then "
                            + "`az ad sp create --id CLIENT-ID`."
                        : "that of the managed identity or of the application.")]
                : Array.Empty<TrustWord>(),
            new TrustWord("SUBSCRIPTION-ID", "that of the Key Vault."),
            new TrustWord("RESOURCE-GROUP", "that of the Key Vault."),
        ],
        [
            "Key Vault Secrets Officer, the built-in role, has the same four data actions, and also delete and purge, which the tool "
                + "never uses.",
            "A role on a secret takes effect only where the vault uses Azure RBAC, after up to ten minutes.",
        ]);

    private JsonObject FederatedCredential() => new()
    {
        ["name"] = "secret-rotator",
        ["issuer"] = "AWS-ISSUER",
        ["subject"] = role ?? "AWS-ROLE-ARN",
        ["audiences"] = TrustText.List([BorrowedCredentials.ExchangeAudience]),
        ["description"] = $"SecretRotator in the pipelines of {inventory.Home.WorkspaceSlug}/{inventory.Home.Slug}",
    };

    private static JsonObject RoleDefinition() => new()
    {
        ["Name"] = RoleName,
        ["IsCustom"] = true,
        ["Description"] = "Rotates secrets; can't delete or purge them.",
        ["Actions"] = new JsonArray(),
        ["NotActions"] = new JsonArray(),
        ["DataActions"] = TrustText.List(DataActions),
        ["NotDataActions"] = new JsonArray(),
        ["AssignableScopes"] = TrustText.List([Group]),
    };

    private string Assignments()
    {
        var text = new StringBuilder();
        foreach (var vault in inventory.Vaults.Values.OfType<AzureVaultDefinition>())
        {
            var name = vault.Uri.Host[..vault.Uri.Host.IndexOf('.', StringComparison.Ordinal)];
            var rotated = inventory.Secrets.Where(secret => secret.Vault == vault.Name).Select(secret => secret.Path)
                .Distinct(StringComparer.Ordinal).ToList();
            foreach (var path in rotated)
            {
                // What is staged is in a secret beside it, which must exist before a role can be given on it. One that exists may be in
                // use.
                text.Append(
                    $"[ -n \"$(az keyvault secret list-versions --vault-name {name} --name {path}-staged --query '[0].id' --output "
                        + $"tsv)\" ] || \\\n  az keyvault secret set --vault-name {name} --name {path}-staged --value none --disabled "
                        + $"true --tags secret-rotator-rotation=none\n");
                foreach (var each in new[] { path, path + "-staged" })
                    text.Append(
                        $"az role assignment create --assignee {_client} --role {RoleName} --scope "
                            + $"{Group}/providers/Microsoft.KeyVault/vaults/{name}/secrets/{each}\n");
            }

            foreach (var path in inventory.References.Where(reference => reference.Vault == vault.Name).Select(reference => reference.Path)
                .Except(rotated, StringComparer.Ordinal))
                text.Append(
                    $"az role assignment create --assignee {_client} --role 'Key Vault Secrets User' --scope "
                        + $"{Group}/providers/Microsoft.KeyVault/vaults/{name}/secrets/{path}\n");
        }

        return text.ToString();
    }
}
