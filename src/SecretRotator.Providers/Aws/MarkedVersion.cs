using System.Buffers.Text;
using System.Security.Cryptography;

namespace SecretRotator.Providers.Aws;

/// <summary>
/// A version's id as marks hold it. AWS asks of an id only that it has 32 to 64 characters (<c>ClientRequestToken</c>), but not
/// every character is allowed in a tag or between the parts of a label: there a hash replaces the id.
/// </summary>
internal static class MarkedVersion
{
    private const string Hashed = "hash:";

    /// <summary>The id as a tag may hold it, of letters, digits and <c>+ - = . _ : / @</c> (TagResource: "generally allowed").</summary>
    public static VersionId InTag(VersionId version) =>
        version.Value.All(c => char.IsAsciiLetterOrDigit(c) || "+-=._:/@".Contains(c, StringComparison.Ordinal))
            && !version.Value.StartsWith(Hashed, StringComparison.Ordinal)
            ? version
            : new(Hashed + Hash(version.Value));

    /// <summary>The version that <see cref="InTag"/> wrote down; where the secret doesn't have it any more, an id that no version
    /// has.</summary>
    /// <param name="written">The content of the tag.</param>
    /// <param name="versions">The ids of the versions that the secret has.</param>
    public static VersionId FromTag(VersionId written, IEnumerable<string> versions) =>
        written.Value.StartsWith(Hashed, StringComparison.Ordinal)
        && versions.FirstOrDefault(version => InTag(new(version)) == written) is { } version ? new(version) : written;

    /// <summary>The first 128 bits of an id's SHA-256, in 22 characters.</summary>
    public static string Hash(string id) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 16));
}
