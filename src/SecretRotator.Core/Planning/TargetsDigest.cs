using System.Security.Cryptography;

namespace SecretRotator.Planning;

/// <summary>Which variables a secret is delivered to, as one short text that a mark in the vault can hold.</summary>
public static class TargetsDigest
{
    private const int Digits = 16;

    /// <summary>
    /// 16 hexadecimal digits over scope, key (without regard to case), field, observed uuid and encoding of every target.
    /// A target that is added, removed, renamed, created anew, fed by another field or encoded otherwise changes it; the
    /// order of the targets and of the variables doesn't.
    /// </summary>
    /// <param name="secret">The secret.</param>
    /// <param name="scopes">What was seen of its scopes. A target whose variable wasn't seen counts without uuid.</param>
    public static string Of(ManagedSecret secret, IReadOnlyDictionary<VariableScope, ScopeObservation> scopes) =>
        Of(secret.Targets.Select(target => Line(target, UuidOf(target, scopes))));

    /// <summary>The uuid of the variable that a target means, or null where it wasn't seen.</summary>
    internal static string? UuidOf(VariableTarget target, IReadOnlyDictionary<VariableScope, ScopeObservation> scopes) =>
        scopes.GetValueOrDefault(target.Scope) is ScopeObservation.Listed listed ? listed.Find(target.Variable)?.Uuid : null;

    /// <summary>The digest of the lines of all targets.</summary>
    internal static string Of(IEnumerable<string> lines)
    {
        var text = string.Concat(lines.Order(StringComparer.Ordinal).Select(line => line + "\n"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..Digits];
    }

    /// <summary>One target. A JSON array: no character in a name can make two different targets read alike.</summary>
    internal static string Line(VariableTarget target, string? uuid) => CanonicalForm.Text((object?[])
    [
        CanonicalInventory.Scope(target.Scope),
        target.Variable.ToUpperInvariant(),
        target.Field,
        uuid,
        .. CanonicalInventory.Encoding(target),
    ]);
}
