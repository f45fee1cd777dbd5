using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.HashiCorp.Identity;

namespace SecretRotator.Providers.HashiCorp.Doctor;

/// <summary>
/// What a token may do on some paths, which the vault itself tells
/// (https://developer.hashicorp.com/vault/api-docs/system/capabilities-self). Nothing is changed.
/// </summary>
internal static class TokenCapabilities
{
    /// <summary>The question.</summary>
    public static HashiCorpCall Ask(HashiCorpVaultDefinition vault, IEnumerable<string> paths)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new CapabilitiesQuestion([.. paths]), LoginJson.Default.CapabilitiesQuestion);
        return new(HttpMethod.Post, "sys/capabilities-self", $"The rights of the token of vault {vault.Name} can't be told", null)
        {
            Body = () => new WipedJson([.. body]),
        };
    }

    /// <summary>The answer: what may be done, by path.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string?>> Read(HashiCorpAnswer answer) =>
        JsonSerializer.Deserialize(answer.Json, LoginJson.Default.CapabilitiesAnswer)?.Data ?? throw new JsonException();
}
