using System.Text.Json.Serialization;

namespace SecretRotator.Providers.Backends.Program;

/// <summary>The answer to <c>inspect</c>. <c>schemas/backend-program.schema.json</c> describes it.</summary>
/// <param name="Server">Who answered.</param>
/// <param name="Slots">The credentials that are kept.</param>
internal sealed record InspectAnswer(string Server, IReadOnlyList<SlotAnswer> Slots);

/// <summary>One credential.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Enabled">Whether a login with it can succeed.</param>
internal sealed record SlotAnswer(string Id, bool Enabled)
{
    /// <summary>When it was made, in UTC, or null.</summary>
    public string? MadeAt { get; init; }

    /// <summary>When it was used last, in UTC, or null.</summary>
    public string? UsedAt { get; init; }

    /// <summary>For what, or null.</summary>
    public string? UsedFor { get; init; }

    /// <summary>The rotation that made it, or null.</summary>
    public string? MadeBy { get; init; }
}

/// <summary>The answer to <c>prove</c>.</summary>
/// <param name="Acceptance"><c>accepted</c>, <c>refused</c> or <c>unknown</c>.</param>
internal sealed record ProveAnswer(string Acceptance)
{
    /// <summary>The system's own code, which a refusal needs.</summary>
    public string? Code { get; init; }

    /// <summary>Why, for people.</summary>
    public string? Message { get; init; }
}

/// <summary>Reads them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(InspectAnswer))]
[JsonSerializable(typeof(ProveAnswer))]
internal sealed partial class ProgramAnswers : JsonSerializerContext;
