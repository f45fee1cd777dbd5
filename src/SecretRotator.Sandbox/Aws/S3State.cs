namespace SecretRotator.Sandbox.Aws;

/// <summary>What S3 remembers.</summary>
internal sealed class S3State
{
    /// <summary>Buckets by name: it is unique in all of AWS.</summary>
    public SortedDictionary<string, S3BucketState> Buckets { get; set; } = new(StringComparer.Ordinal);
}

internal sealed class S3BucketState
{
    public string Region { get; set; } = "";

    /// <summary>The accounts whose identities may use it.</summary>
    public SortedSet<string> Accounts { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Actions that its policy denies to everyone, such as <c>s3:PutObject</c>.</summary>
    public SortedSet<string> Denied { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Whether Object Lock is on.</summary>
    public bool ObjectLock { get; set; }

    /// <summary>The mode of the default retention, <c>GOVERNANCE</c> or <c>COMPLIANCE</c>, or null where there is none.</summary>
    public string? RetentionMode { get; set; }

    /// <summary>The days of the default retention.</summary>
    public int RetentionDays { get; set; }

    /// <summary>Whether it is another maker's store, which answers without checksums.</summary>
    public bool KeepsNoChecksums { get; set; }

    /// <summary>The KMS key of the default encryption, or null for keys that S3 itself keeps.</summary>
    public string? KmsKeyId { get; set; }

    /// <summary>The newest version of each object. Older versions aren't kept here: nothing that runs in the sandbox reads them.</summary>
    public SortedDictionary<string, S3ObjectState> Objects { get; set; } = new(StringComparer.Ordinal);
}

internal sealed class S3ObjectState
{
    public byte[] Body { get; set; } = [];
    public string? ContentType { get; set; }

    /// <summary>With its quotes.</summary>
    public string ETag { get; set; } = "";

    /// <summary>In base64, where the writer gave it.</summary>
    public string? ChecksumSha256 { get; set; }

    public DateTimeOffset LastModified { get; set; }

    /// <summary><c>AES256</c> or <c>aws:kms</c>.</summary>
    public string Encryption { get; set; } = "";

    public string? KmsKeyId { get; set; }
    public string? LockMode { get; set; }
    public DateTimeOffset? RetainUntil { get; set; }
}
