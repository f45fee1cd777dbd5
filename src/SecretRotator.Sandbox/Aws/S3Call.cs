using System.Security.Cryptography;
using System.Xml.Linq;
using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox.Aws;

/// <summary>One call of S3 whose caller is known.</summary>
/// <remarks>Facts from https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html and its neighbours.</remarks>
internal sealed class S3Call(S3State state, AwsCaller caller, SandboxRequest request, string bucketName, string key, DateTimeOffset now)
{
    private const int MostKeys = 1000;
    private const int LongestKey = 1024;

    private static readonly string[] Algorithms = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

    private static readonly XNamespace Names = "http://s3.amazonaws.com/doc/2006-03-01/";

    /// <summary>Writes an object, and only a new one where the caller says so.</summary>
    public SandboxAnswer Put()
    {
        var bucket = Bucket("s3:PutObject");
        if (Encoding.UTF8.GetByteCount(key) > LongestKey)
            throw new Refusal("KeyTooLongError", "Your key is too long");
        CheckDigests();
        var made = new S3ObjectState
        {
            Body = request.Body,
            ContentType = request.Header("Content-Type"),
#pragma warning disable CA5351 // An ETag is what it is.
            ETag = $"\"{Convert.ToHexStringLower(MD5.HashData(request.Body))}\"",
#pragma warning restore CA5351
            ChecksumSha256 = bucket.KeepsNoChecksums ? null : request.Header("x-amz-checksum-sha256"),
            LastModified = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()),
            Encryption = request.Header("x-amz-server-side-encryption") ?? (bucket.KmsKeyId is null ? "AES256" : "aws:kms"),
            KmsKeyId = request.Header("x-amz-server-side-encryption-aws-kms-key-id")
                ?? (request.Header("x-amz-server-side-encryption") is null ? bucket.KmsKeyId : null),
        };
        Retain(bucket, made);
        if (request.Header("If-None-Match") is { } none)
        {
            if (none != "*")
                throw S3Emulator.NotImplemented();
            if (bucket.Objects.ContainsKey(key))
                throw S3Emulator.PreconditionFailed();
        }

        bucket.Objects[key] = made;
        return new SandboxAnswer(200, null, []) { Headers = Described(made), Changed = true };
    }

    /// <summary>Reads an object, or one range of it.</summary>
    public SandboxAnswer Get()
    {
        var bucket = Bucket("s3:GetObject");
        if (!bucket.Objects.TryGetValue(key, out var found))
        {
            // A caller that may not list isn't told what is missing.
            throw bucket.Denied.Contains("s3:ListBucket")
                ? Denied("s3:ListBucket")
                : new Refusal("NoSuchKey", "The specified key does not exist.", 404);
        }

        if (request.Header("If-Match") is { } match && match != found.ETag)
            throw S3Emulator.PreconditionFailed();
        var headers = Described(found);
        headers["Accept-Ranges"] = "bytes";
        headers["Last-Modified"] = found.LastModified.ToString("R", CultureInfo.InvariantCulture);
        if (request.Header("x-amz-checksum-mode") is null || request.Header("Range") is not null)
            headers.Remove("x-amz-checksum-sha256");
        if (request.Header("Range") is not { } range)
            return new SandboxAnswer(200, found.ContentType, found.Body) { Headers = headers };
        var (from, to) = Range(range, found.Body.Length);
        headers["Content-Range"] = $"bytes {from}-{to}/{found.Body.Length}";
        return new SandboxAnswer(206, found.ContentType, found.Body[from..(to + 1)]) { Headers = headers };
    }

    /// <summary>Lists objects by their names, in the order of their bytes, at most 1,000 at a time.</summary>
    public SandboxAnswer List()
    {
        var bucket = Bucket("s3:ListBucket");
        var prefix = request.Query.GetValueOrDefault("prefix", "");
        var most = Math.Min(MostKeys, Number(request.Query.GetValueOrDefault("max-keys")) ?? MostKeys);
        var token = request.Query.GetValueOrDefault("continuation-token");
        var after = token is null ? request.Query.GetValueOrDefault("start-after", "") : Continued(token);
        var found = bucket.Objects
            .Where(each => each.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(each => (Text: Rolled(each.Key, prefix), each.Key, each.Value))
            .DistinctBy(each => each.Text, StringComparer.Ordinal)
            .Where(each => string.CompareOrdinal(each.Text, after) > 0)
            .Take(most + 1)
            .ToList();
        var page = found.Take(most).ToList();
        var truncated = found.Count > most && most > 0;
        return Xml(new XElement(
            Names + "ListBucketResult",
            Element("Name", bucketName),
            Element("Prefix", prefix),
            request.Query.TryGetValue("start-after", out var start) ? Element("StartAfter", start) : null,
            token is null ? null : Element("ContinuationToken", token),
            truncated ? Element("NextContinuationToken", Convert.ToBase64String(Encoding.UTF8.GetBytes(page[^1].Text))) : null,
            Element("KeyCount", page.Count.ToString(CultureInfo.InvariantCulture)),
            Element("MaxKeys", most.ToString(CultureInfo.InvariantCulture)),
            Element("IsTruncated", truncated ? "true" : "false"),
            page.Where(each => each.Text != each.Key).Select(each => new XElement(Names + "CommonPrefixes", Element("Prefix", each.Text))),
            page.Where(each => each.Text == each.Key).Select(each => new XElement(
                Names + "Contents",
                Element("Key", each.Key),
                Element("LastModified", StateDocument.Time(each.Value.LastModified)!),
                Element("ETag", each.Value.ETag),
                Element("Size", each.Value.Body.Length.ToString(CultureInfo.InvariantCulture)),
                Element("StorageClass", "STANDARD")))));
    }

    /// <summary>How the bucket locks objects.</summary>
    public SandboxAnswer Lock()
    {
        var bucket = Bucket("s3:GetBucketObjectLockConfiguration");
        if (!bucket.ObjectLock)
            throw new Refusal("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket", 404);
        return Xml(new XElement(
            Names + "ObjectLockConfiguration",
            Element("ObjectLockEnabled", "Enabled"),
            bucket.RetentionMode is not { } mode ? null : new XElement(
                Names + "Rule",
                new XElement(Names + "DefaultRetention", Element("Mode", mode), Element("Days", $"{bucket.RetentionDays}")))));
    }

    private S3BucketState Bucket(string action)
    {
        var bucket = state.Buckets.GetValueOrDefault(bucketName)
            ?? throw new Refusal("NoSuchBucket", "The specified bucket does not exist", 404);
        if (caller.Region != bucket.Region)
            throw new Refusal("AuthorizationHeaderMalformed", $"The authorization header is malformed; the region "
                + $"'{caller.Region}' is wrong; expecting '{bucket.Region}'");
        return bucket.Accounts.Contains(caller.Account) && !bucket.Denied.Contains(action) ? bucket : throw Denied(action);
    }

    private Refusal Denied(string action) => new(
        "AccessDenied",
        $"User: {caller.Arn} is not authorized to perform: {action} on resource: "
            + $"\"arn:aws:s3:::{(action == "s3:ListBucket" ? bucketName : $"{bucketName}/{key}")}\" because no identity-based policy "
            + $"allows the {action} action",
        403);

    private void CheckDigests()
    {
#pragma warning disable CA5351 // That header has no other.
        if (request.Header("Content-MD5") is { } md5 && md5 != Convert.ToBase64String(MD5.HashData(request.Body)))
            throw new Refusal("BadDigest", "The Content-MD5 you specified did not match what we received.");
#pragma warning restore CA5351
        CheckChecksumHeaders();
        if (request.Header("x-amz-checksum-sha256") is { } sha256 && sha256 != Convert.ToBase64String(SHA256.HashData(request.Body)))
            throw new Refusal("BadDigest", "The SHA256 you specified did not match the calculated checksum.");
    }

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
    private void CheckChecksumHeaders()
    {
        var given = Algorithms.Where(algorithm => request.Header(ChecksumHeader(algorithm)) is not null).ToList();
        if (given.Count > 1)
            throw new Refusal("InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
        if (given is [var one] && !IsChecksum(request.Header(ChecksumHeader(one))!, one))
            throw new Refusal("InvalidRequest", $"Value for {ChecksumHeader(one)} header is invalid.");
        if (request.Header("x-amz-sdk-checksum-algorithm") is not { } named)
            return;
        if (!Algorithms.Contains(named, StringComparer.OrdinalIgnoreCase))
            throw new Refusal("InvalidRequest", $"Checksum algorithm provided is unsupported. Please try again with any of the "
                + $"valid types: [{string.Join(", ", Algorithms)}]");
        if (!given.Contains(named, StringComparer.OrdinalIgnoreCase) && request.Header("x-amz-trailer") is null)
            throw new Refusal("InvalidRequest", "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
                + "x-amz-trailer headers were found.");
    }

    private static string ChecksumHeader(string algorithm) => $"x-amz-checksum-{algorithm.ToLowerInvariant()}";

    private static bool IsChecksum(string text, string algorithm)
    {
        Span<byte> bytes = stackalloc byte[64];
        return Convert.TryFromBase64String(text, bytes, out var length)
            && length == algorithm switch { "SHA256" => 32, "SHA1" => 20, "CRC64NVME" => 8, _ => 4 };
    }

    private void Retain(S3BucketState bucket, S3ObjectState made)
    {
        var (mode, until) = (request.Header("x-amz-object-lock-mode"), request.Header("x-amz-object-lock-retain-until-date"));
        if (mode is null && until is null && bucket.RetentionMode is { } usual)
        {
            (made.LockMode, made.RetainUntil) = (usual, now.AddDays(bucket.RetentionDays));
        }
        else if (mode is not null || until is not null)
        {
            if (!bucket.ObjectLock)
                throw new Refusal("InvalidRequest", "Bucket is missing Object Lock Configuration");
            if (mode is not ("GOVERNANCE" or "COMPLIANCE") || until is null)
                throw new Refusal(
                    "InvalidArgument", "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied");
            if (bucket.Denied.Contains("s3:PutObjectRetention"))
                throw Denied("s3:PutObjectRetention");
            if (!DateTimeOffset.TryParse(until, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end) || end <= now)
                throw new Refusal("InvalidArgument", "The retain until date must be in the future!");
            (made.LockMode, made.RetainUntil) = (mode, end);
        }

        // The checksum alone isn't enough: its algorithm has to be named beside it.
        if (made.LockMode is not null && request.Header("Content-MD5") is null && request.Header("x-amz-sdk-checksum-algorithm") is null)
            throw new Refusal("InvalidRequest", "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests "
                + "with Object Lock parameters");
    }

    private Dictionary<string, string> Described(S3ObjectState described)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["ETag"] = described.ETag,
            ["x-amz-request-id"] = "5A5A5A5A00004000",
            ["x-amz-server-side-encryption"] = described.Encryption,
        };
        if (described.KmsKeyId is { } kmsKey)
            headers["x-amz-server-side-encryption-aws-kms-key-id"] = kmsKey;
        if (described.ChecksumSha256 is { } checksum)
            headers["x-amz-checksum-sha256"] = checksum;
        if (request.Method != "PUT" && described is { LockMode: { } mode, RetainUntil: { } until })
        {
            headers["x-amz-object-lock-mode"] = mode;
            headers["x-amz-object-lock-retain-until-date"] = StateDocument.Time(until)!;
        }

        return headers;
    }

    // With a delimiter, what is below one name counts as one.
    private string Rolled(string each, string prefix)
    {
        var end = request.Query.TryGetValue("delimiter", out var delimiter) && delimiter.Length > 0
            ? each.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal)
            : -1;
        return end < 0 ? each : each[..(end + delimiter!.Length)];
    }

    private static (int From, int To) Range(string range, int length)
    {
        var ends = range.StartsWith("bytes=", StringComparison.Ordinal) ? range["bytes=".Length..].Split('-') : [];
        return ends is [var first, var last] && Number(first) is { } from && from < length
            ? (from, Math.Min(Number(last) ?? length, length - 1))
            : throw new Refusal("InvalidRange", "The requested range is not satisfiable", 416);
    }

    private static string Continued(string token)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(token));
        }
        catch (FormatException)
        {
            throw new Refusal("InvalidArgument", "The continuation token provided is incorrect");
        }
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static XElement Element(string name, string value) => new(Names + name, value);

    private static SandboxAnswer Xml(XElement body) =>
        new(200, "application/xml", Encoding.UTF8.GetBytes(body.ToString(SaveOptions.DisableFormatting)));
}
