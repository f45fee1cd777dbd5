using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Backends.AwsIam;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Seeding;
using static SecretRotator.Sandbox.SandboxSettings;

namespace SecretRotator.Sandbox.Aws;

/// <summary>AWS: Secrets Manager, S3, IAM and STS of all accounts that an inventory names.</summary>
internal sealed class AwsServices : IEmulatedProvider
{
    // No secret at all: only a sandbox knows the key.
    private const string AccessKeyId = "AKIASANDBOXROTATOR00";
    private const string SecretAccessKey = "sandbox-aws-secret-access-key";

    private static readonly TimeSpan AgeOfKeys = TimeSpan.FromDays(120);

    public IEnumerable<KeyValuePair<string, ImmutableArray<string>>> Operations =>
    [
        new(SecretsManagerEmulator.Name, SecretsManagerEmulator.Operations),
        new(S3Emulator.Name, S3Emulator.Operations),
        new(StsEmulator.Name, StsEmulator.Operations),
        new(IamEmulator.Name, IamEmulator.Operations),
    ];

    public ImmutableArray<Condition> Conditions => [StsEmulator.WrongSubject, StsEmulator.UnregisteredProvider];

    public IEnumerable<IEmulator> Emulators(ProviderContext context) =>
        [new SecretsManagerEmulator(), new S3Emulator(), new StsEmulator(context.Conditions), new IamEmulator(context.Conditions)];

    /// <summary>Adds the roles that the inventory names, an access key for vaults that name none, and a bucket for evidence.</summary>
    public void Seed(SandboxSeed seed)
    {
        var (state, inventory) = (seed.State, seed.Inventory);
        if (seed.Once("identities"))
        {
            state.Sts.Credentials[AccessKeyId] = new AwsCredentialState
            {
                SecretAccessKey = SecretAccessKey,
                Account = AwsPlace.AmbientAccount,
                Arn = $"arn:aws:iam::{AwsPlace.AmbientAccount}:user/sandbox",
            };
        }

        foreach (var role in AwsInventory.Roles(inventory))
        {
            if (seed.Once($"role {role}"))
                state.Sts.Roles.TryAdd(role, AwsRoleState.Trusting(BitbucketServices.StepOf(state, inventory, seed.Random)));
        }

        // As docs/evidence.md tells people to make theirs.
        var bucket = $"{inventory.Workspace.Replace('_', '-')}-evidence";
        if (!seed.Once($"bucket {bucket}"))
            return;
        state.S3.Buckets[bucket] = new S3BucketState
        {
            Region = AwsInventory.BucketRegion(inventory),
            ObjectLock = true,
            RetentionMode = "GOVERNANCE",
            RetentionDays = 30,
        };
        state.S3.Buckets[bucket].Accounts.UnionWith(
            AwsInventory.Vaults(inventory).Select(vault => AwsPlace.Of(vault).Number).Append(AwsPlace.AmbientAccount));
    }

    public ISeededVault? Vault(VaultDefinition vault, SandboxSeed seed) =>
        vault is AwsVaultDefinition aws ? new SeededSecretsManager(AwsPlace.Of(aws), seed) : null;

    public string? SeedBackend(ManagedSecret secret, string content, SandboxSeed seed)
    {
        if (secret.Backend is not AwsIamDefinition user)
            return null;
        var arn = user.Arn.Replace("ACCOUNT", AwsPlace.AmbientAccount, StringComparison.Ordinal);
        var (id, key) = IamEmulator.Add(seed.State, arn, seed.Now.ToDateTimeOffset() - AgeOfKeys, worksFrom: null);
        return SeededContent.With(content, (user.IdField, id), (user.SecretField, key));
    }

    public IEnumerable<KeyValuePair<string, string>> Settings(ProviderContext context, SandboxState state, SandboxClock clock)
    {
        yield return new(Prefix + "ENDPOINTS__AWS", context.EndpointOf(SecretsManagerEmulator.Name).AbsoluteUri);
        yield return new(Prefix + "ENDPOINTS__STS", context.EndpointOf(StsEmulator.Name).AbsoluteUri);
        yield return new(Prefix + "ENDPOINTS__IAM", context.EndpointOf(IamEmulator.Name).AbsoluteUri);
        yield return new(Prefix + "ENDPOINTS__S3", context.EndpointOf(S3Emulator.Name).AbsoluteUri);
        yield return new(Prefix + "S3__REGION", AwsInventory.BucketRegion(context.Inventory));
        if (AwsInventory.ToolRole(context.Inventory) is var (_, role, _))
            yield return new(Prefix + "S3__ROLE", role);
        if (!AwsInventory.NeedsKey(context.Inventory))
            yield break;
        yield return new("AWS_ACCESS_KEY_ID", AccessKeyId);
        yield return new("AWS_SECRET_ACCESS_KEY", SecretAccessKey);
    }

    public void WriteState(JsonObject document, SandboxState state)
    {
        document["aws"] = StateDocument.List(state.SecretsManager.Secrets, secret => Describe(secret.Key.Split('/', 3), secret.Value));
        document["iam"] = StateDocument.List(
            state.Iam.Users.Values.SelectMany(user => user.Keys, (user, key) => (user.Arn, key)),
            each => new JsonObject
            {
                ["user"] = each.Arn,
                ["id"] = each.key.Id,
                ["value"] = state.Sts.Credentials[each.key.Id].SecretAccessKey,
                ["active"] = !state.Sts.Credentials[each.key.Id].Inactive,
                ["created"] = StateDocument.Time(each.key.Created),
                ["used"] = StateDocument.Time(each.key.Used),
            });
        document["s3"] = StateDocument.List(
            state.S3.Buckets.SelectMany(
                bucket => bucket.Value.Objects, (bucket, stored) => (Bucket: bucket.Key, stored.Key, Stored: stored.Value)),
            each => new JsonObject
            {
                ["bucket"] = each.Bucket,
                ["key"] = each.Key,
                ["content"] = Convert.ToBase64String(each.Stored.Body),
                ["modified"] = StateDocument.Time(each.Stored.LastModified),
                ["encryption"] = each.Stored.Encryption,
                ["kmsKey"] = each.Stored.KmsKeyId,
                ["lockMode"] = each.Stored.LockMode,
                ["retainUntil"] = StateDocument.Time(each.Stored.RetainUntil),
            });
    }

    private static JsonObject Describe(string[] place, AwsSecretState secret) => new()
    {
        ["account"] = place[0],
        ["region"] = place.ElementAtOrDefault(1),
        ["name"] = secret.Name,
        ["arn"] = secret.Arn,
        ["current"] = secret.Current?.Id,
        ["rotationEnabled"] = secret.RotationEnabled,
        ["deleted"] = StateDocument.Time(secret.DeletedDate),
        ["tags"] = StateDocument.Tags(secret.Tags),
        ["versions"] = StateDocument.List(secret.Versions, Describe),
    };

    private static JsonObject Describe(AwsVersionState version)
    {
        var described = new JsonObject
        {
            ["id"] = version.Id,
            ["value"] = version.SecretString,
            ["stages"] = StateDocument.List(version.Stages, stage => stage),
            ["created"] = StateDocument.Time(version.CreatedDate),
        };
        described.AddKnown("binary", version.SecretBinary);
        return described;
    }
}
