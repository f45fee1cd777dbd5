using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Bitbucket;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Azure;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Azure;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>
/// Furnishes a sandbox from an inventory: every secret exists with an old value that was delivered once and is due
/// since, and every target holds it.
/// </summary>
/// <remarks>
/// It only adds, and each thing once: what a rehearsal changed or deleted since stays as it is, and an inventory
/// that has grown finds its new secrets and targets.
/// </remarks>
internal sealed class SandboxSeed
{
    /// <summary>The tag of a secret in AWS that holds what was delivered.</summary>
    internal const string AwsDeliveredTag = "secret-rotator:delivered";

    /// <summary>The tag of a version in Azure that holds what was delivered.</summary>
    internal const string AzureDeliveredTag = "secret-rotator-delivered";

    private readonly SandboxState _state;
    private readonly RotationInventory _inventory;
    private readonly Instant _now;
    private readonly SeedValues _values;
    private readonly BitbucketSeed _bitbucket;

    private SandboxSeed(SandboxState state, RotationInventory inventory, Instant now, IRandomSource random)
    {
        _state = state;
        _inventory = inventory;
        _now = now;
        _values = new SeedValues(random);
        _bitbucket = new BitbucketSeed(state, _values);
    }

    /// <summary>Adds what is missing.</summary>
    /// <param name="state">The state to furnish.</param>
    /// <param name="inventory">What must exist.</param>
    /// <param name="now">The sandbox's time.</param>
    /// <param name="random">Where values and identities come from.</param>
    /// <returns>Whether anything was added.</returns>
    public static bool Apply(SandboxState state, RotationInventory inventory, Instant now, IRandomSource random)
    {
        var before = state.Seeded.Count;
        new SandboxSeed(state, inventory, now, random).Run();
        return state.Seeded.Count != before;
    }

    private void Run()
    {
        _bitbucket.Furnish(_inventory);
        new IdentitySeed(_state, _values).Furnish(_inventory);
        new PipelineSeed(_state, _bitbucket).Furnish(_inventory);
        new BucketSeed(_state).Furnish(_inventory);
        foreach (var vault in _inventory.Vaults.Values.OfType<AzureVaultDefinition>())
        {
            if (Once($"vault {vault.Name}"))
                _state.KeyVaults.TryAdd(vault.Name, new KeyVaultState());
        }

        foreach (var secret in _inventory.Secrets)
            Furnish(secret);
        new CredentialSeed(_state, _values).Furnish(_inventory, _now);
    }

    private void Furnish(ManagedSecret secret)
    {
        var since = OverdueSince(secret);
        var made = Once($"secret {secret.Vault}:{secret.Path}") ? Make(secret, since) : null;
        foreach (var target in secret.Targets)
        {
            if (!Once($"variable {target.Scope.WorkspaceSlug}/{target}".ToUpperInvariant()) || target.MayCreate)
                continue;
            var carried = CurrentContent(secret) is { } content ? SeedValues.Carried(content, target) : null;
            _bitbucket.Add(target.Scope, target.Variable, carried ?? _values.Text(40), secured: true);
        }

        if (made is { } version)
            Mark(secret, version, since);
    }

    // Four days over its time: due, and not so old that a report would think it forgotten.
    private Instant OverdueSince(ManagedSecret secret)
    {
        var since = ((_now - Duration.FromDays(4)).InUtc().LocalDateTime - secret.RotateEvery).InUtc().ToInstant();
        return Instant.FromUnixTimeSeconds(since.ToUnixTimeSeconds());
    }

    /// <summary>Makes a secret with one version, and answers that version's id; null where the secret is there already.</summary>
    private VersionId? Make(ManagedSecret secret, Instant since)
    {
        if (CurrentContent(secret) is not null)
            return null;
        if (_inventory.Vaults[secret.Vault] is AwsVaultDefinition aws)
        {
            var (place, name, arn) = AwsAddress.Of(aws, secret.Path);
            var made = new AwsSecretState
            {
                Arn = arn ?? $"arn:{place.Partition}:secretsmanager:{place.Region}:{place.Number}:secret:{name}-{_values.Hex(3)}",
                Name = name,
                Description = $"Seeded for {secret.Name}",
                CreatedDate = since.ToDateTimeOffset(),
                LastChangedDate = since.ToDateTimeOffset(),
                Versions = { new AwsVersionState { Id = _values.Uuid(), SecretString = _values.Content(secret), CreatedDate = since.ToDateTimeOffset(), Stages = { "AWSCURRENT" } } },
            };
            if (secret.Value is ValuePolicy.VaultManaged)
            {
                made.RotationEnabled = true;
                made.RotationLambdaArn = $"arn:{place.Partition}:lambda:{place.Region}:{place.Number}:function:rotate-{secret.Name}";
            }

            made.Tags["owner"] = secret.Owner;
            _state.SecretsManager.Secrets[place.KeyOf(name)] = made;
            return new VersionId(made.Versions[0].Id);
        }

        var version = new AzureVersionState { Id = _values.Hex(16), Value = _values.Content(secret), Created = since.ToDateTimeOffset(), Updated = since.ToDateTimeOffset() };
        version.Tags["owner"] = secret.Owner;
        _state.KeyVaults[secret.Vault].Secrets[secret.Path] = new AzureSecretState { Versions = { version } };
        return new VersionId(version.Id);
    }

    private void Mark(ManagedSecret secret, VersionId version, Instant since)
    {
        var scopes = secret.Targets.Select(target => target.Scope).Distinct()
            .ToImmutableDictionary(scope => scope, scope => (ScopeObservation)new ScopeObservation.Listed([.. _bitbucket.VariablesOf(scope).Select(Observed)]));
        var mark = new DeliveryMark(
            version, since, since + Duration.FromMinutes(1), TargetsDigest.Of(secret, scopes), VerificationLevel.Listed, new RotationId(_values.Uuid())).Format();
        if (AwsSecret(secret) is { } aws)
            aws.Tags[AwsDeliveredTag] = mark;
        else
            _state.KeyVaults[secret.Vault].Secrets[secret.Path].Versions[^1].Tags[AzureDeliveredTag] = mark;
    }

    private static ObservedVariable Observed(VariableState variable) => new(variable.Uuid.Trim('{', '}'), variable.Key, variable.Secured);

    private string? CurrentContent(ManagedSecret secret) => _inventory.Vaults[secret.Vault] is AwsVaultDefinition
        ? AwsSecret(secret)?.Versions.Find(version => version.Stages.Contains("AWSCURRENT"))?.SecretString
        : _state.KeyVaults[secret.Vault].Secrets.GetValueOrDefault(secret.Path)?.Versions.LastOrDefault()?.Value;

    private AwsSecretState? AwsSecret(ManagedSecret secret) => _inventory.Vaults[secret.Vault] is AwsVaultDefinition aws
        ? _state.SecretsManager.Secrets.GetValueOrDefault(AwsAddress.Of(aws, secret.Path).Key)
        : null;

    private bool Once(string thing) => _state.Seeded.Add(thing);
}
