using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.HashiCorp.Identity;

namespace SecretRotator.Providers.HashiCorp.Doctor;

/// <summary>
/// What a token may do on some paths, which the vault itself tells
/// (https://developer.hashicorp.com/vault/api-docs/system/capabilities-self). Nothing is changed.
/// </summary>
internal static class TokenCapabilities
{
    /// <summary>What to do where rights are missing.</summary>
    public const string Fix = "Write the policy anew: `secret-rotator doctor trust --for hashicorp-vault` prints it.";

    private const int MostAtOnce = 100;

    /// <summary>What the token lacks of some rules: <c>CAPABILITY on PATH</c>, sorted as the rules are.</summary>
    /// <exception cref="RemoteFailureException">The vault doesn't tell.</exception>
    public static async Task<ImmutableArray<string>> LackingAsync(
        HashiCorpCalls calls, HashiCorpVaultDefinition vault, IEnumerable<PolicyRule> rules, CancellationToken cancellation)
    {
        var lacking = ImmutableArray.CreateBuilder<string>();
        foreach (var part in rules.Chunk(MostAtOnce))
        {
            var may = await calls.RunAsync(Ask(vault, part.Select(rule => rule.Path)), Read, cancellation);
            lacking.AddRange(
                from rule in part
                let given = may.GetValueOrDefault(rule.Path) ?? []
                where !given.Contains("root", StringComparer.Ordinal)
                from capability in rule.Capabilities.Except(given, StringComparer.Ordinal)
                select $"{capability} on {rule.Path}");
        }

        return lacking.ToImmutable();
    }

    private static HashiCorpCall Ask(HashiCorpVaultDefinition vault, IEnumerable<string> paths)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new CapabilitiesQuestion([.. paths]), LoginJson.Default.CapabilitiesQuestion);
        return new(HttpMethod.Post, "sys/capabilities-self", $"The rights of the token of vault {vault.Name} can't be told", null)
        {
            Body = () => new WipedJson([.. body]),
        };
    }

    private static IReadOnlyDictionary<string, IReadOnlyList<string?>> Read(HashiCorpAnswer answer) =>
        JsonSerializer.Deserialize(answer.Json, LoginJson.Default.CapabilitiesAnswer)?.Data ?? throw new JsonException();
}
