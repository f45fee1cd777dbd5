using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.HashiCorp.Identity;
using SecretRotator.Rotation;

namespace SecretRotator.Providers.HashiCorp.Doctor;

/// <summary>
/// Asks each server whether it works, logs in, and asks what the token may do: a vault answers that for its own token, so that missing
/// rights are told before a rotation needs them. What is refused is explained by the claim that differs.
/// </summary>
/// <param name="vaults">The vaults of the inventory.</param>
/// <param name="token">The step's token, or null.</param>
internal sealed class HashiCorpIdentityCheck(VaultConnections vaults, WebToken? token) : ICheck
{
    private const string Health = "hashicorp-health";
    private const string Identity = "hashicorp-identity";
    private const string Rights = "hashicorp-rights";
    private const int MostNamed = 10;
    private const string Needed = "Without a token no secret of the vault can be read or rotated.";
    private static readonly TimeSpan Short = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Long = TimeSpan.FromDays(1);

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Identity;

    /// <inheritdoc />
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation)
    {
        var accesses = vaults.Inventory.Vaults.Values.OfType<HashiCorpVaultDefinition>()
            .GroupBy(vault => (vault.Address, vault.Namespace, vault.Auth))
            .Select(access => RunAsync([.. access], cancellation));
        return [.. (await Task.WhenAll(accesses.ToArray())).SelectMany(results => results)];
    }

    private async Task<IEnumerable<CheckResult>> RunAsync(ImmutableArray<HashiCorpVaultDefinition> own, CancellationToken cancellation)
    {
        var vault = own[0];
        try
        {
            var factory = (HashiCorpVaultFactory)vaults.FactoryOf(vault);
            var health = await HealthAsync(factory, vault, cancellation);
            if (health.Status != CheckStatus.Pass)
                return [health];
            return [health, .. await IdentityAsync(factory, own, cancellation)];
        }
        catch (UsageException wrong)
        {
            return [Failed(Identity, FailureMessages.Of(wrong), Needed)];
        }
    }

    private async Task<CheckResult> HealthAsync(
        HashiCorpVaultFactory factory, HashiCorpVaultDefinition vault, CancellationToken cancellation)
    {
        // It has no namespace. A standby that forwards is as good as the active node.
        var call = new HashiCorpCall(
            HttpMethod.Get, "sys/health?standbyok=true&perfstandbyok=true", $"The state of vault {vault.Name} can't be told", null)
        {
            IsLogin = true,
        };
        try
        {
            var seen = await factory.CallsOf(vault with { Namespace = null }).RunAsync(
                call, answer => JsonSerializer.Deserialize(answer.Json, LoginJson.Default.HealthAnswer), cancellation);
            var version = seen?.Version is { Length: > 0 and < 60 } text ? $", version {PrintableText.Of(text)}" : "";
            return CheckResult.Pass(Area, Health, $"Vault {vault.Name} works{version}{(seen?.Standby == true ? " (a standby)" : "")}.");
        }
        catch (RemoteFailureException failure)
        {
            return Failed(Health, failure.Failure, "Nothing can be read or written there now.");
        }
    }

    private async Task<IEnumerable<CheckResult>> IdentityAsync(
        HashiCorpVaultFactory factory, ImmutableArray<HashiCorpVaultDefinition> own, CancellationToken cancellation)
    {
        try
        {
            var tokens = factory.TokensOf(own[0]);
            var seen = await tokens.LookUpAsync(cancellation);
            return [Judged(own[0], seen, tokens.LogsIn), .. await RightsAsync(factory, own, cancellation)];
        }
        catch (RemoteFailureException failure)
        {
            return [Failed(Identity, Explained(failure), Needed)];
        }
    }

    private CheckResult Judged(HashiCorpVaultDefinition vault, LookupData seen, bool isOfLogin)
    {
        var policies = (seen.Policies ?? []).OfType<string>().Take(MostNamed).Select(PrintableText.Of).ToList();
        var life = TimeSpan.FromSeconds(Math.Clamp(seen.Ttl, 0, int.MaxValue));
        var way = (vault.Auth, isOfLogin) switch
        {
            (HashiCorpAuth.Jwt jwt, true) => $"to the role {jwt.RoleName} of auth/{jwt.Mount} with the step's token",
            (HashiCorpAuth.AppRole role, _) => $"to auth/{role.Mount} with an AppRole",
            _ => "with the token of the environment",
        };
        var told = $"Vault {vault.Name} admits {way}. The token has the policies {string.Join(", ", policies)}, and "
            + (seen.Ttl == 0 ? "no end." : $"is good for {Math.Ceiling(life.TotalMinutes):0} min.");
        if (policies.Contains("root", StringComparer.Ordinal))
            return CheckResult.Warn(
                Area, Identity, told, "A root token may do everything in the vault.",
                "Use a token with the policy that `secret-rotator doctor trust --for hashicorp-vault` prints.");
        if (isOfLogin && (seen.Ttl == 0 || life > Long))
            return CheckResult.Warn(
                Area, Identity, told, "A run that is killed can't revoke its token, which stays good for so long.",
                "Set token_ttl=15m and token_max_ttl=2h on the role.");
        return !isOfLogin && seen.Ttl > 0 && life < Short
            ? CheckResult.Warn(
                Area, Identity, told, "The tool doesn't renew a token of the environment, and a long run may outlive it.",
                "Renew it (vault token renew) or make another one before a run.")
            : CheckResult.Pass(Area, Identity, told);
    }

    // The rights on what is rotated are told with each secret.
    private async Task<IEnumerable<CheckResult>> RightsAsync(
        HashiCorpVaultFactory factory, ImmutableArray<HashiCorpVaultDefinition> own, CancellationToken cancellation)
    {
        var borrowed = vaults.Settings.Registered.SelectMany(provider => provider.Borrow(vaults.Settings, vaults.Inventory).Secrets);
        var needed = HashiCorpPolicy.Of(own, [], vaults.Inventory.References.Concat(borrowed)).Rules;
        if (needed.IsEmpty)
            return [];
        ImmutableArray<string> lacking;
        try
        {
            lacking = await TokenCapabilities.LackingAsync(factory.CallsOf(own[0]), own[0], needed, cancellation);
        }
        catch (RemoteFailureException failure)
        {
            return [CheckResult.Unknown(
                Area, Rights, $"What the token of vault {own[0].Name} may do can't be told: {failure.Message}",
                "A missing right shows up in a run then.") with
            { Failure = failure.Failure }];
        }

        return [lacking.IsEmpty
            ? CheckResult.Pass(Area, Rights, $"The token of vault {own[0].Name} may read the credentials that the inventory keeps there.")
            : CheckResult.Fail(
                Area, Rights, $"The token of vault {own[0].Name} lacks {CheckResult.Named(lacking, MostNamed)}.",
                "The credentials that the inventory keeps there can't be read.",
                TokenCapabilities.Fix)];
    }

    private Failure Explained(RemoteFailureException failure)
    {
        if (token is null || failure.InnerException is not HashiCorpRefusal { Login: var (fault, claim) })
            return failure.Failure;
        var shown = fault switch
        {
            LoginFault.Claim when claim is not null =>
                token.Claim(claim) is { } value ? $" It has {claim} = {value}." : $" It has no {claim}.",
            LoginFault.Audience => $" It has aud = {string.Join(", ", token.Audiences)}.",
            LoginFault.Issuer or LoginFault.Signature => $" It has iss = {token.Issuer}.",
            _ => "",
        };
        var hint = (fault, claim) is (LoginFault.Claim, "deploymentEnvironmentUuid") && token.Claim("deploymentEnvironmentUuid") is null
            ? "Set `deployment:` on the step: a step without one has no environment."
            : failure.Hint;
        return failure.Failure with { Message = failure.Message + shown, Hint = hint };
    }

    private CheckResult Failed(string id, Failure failure, string why) => failure.Kind == FailureKind.Unavailable && id == Identity
        ? CheckResult.Unknown(Area, id, failure, "The vault gave no verdict. The area network tells whether it can be reached.")
        : CheckResult.Fail(Area, id, failure, why, "The vault's log tells more.");
}
