using Amazon.Runtime;
using Amazon.S3;

namespace SecretRotator.Providers.Aws;

/// <summary>Reaches a bucket, with the tool's own network and identity. Nothing is called before the archive is.</summary>
internal sealed class S3Connection : IDisposable
{
    // A whole file goes up in one call.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private readonly AwsIdentity _identity;
    private readonly AmazonS3Client _client;

    private S3Connection(AwsIdentity identity, AmazonS3Client client, S3Archive archive) =>
        (_identity, _client, Archive) = (identity, client, archive);

    /// <summary>What is in the bucket.</summary>
    public S3Archive Archive { get; }

    /// <summary>Connects.</summary>
    /// <param name="location">The bucket and prefix.</param>
    /// <param name="access">The settings under <c>s3</c>.</param>
    /// <param name="aws">How AWS is reached, and as whom.</param>
    /// <param name="endpoint">Where S3 answers, or null for its address in the region. <c>https</c>, or <c>http</c> on loopback.</param>
    /// <param name="handler">Makes the HTTP handler of all calls.</param>
    /// <param name="clock">For the end of a retention.</param>
    /// <param name="random">For jitter.</param>
    /// <param name="time">Waits between tries.</param>
    /// <exception cref="UsageException">No region is known.</exception>
    public static S3Connection Open(
        S3Location location, S3Access access, AwsSettings aws, Uri? endpoint, Func<HttpMessageHandler> handler, IClock clock,
        IRandomSource random, TimeProvider time)
    {
        if (access.Region is not { } region)
            throw new UsageException(
                $"The region of {location} isn't known.",
                $"Set s3.region (SECRET_ROTATOR__S3__REGION) or AWS_REGION; aws s3api get-bucket-location --bucket {location.Bucket} "
                    + "shows it.");
        var identity = new AwsIdentity(aws with { Timeout = Timeout }, handler);
        try
        {
            var config = identity.Configure(new AmazonS3Config(), region, endpoint);
            config.AllowAutoRedirect = false;

            // A name with a dot, or an address of one's own, has no certificate for a bucket in front of it.
            config.ForcePathStyle = endpoint is not null || location.Bucket.Contains('.', StringComparison.Ordinal);
            config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
            config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
            config.DisableS3ExpressSessionAuth = true;
            var client = new AmazonS3Client(identity.CredentialsFor(region, access.Role), config);
            return new S3Connection(identity, client, new S3Archive(client, location, region, access.Rules, clock, random, time));
        }
        catch
        {
            identity.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _identity.Dispose();
    }
}
