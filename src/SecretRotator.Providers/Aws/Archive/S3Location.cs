using System.Net;

namespace SecretRotator.Providers.Aws;

/// <summary>A bucket and the prefix below which evidence is kept: <c>s3://acme-evidence/secret-rotator</c>.</summary>
internal sealed record S3Location
{
    /// <summary>What every location begins with.</summary>
    public const string Scheme = "s3://";

    private const string Example = "Write a bucket and, if you like, a prefix: s3://acme-evidence/secret-rotator";

    // A key has 1,024 bytes at most; this leaves room for the names of files.
    private const int LongestPrefix = 800;

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    private static readonly string[] ReservedBeginnings = ["xn--", "sthree-", "amzn-s3-demo-"];
    private static readonly string[] ReservedEnds = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    private S3Location(string bucket, string prefix) => (Bucket, Prefix) = (bucket, prefix);

    /// <summary>The bucket's name.</summary>
    public string Bucket { get; }

    /// <summary>What every key begins with: empty, or with a slash at its end.</summary>
    public string Prefix { get; }

    /// <summary>Whether a text means a location in S3 rather than a directory.</summary>
    public static bool IsMeantBy(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a location.</summary>
    /// <exception cref="UsageException">It says what is wrong and what to write.</exception>
    public static S3Location Parse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.Ordinal))
            throw Wrong(text, "doesn't begin with s3://");
        var parts = text[Scheme.Length..].Split('/', 2);
        var (bucket, prefix) = (parts[0], parts.Length > 1 ? parts[1].TrimEnd('/') : "");
        if (WrongInBucket(bucket) is { } inBucket)
            throw Wrong(text, inBucket);
        if (prefix.Length > LongestPrefix)
            throw Wrong(text, "has too long a prefix");
        foreach (var segment in prefix.Length == 0 ? [] : prefix.Split('/'))
        {
            if (segment.Length == 0 || segment is "." or "..")
                throw Wrong(text, "has a part of its prefix that is empty, . or ..");
            if (!segment.All(IsPlain))
                throw Wrong(text, "has a character in its prefix other than letters, digits and !-_.=");
        }

        return new S3Location(bucket, prefix.Length == 0 ? "" : prefix + "/");
    }

    /// <summary>The key of a name.</summary>
    public string KeyOf(string name) => Prefix + name;

    /// <summary>Where a name is, as a person writes it.</summary>
    public string AddressOf(string name) => $"{Scheme}{Bucket}/{KeyOf(name)}";

    /// <inheritdoc />
    public override string ToString() => $"{Scheme}{Bucket}/{Prefix}".TrimEnd('/');

    private static string? WrongInBucket(string bucket)
    {
        if (bucket.Length is < 3 or > 63)
            return "names a bucket that doesn't have 3 to 63 characters";
        if (!bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'))
            return "names a bucket with a character other than lower-case letters, digits, hyphens and dots";
        if (!char.IsAsciiLetterOrDigit(bucket[0]) || !char.IsAsciiLetterOrDigit(bucket[^1])
            || bucket.Contains("..", StringComparison.Ordinal))
            return "names a bucket that begins or ends with a hyphen or a dot, or has two dots in a row";
        if (IPAddress.TryParse(bucket, out _))
            return "names an address of the network where a bucket belongs";
        return Array.Exists(ReservedBeginnings, each => bucket.StartsWith(each, StringComparison.Ordinal))
            || Array.Exists(ReservedEnds, each => bucket.EndsWith(each, StringComparison.Ordinal))
            ? "names no general-purpose bucket: access points, directory buckets and the like keep no evidence"
            : null;
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '!' or '-' or '_' or '.' or '=';

    private static UsageException Wrong(string text, string what) => new($"{PrintableText.Of(text)} {what}.", Example);
}
