using System.Text.Json.Serialization;

namespace SecretRotator.Providers.Backends.Entra;

/// <summary>An application.</summary>
internal sealed record ApplicationEntry(Guid? AppId, IReadOnlyList<PasswordEntry?>? PasswordCredentials);

/// <summary>A client secret, without its value and without the beginning of it, which Graph tells as <c>hint</c>.</summary>
internal sealed record PasswordEntry(Guid? KeyId, string? DisplayName, DateTimeOffset? StartDateTime, DateTimeOffset? EndDateTime);

/// <summary>What is asked of <c>addPassword</c>.</summary>
internal sealed record PasswordOrder(PasswordWish PasswordCredential);

/// <summary>A client secret that is to be made.</summary>
internal sealed record PasswordWish(string DisplayName, string EndDateTime);

/// <summary>What is asked of <c>removePassword</c>.</summary>
internal sealed record RemovalOrder(string KeyId);

/// <summary>Why Graph refused a call.</summary>
internal sealed record GraphError(GraphErrorEntry? Error);

/// <summary>Its code; its message is for no one here, since no one promises what it holds.</summary>
internal sealed record GraphErrorEntry(string? Code);

/// <summary>What Graph's answers look like. Generated, so that nothing is reflected over at run time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ApplicationEntry))]
[JsonSerializable(typeof(PasswordOrder))]
[JsonSerializable(typeof(RemovalOrder))]
[JsonSerializable(typeof(GraphError))]
internal sealed partial class GraphJson : JsonSerializerContext;
