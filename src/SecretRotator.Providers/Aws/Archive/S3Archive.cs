using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace SecretRotator.Providers.Aws;

/// <summary>
/// Keeps files in S3 for good: it creates and reads, and never replaces or deletes. Whether anyone else can is the
/// bucket's business (versioning, Object Lock, policy).
/// </summary>
/// <remarks>
/// Calls are repeated here and not by Amazon's client (see <see cref="SecretsManagerCalls"/>): where the first answer
/// was lost, the second one says that the object is there, and only its content tells whether it is ours.
/// </remarks>
/// <param name="client">Amazon's client; it must not repeat calls by itself.</param>
/// <param name="location">Where.</param>
/// <param name="region">The region that the client asks, for what is said to people.</param>
/// <param name="rules">How objects are kept.</param>
/// <param name="clock">For the end of a retention.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Waits between tries.</param>
internal sealed class S3Archive(
    IAmazonS3 client, S3Location location, string region, S3Rules rules, IClock clock, IRandomSource random, TimeProvider time)
{
    /// <summary>What a policy must allow for storing.</summary>
    public const string PutAction = "s3:PutObject";

    /// <summary>What a policy must allow for reading.</summary>
    public const string GetAction = "s3:GetObject";

    /// <summary>What a policy must allow for listing.</summary>
    public const string ListAction = "s3:ListBucket";

    /// <summary>No evidence comes near this, in bytes.</summary>
    public const long LongestFile = 256L << 20;

    // An answer with names of 1,024 characters must stay below what an answer may have.
    private const int NamesAtOnce = 500;
    private const int MostPages = 2_000;
    private const int PieceLength = Http.BufferedResponseHandler.LongestAnswer;

    private readonly AwsTries _tries = new(random, time);
    private readonly S3Failures _failures = new(location, region, rules);

    /// <summary>Where files are kept.</summary>
    public S3Location Location => location;

    /// <summary>The region that is asked.</summary>
    public string Region => region;

    /// <summary>How they are kept.</summary>
    public S3Rules Rules => rules;

    /// <summary>Stores a file under a name that must be new. The same content under the same name counts as stored.</summary>
    /// <param name="name">The name below the prefix.</param>
    /// <param name="content">The content, from its start; it can be read more than once.</param>
    /// <param name="cancellation">Stops it; what was sent may have been stored.</param>
    /// <exception cref="RemoteFailureException">It isn't stored, or not known to be. A conflict means that the name has another
    /// content.</exception>
    public async Task StoreAsync(string name, Stream content, CancellationToken cancellation)
    {
        content.Position = 0;
        var digest = await SHA256.HashDataAsync(content, cancellation);
        var checksum = Convert.ToBase64String(digest);
        var act = $"storing {location.AddressOf(name)}";
        try
        {
            // Only what computed the checksum can know it: whatever else answers with "200 OK" may have stored nothing. A store without
            // checksums at least names what it stored.
            var answer = await RunAsync(
                () => client.PutObjectAsync(Request(name, content, checksum), cancellation), act, PutAction,
                answer => answer.ETag is { Length: > 0 } && (answer.ChecksumSHA256 is null || answer.ChecksumSHA256 == checksum),
                cancellation);
            if (answer.ChecksumSHA256 is null)
                throw S3Failures.WithoutChecksum(act);
        }
        catch (RemoteFailureException exists)
            when (exists.InnerException is AmazonS3Exception { StatusCode: System.Net.HttpStatusCode.PreconditionFailed })
        {
            var there = await DigestOfAsync(name, exists, cancellation);
            if (!there.SequenceEqual(digest))
            {
                throw new RemoteFailureException(
                    FailureKind.Conflict, Effect.Rejected,
                    $"{location.AddressOf(name)} exists already, with another content. Nothing was replaced.",
                    "Find out who wrote it; then store the file under another name, or below another prefix.", exists);
            }
        }
    }

    /// <summary>The names directly below the prefix, in the order of their bytes.</summary>
    /// <param name="startAfter">Only names after this one, or null for all.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="RemoteFailureException">The bucket can't be listed.</exception>
    public async IAsyncEnumerable<string> ListAsync(string? startAfter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var act = $"listing {location}";
        string? token = null;
        for (var pages = 0; pages == 0 || token is not null; pages++)
        {
            // Whatever answers so often isn't S3.
            if (pages == MostPages)
                throw S3Failures.Garbled(act, ListAction);
            var request = new ListObjectsV2Request
            {
                BucketName = location.Bucket,
                Prefix = location.Prefix,
                Delimiter = "/",
                MaxKeys = NamesAtOnce,
                StartAfter = startAfter is null ? null : location.KeyOf(startAfter),
                ContinuationToken = token,
            };
            var page = await RunAsync(
                () => client.ListObjectsV2Async(request, cancellation), act, ListAction,
                answer => answer.Name == location.Bucket && (answer.IsTruncated != true || answer.NextContinuationToken is { Length: > 0 }),
                cancellation);
            foreach (var key in (page.S3Objects ?? []).Select(each => each.Key))
            {
                // Only what was asked for: a name may be taken for that of a file.
                if (key is null || !key.StartsWith(location.Prefix, StringComparison.Ordinal)
                    || key.IndexOf('/', location.Prefix.Length) >= 0)
                    throw S3Failures.Garbled(act, ListAction);
                if (key.Length > location.Prefix.Length)
                    yield return key[location.Prefix.Length..];
            }

            token = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
    }

    /// <summary>Reads a file, at most <see cref="LongestFile"/> of it.</summary>
    /// <param name="name">The name below the prefix.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="RemoteFailureException">It can't be read, changed meanwhile, or is too long.</exception>
    public async Task ReadAsync(string name, Stream destination, CancellationToken cancellation)
    {
        var act = $"reading {location.AddressOf(name)}";
        var (at, length, tag) = (0L, 1L, (string?)null);
        while (at < length)
        {
            var request = new GetObjectRequest
            {
                BucketName = location.Bucket,
                Key = location.KeyOf(name),
                ByteRange = new ByteRange(at, at + PieceLength - 1),
                EtagToMatch = tag,
            };
            GetObjectResponse answer;
            try
            {
                answer = await RunAsync(
                    () => client.GetObjectAsync(request, cancellation), act, GetAction, found => IsPiece(found, at), cancellation);
            }
            catch (RemoteFailureException empty)
                when (at == 0
                    && empty.InnerException is AmazonS3Exception { StatusCode: System.Net.HttpStatusCode.RequestedRangeNotSatisfiable })
            {
                return;
            }

            using (answer)
            {
                length = LengthOf(answer);
                tag = answer.ETag;
                if (length > LongestFile)
                    throw new RemoteFailureException(
                        FailureKind.Other, Effect.Rejected, $"{location.AddressOf(name)} has more than 256 MiB: that is no evidence.",
                        null);
                var before = at;
                at += answer.ContentLength;
                await answer.ResponseStream.CopyToAsync(destination, cancellation);
                if (at <= before)
                    throw S3Failures.Garbled(act, GetAction);
            }
        }
    }

    private async Task<byte[]> DigestOfAsync(string name, RemoteFailureException exists, CancellationToken cancellation)
    {
        try
        {
            using var hash = SHA256.Create();
            await using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
                await ReadAsync(name, stream, cancellation);
            return hash.Hash!;
        }
        catch (RemoteFailureException unread)
        {
            throw new RemoteFailureException(
                unread.Failure.After(
                    $"{location.AddressOf(name)} exists, and whether its content is the right one can't be determined.") with
                {
                    Effect = exists.Effect,
                }, unread);
        }
    }

    private PutObjectRequest Request(string name, Stream content, string checksum)
    {
        content.Position = 0;
        var request = new PutObjectRequest
        {
            BucketName = location.Bucket,
            Key = location.KeyOf(name),
            InputStream = content,
            AutoCloseStream = false,
            ContentType = name.EndsWith(".jsonl", StringComparison.Ordinal) ? "application/jsonl" : "application/json",
            IfNoneMatch = "*",
            ChecksumSHA256 = checksum,

            // The SDK sends it only where it computes the checksum itself, and S3 asks for it where an object gets a retention
            // (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html).
            ChecksumAlgorithm = ChecksumAlgorithm.SHA256,

            // One piece, signed with its hash.
            UseChunkEncoding = false,
        };
        if (rules.KmsKeyId is { } key)
        {
            request.ServerSideEncryptionMethod = ServerSideEncryptionMethod.AWSKMS;
            request.ServerSideEncryptionKeyManagementServiceKeyId = key;
        }

        if (rules.RetainDays is { } days)
        {
            request.ObjectLockMode = rules.LockMode == LockMode.Compliance ? ObjectLockMode.Compliance : ObjectLockMode.Governance;
            request.ObjectLockRetainUntilDate = (clock.GetCurrentInstant() + Duration.FromDays(days)).ToDateTimeUtc();
        }

        return request;
    }

    private Task<T> RunAsync<T>(Func<Task<T>> call, string act, string action, Func<T, bool> isAnswer, CancellationToken cancellation) =>
        _tries.RunAsync(call, failure => _failures.Of(failure, act, action), () => S3Failures.Garbled(act, action), cancellation, isAnswer);

    private static bool IsPiece(GetObjectResponse answer, long at) =>
        answer.ETag is { Length: > 0 } && answer.ContentLength is > 0 and <= PieceLength
        && LengthOf(answer) is var length
        && answer.ContentRange == $"bytes {at}-{at + answer.ContentLength - 1}/{length}";

    private static long LengthOf(GetObjectResponse answer) =>
        answer.ContentRange is { } range
            && long.TryParse(
                range.AsSpan(range.IndexOf('/', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture,
                out var length) ? length : -1;
}
