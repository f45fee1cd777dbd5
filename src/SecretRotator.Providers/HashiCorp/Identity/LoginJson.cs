using System.Text.Json.Serialization;

namespace SecretRotator.Providers.HashiCorp.Identity;

/// <summary>The answer to a login or a renewal. The token itself isn't among its members: it must not become a string.</summary>
internal sealed record LoginAnswer(LoginAuth? Auth, JsonElement? WrapInfo);

/// <summary>What is said of the token.</summary>
internal sealed record LoginAuth(
    long LeaseDuration, bool Renewable, string? TokenType, int NumUses, JsonElement? MfaRequirement);

/// <summary>What is known of a token: its life in seconds, 0 for no end.</summary>
internal sealed record LookupData(long Ttl, string? Type, int NumUses, IReadOnlyList<string?>? Policies);

/// <summary>Whether a vault works, of <c>sys/health</c>.</summary>
internal sealed record HealthAnswer(bool? Initialized, bool? Sealed, bool? Standby, string? Version);

/// <summary>Which paths a token's rights are asked of.</summary>
internal sealed record CapabilitiesQuestion(IReadOnlyList<string> Paths);

/// <summary>A token's rights by path.</summary>
internal sealed record CapabilitiesAnswer(IReadOnlyDictionary<string, IReadOnlyList<string?>>? Data);

/// <summary>What answers look like. Generated, so that nothing is reflected over at run time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(LoginAnswer))]
[JsonSerializable(typeof(DataAnswer<LookupData>))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(CapabilitiesQuestion))]
[JsonSerializable(typeof(CapabilitiesAnswer))]
internal sealed partial class LoginJson : JsonSerializerContext;
