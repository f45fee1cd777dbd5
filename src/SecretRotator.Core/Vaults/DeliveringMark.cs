using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace SecretRotator.Vaults;

/// <summary>
/// A delivery that was begun and isn't known to be finished, with the variables that it deletes to create them again. Kept
/// in the vault as metadata from before the first deletion until all targets are delivered, so that any later run, on any
/// machine, can see which missing variables it has to create.
/// </summary>
/// <param name="Rotation">The delivery's identity.</param>
/// <param name="At">When it was written, to the millisecond: what the delivery sent was sent after that.</param>
/// <param name="Deleted">
/// The variables, one after the other: <see cref="CodeLength"/> characters each, a hash of scope and key, so that as many fit
/// as a secret usually has. <see cref="All"/> where they are more than fit, <see cref="None"/> where none was deleted.
/// </param>
public sealed partial record DeliveringMark(RotationId Rotation, Instant At, string Deleted)
{
    /// <summary>Every target of the secret may be deleted.</summary>
    public const string All = "all";

    /// <summary>No target was deleted, but something that was sent to one may still land.</summary>
    public const string None = "none";

    private const int CodeLength = 6;
    private const int LongestValue = 256;

    /// <summary>The mark of a delivery.</summary>
    /// <param name="rotation">The delivery.</param>
    /// <param name="at">The time.</param>
    /// <param name="deleted">The targets whose variables it deletes.</param>
    public static DeliveringMark Of(RotationId rotation, Instant at, IEnumerable<VariableTarget> deleted)
    {
        var codes = string.Concat(deleted.Select(Code));
        var mark = new DeliveringMark(rotation, at, codes.Length == 0 ? None : codes);
        return mark.Format().Length <= LongestValue ? mark : mark with { Deleted = All };
    }

    /// <summary>One mark for several deliveries that aren't known to be finished: the last one's, with all that any of them deletes; null
    /// where there is none.</summary>
    public static DeliveringMark? Together(IEnumerable<DeliveringMark> marks)
    {
        var all = marks.OrderByDescending(mark => mark.At).ToList();
        if (all is not [var last, _, ..])
            return all.SingleOrDefault();
        var codes = string.Concat(all.Where(mark => mark.Deleted is not (All or None))
            .SelectMany(mark => mark.Deleted.Chunk(CodeLength), (_, code) => new string(code)).Distinct(StringComparer.Ordinal));
        return last with { Deleted = all.Exists(mark => mark.Deleted == All) ? All : codes.Length == 0 ? None : codes };
    }

    /// <summary>Whether the delivery deletes the variable of a target. Once in 2^36 two variables have the same hash.</summary>
    public bool Deletes(VariableTarget target) =>
        Deleted == All || Deleted.Chunk(CodeLength).Any(code => code.AsSpan().SequenceEqual(Code(target)));

    /// <summary>
    /// The targets that a listing shows to be missing because the delivery deleted them to create them anew, and was cut short. It isn't a
    /// person's doing, so the next run creates them.
    /// </summary>
    /// <param name="secret">The secret.</param>
    /// <param name="scopes">What was seen of the targets' scopes.</param>
    internal ImmutableArray<VariableTarget> Missing(
        ManagedSecret secret, IReadOnlyDictionary<VariableScope, ScopeObservation> scopes) =>
    [
        .. secret.Targets.Where(target => scopes.GetValueOrDefault(target.Scope) is ScopeObservation.Listed listed
            && listed.FindAll(target.Variable).IsEmpty
            && Deletes(target)),
    ];

    /// <summary>Until when a request of it may still land: the last one was sent under its sender's claim.</summary>
    /// <param name="limits">The inventory's limits.</param>
    public Instant UnsettledUntil(RunLimits limits) => At + limits.ClaimLimit + limits.MinimumInterval;

    /// <summary>The mark as one metadata value of at most 256 characters that AWS tags and Azure tags both take.</summary>
    public string Format() => $"at={MarkText.Format(At)} rotation={Rotation} deleted={Deleted}";

    /// <summary>Reads what <see cref="Format"/> wrote; null where the text is anything else.</summary>
    public static DeliveringMark? Parse(string? text) =>
        text is not null && Pattern().Match(text) is { Success: true } match && MarkText.ParseInstant(match.Groups[1].Value) is { } at
            ? new DeliveringMark(new(match.Groups[2].Value), at, match.Groups[3].Value)
            : null;

    // As TargetsDigest, without what changes when a variable is created anew.
    private static string Code(VariableTarget target)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(TargetsDigest.Line(target with { Field = null }, uuid: null)));
        return Base64Url.EncodeToString(hash)[..CodeLength];
    }

    [GeneratedRegex(
        "^at=([0-9TZ:.-]{1,40}) rotation=([!-~]{1,64}) deleted=([0-9A-Za-z_-]{3,180})$",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Pattern();
}
