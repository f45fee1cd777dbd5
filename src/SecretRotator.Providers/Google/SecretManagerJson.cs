using System.Text.Json.Serialization;

namespace SecretRotator.Providers.Google;

/// <summary>A secret without its versions
/// (https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets#Secret). A part that is null is not sent.</summary>
internal sealed record SecretEntry(
    string? Name = null,
    string? Etag = null,
    IReadOnlyDictionary<string, string>? Annotations = null,
    JsonElement? Replication = null,
    JsonElement? CustomerManagedEncryption = null,
    JsonElement? Rotation = null,
    DateTimeOffset? ExpireTime = null);

/// <summary>A version without its value.</summary>
internal sealed record VersionEntry(string? Name, DateTimeOffset? CreateTime, string? State, string? Etag);

/// <summary>A page of a listing.</summary>
internal sealed record VersionPage(IReadOnlyList<VersionEntry?>? Versions, string? NextPageToken);

/// <summary>What is asked of <c>:disable</c>.</summary>
internal sealed record VersionOrder(string? Etag);

/// <summary>What is asked of and answered by <c>:testIamPermissions</c>.</summary>
internal sealed record PermissionList(IReadOnlyList<string>? Permissions);

/// <summary>Why Google refused a call.</summary>
internal sealed record GoogleError(GoogleErrorEntry? Error);

/// <summary>Its status and details; its message is for no one here, since no one promises what it holds.</summary>
internal sealed record GoogleErrorEntry(string? Status, IReadOnlyList<GoogleErrorDetail?>? Details);

/// <summary>A detail, as far as it is a <c>google.rpc.ErrorInfo</c>.</summary>
internal sealed record GoogleErrorDetail(string? Reason, IReadOnlyDictionary<string, string?>? Metadata);

/// <summary>What Google's calls and answers look like. Generated, so that nothing is reflected over at run time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(SecretEntry))]
[JsonSerializable(typeof(VersionEntry))]
[JsonSerializable(typeof(VersionPage))]
[JsonSerializable(typeof(VersionOrder))]
[JsonSerializable(typeof(PermissionList))]
[JsonSerializable(typeof(GoogleError))]
internal sealed partial class SecretManagerJson : JsonSerializerContext;
