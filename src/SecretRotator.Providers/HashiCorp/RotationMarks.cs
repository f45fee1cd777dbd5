using System.Text.Json.Serialization;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>
/// All marks of a secret: one document at <c>NAME-staged/marks</c>, without any value, which is only written by check-and-set. So a claim
/// and the end of a rotation are one write each, and a request that lands late changes nothing.
/// </summary>
internal sealed record RotationMarks
{
    /// <summary>No marks.</summary>
    public static RotationMarks None { get; } = new();

    /// <summary>The claim, or null.</summary>
    public OpenClaim? Open { get; init; }

    /// <summary>The number of the last version of <c>NAME-staged</c> that a rotation which has ended may have written.</summary>
    public long Stage { get; init; }

    /// <summary>The last version that the tool made current, or null.</summary>
    public MadeVersion? Made { get; init; }

    /// <summary>What was delivered last, or null.</summary>
    public DeliveryMark? Delivered { get; init; }

    /// <summary>The version in grace, or null.</summary>
    public GraceMark? Grace { get; init; }

    /// <summary>The deliveries that were begun and aren't known to be finished, as one; or null.</summary>
    public DeliveringMark? Delivering { get; init; }

    /// <summary>When a database engine was asked last for a new password, or null.</summary>
    public AskedRotation? Asked { get; init; }

    /// <summary>Reads them.</summary>
    /// <exception cref="JsonException">The tool didn't write them.</exception>
    public static RotationMarks Parse(ReadOnlySpan<byte> json)
    {
        var text = JsonSerializer.Deserialize(json, KvJson.Default.MarksDocument) ?? throw new JsonException();
        return new RotationMarks
        {
            Open = text.Claim is null ? null : OpenClaim.Read(text.Claim),
            Stage = text.Stage ?? 0,
            Made = text.Made is null ? null : MadeVersion.Read(text.Made),
            Delivered = Parsed(text.Delivered, DeliveryMark.Parse),
            Grace = Parsed(text.Grace, GraceMark.Parse),
            Delivering = Parsed(text.Delivering, DeliveringMark.Parse),
            Asked = text.Asked is null ? null : AskedRotation.Read(text.Asked),
        };
    }

    /// <summary>Reads the text of a mark that may be missing.</summary>
    /// <exception cref="JsonException">The tool didn't write it.</exception>
    public static T? Parsed<T>(string? text, Func<string?, T?> parse)
        where T : class =>
        text is null ? null : parse(text) ?? throw new JsonException();

    /// <summary>The marks as they are kept.</summary>
    public byte[] Format() => JsonSerializer.SerializeToUtf8Bytes(
        new MarksDocument(
            Open?.Format(), Stage == 0 ? null : Stage, Made?.Format(), Delivered?.Format(), Grace?.Format(), Delivering?.Format(),
            Asked?.Format()),
        KvJson.Default.MarksDocument);
}

/// <summary>A claim.</summary>
/// <param name="Rotation">The rotation that holds it.</param>
/// <param name="Base">The version that was current when the rotation began.</param>
/// <param name="Holder">Who holds it.</param>
/// <param name="Since">When that holder took it.</param>
/// <param name="Handle">Names this claim and no other one.</param>
/// <param name="Stage">The number of the version of <c>NAME-staged</c> that the rotation's value is, once it is staged.</param>
/// <param name="Hold">The hold that goes with it, or null.</param>
internal sealed record OpenClaim(
    RotationId Rotation, VersionId Base, Holder Holder, NodaTime.Instant Since, string Handle, long Stage, HoldMark? Hold)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="JsonException">The tool didn't write it.</exception>
    public static OpenClaim Read(ClaimDocument text) =>
        text is { Rotation.Length: > 0, Base.Length: > 0, Handle.Length: > 0, Stage: > 0 } && Holder.Parse(text.Holder ?? "") is { } holder
        && MarkText.ParseInstant(text.Since ?? "") is { } since
            ? new OpenClaim(
                new(text.Rotation), new(text.Base), holder, since, text.Handle, text.Stage.Value,
                RotationMarks.Parsed(text.Hold, HoldMark.Parse))
            : throw new JsonException();

    /// <summary>The claim as it is kept.</summary>
    public ClaimDocument Format() => new(
        Rotation.Value, Base.Value, Holder.Format(), MarkText.Format(Since), Handle, Stage, Hold?.Format());
}

/// <summary>A version that the tool made current.</summary>
/// <param name="Version">The version.</param>
/// <param name="Rotation">The rotation that made it.</param>
/// <param name="Hold">The hold that came with it, or null.</param>
internal sealed record MadeVersion(VersionId Version, RotationId Rotation, HoldMark? Hold)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="JsonException">The tool didn't write it.</exception>
    public static MadeVersion Read(MadeDocument text) =>
        text is { Version.Length: > 0, Rotation.Length: > 0 }
            ? new MadeVersion(new(text.Version), new(text.Rotation), RotationMarks.Parsed(text.Hold, HoldMark.Parse))
            : throw new JsonException();

    /// <summary>The version as it is kept.</summary>
    public MadeDocument Format() => new(Version.Value, Rotation.Value, Hold?.Format());
}

/// <summary>A rotation that a database engine was asked for.</summary>
/// <param name="Rotation">Its id, which follows from the version that was current.</param>
/// <param name="Handle">Names this request and no other one.</param>
/// <param name="At">When.</param>
internal sealed record AskedRotation(RotationId Rotation, string Handle, NodaTime.Instant At)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="JsonException">The tool didn't write it.</exception>
    public static AskedRotation Read(AskedDocument text) =>
        text is { Rotation.Length: > 0, Handle.Length: > 0 } && MarkText.ParseInstant(text.At ?? "") is { } at
            ? new AskedRotation(new(text.Rotation), text.Handle, at)
            : throw new JsonException();

    /// <summary>The rotation as it is kept.</summary>
    public AskedDocument Format() => new(Rotation.Value, Handle, MarkText.Format(At));
}

/// <summary>The marks in JSON.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MarksDocument(
    ClaimDocument? Claim, long? Stage, MadeDocument? Made, string? Delivered, string? Grace, string? Delivering,
    AskedDocument? Asked);

/// <summary>A rotation that was asked for, in JSON.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AskedDocument(string? Rotation, string? Handle, string? At);

/// <summary>A claim in JSON.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ClaimDocument(
    string? Rotation, string? Base, string? Holder, string? Since, string? Handle, long? Stage, string? Hold);

/// <summary>A version that the tool made, in JSON.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MadeDocument(string? Version, string? Rotation, string? Hold);
