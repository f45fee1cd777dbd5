using SecretRotator.Providers.Aws;

namespace SecretRotator.EvidenceStorage;

/// <summary>Where evidence goes: a directory, a bucket, or both.</summary>
/// <param name="Directory">The directory, or null where only a bucket was asked for.</param>
/// <param name="Bucket">The place in S3, or null.</param>
internal sealed record EvidencePlaces(string? Directory, S3Location? Bucket)
{
    /// <summary>Reads what <c>--evidence</c> says.</summary>
    /// <param name="asked">Each place as it was written; empty where no one said.</param>
    /// <param name="usual">The directory where no one said.</param>
    /// <exception cref="UsageException">A location is wrong, or there is more than one of a kind.</exception>
    public static EvidencePlaces Parse(ImmutableArray<string> asked, string usual)
    {
        if (asked.IsEmpty)
            return new EvidencePlaces(usual, null);
        var buckets = asked.Where(S3Location.IsMeantBy).Distinct(StringComparer.Ordinal).ToImmutableArray();
        var directories = asked.Except(buckets, StringComparer.Ordinal).ToImmutableArray();
        return buckets.Length > 1 || directories.Length > 1
            ? throw new UsageException(
                "--evidence names more than one " + (buckets.Length > 1 ? "bucket." : "directory."),
                "Name one directory, one bucket (s3://…), or one of each.")
            : new EvidencePlaces(directories.FirstOrDefault(), buckets is [var bucket] ? S3Location.Parse(bucket) : null);
    }
}
