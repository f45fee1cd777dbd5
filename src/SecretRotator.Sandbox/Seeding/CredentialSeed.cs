using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Azure;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>Furnishes the Bitbucket credential where the inventory says that a vault keeps it, with its end beside it.</summary>
internal sealed class CredentialSeed(SandboxState state, SeedValues values)
{
    private static readonly Duration Life = Duration.FromDays(200);

    /// <summary>Adds it once. Vaults and managed secrets exist already.</summary>
    public void Furnish(RotationInventory inventory, Instant now)
    {
        if (inventory.Credential is not { } reference || !state.Seeded.Add($"credential {reference}"))
            return;
        if (inventory.Vaults[reference.Vault] is AwsVaultDefinition aws)
            InAws(AwsAddress.Of(aws, reference.Path), reference.Field, now);
        else
            InAzure(state.KeyVaults[reference.Vault], reference, now);
    }

    private void InAws(AwsAddress address, string? field, Instant now)
    {
        var (place, name, arn) = address;
        if (!state.SecretsManager.Secrets.TryGetValue(address.Key, out var secret))
        {
            secret = state.SecretsManager.Secrets[address.Key] = new AwsSecretState
            {
                Arn = arn ?? $"arn:{place.Partition}:secretsmanager:{place.Region}:{place.Number}:secret:{name}-{values.Hex(3)}",
                Name = name,
                Description = "The Bitbucket credential",
                CreatedDate = now.ToDateTimeOffset(),
                LastChangedDate = now.ToDateTimeOffset(),
                Versions = { new AwsVersionState { Id = values.Uuid(), CreatedDate = now.ToDateTimeOffset(), Stages = { "AWSCURRENT" } } },
            };
        }

        if (secret.Versions.Find(version => version.Stages.Contains("AWSCURRENT")) is { } current)
            current.SecretString = Content(current.SecretString, field, now);
    }

    private void InAzure(KeyVaultState vault, VaultReference reference, Instant now)
    {
        if (!vault.Secrets.TryGetValue(reference.Path, out var secret))
        {
            secret = vault.Secrets[reference.Path] = new AzureSecretState
            {
                Versions = { new AzureVersionState { Id = values.Hex(16), Value = "", Created = now.ToDateTimeOffset(), Updated = now.ToDateTimeOffset() } },
            };
        }

        secret.Versions[^1].Value = Content(secret.Versions[^1].Value, reference.Field, now);
    }

    private static string Content(string? existing, string? field, Instant now)
    {
        if (field is null)
            return BitbucketAuthentication.AccessToken;
        var content = string.IsNullOrEmpty(existing) ? [] : JsonNode.Parse(existing)!.AsObject();
        content[field] = BitbucketAuthentication.AccessToken;
        content.TryAdd(CredentialEnd.Field, (now + Life).InUtc().Date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture));
        return content.ToJsonString();
    }
}
