using NodaTime.Text;

namespace SecretRotator.Planning;

/// <summary>The <see cref="CanonicalForm"/> of how a value is made.</summary>
internal static class CanonicalValue
{
    public static object?[] Of(ValuePolicy policy) => policy switch
    {
        ValuePolicy.Plain plain => ["plain", Of(plain.Generator)],
        ValuePolicy.Json json =>
            ["json", .. json.Fields.OrderBy(f => f.Field, StringComparer.Ordinal).SelectMany(f => (object[])[f.Field, Of(f.Generator)])],
        ValuePolicy.VaultManaged => ["vault-managed"],
        ValuePolicy.Issued => ["issued"],
        ValuePolicy.External external =>
            [
                "external",
                external.Instructions,
                external.EndsAt is { } end ? InstantPattern.ExtendedIso.Format(end) : null,
                DurationPattern.Roundtrip.Format(external.Notice),
            ],
        _ => throw new InvalidOperationException("A new kind of value needs a canonical form."),
    };

    private static object?[] Of(ValueGenerator generator) =>
    [
        .. generator switch
        {
            ValueGenerator.Password password => new object?[]
            {
                "password",
                password.Length,
                string.Join(' ', password.Classes.Distinct().Order()),
                string.Concat(password.Exclude.Distinct().Order()),
            },
            ValueGenerator.Hex hex => ["hex", hex.Bytes],
            ValueGenerator.Base64 base64 => ["base64", base64.Bytes],
            ValueGenerator.Base64Url base64 => ["base64url", base64.Bytes],
            ValueGenerator.Uuid => ["uuid"],
            ValueGenerator.SshKey key =>
                ["ssh-key", key.Algorithm.ToString(), key.Algorithm == SshKeyAlgorithm.Rsa ? key.RsaBits : 0, key.PublicField, key.Comment],
            _ => throw new InvalidOperationException("A new kind of generator needs a canonical form."),
        },
        generator.WeakBecause,
    ];
}
