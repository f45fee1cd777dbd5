using System.Security.Cryptography;
using SecretRotator.Evidence;

namespace SecretRotator.EvidenceStorage;

/// <summary>
/// A signature over closed evidence: a DSSE envelope around an in-toto statement that names the file, its hash and how it ended.
/// docs/evidence.md shows how openssl checks it.
/// </summary>
internal static class EvidenceEnvelope
{
    /// <summary>How the signature's file ends, in place of <c>.jsonl</c>.</summary>
    public const string Suffix = ".dsse.json";

    private const string PayloadType = "application/vnd.in-toto+json";
    private const string StatementType = "https://in-toto.io/Statement/v1";
    private const string PredicateType = "urn:secret-rotator:evidence-run:1";
    /// <summary>No envelope is larger.</summary>
    public const int MostBytes = 1 << 20;

    private const int MostSignatures = 16;

    /// <summary>Where the signature of a file is.</summary>
    public static string PathOf(string evidence) => Path.ChangeExtension(evidence, null) + Suffix;

    /// <summary>The envelope for a file.</summary>
    public static byte[] Make(SigningKey key, SignedFacts facts)
    {
        var statement = Statement(facts).ToUtf8();
        return new CanonicalObject()
            .With("payloadType", PayloadType)
            .With("payload", Convert.ToBase64String(statement))
            .With("signatures",
                [new CanonicalObject().With("keyid", key.Id).With("sig", Convert.ToBase64String(key.Sign(Signed(statement))))])
            .ToUtf8();
    }

    /// <summary>What is wrong with an envelope for a file that was checked; null where it is good.</summary>
    /// <param name="envelope">The envelope's bytes.</param>
    /// <param name="key">The public key.</param>
    /// <param name="file">The file.</param>
    public static string? Fault(ReadOnlyMemory<byte> envelope, ECDsa key, CheckedFile file)
    {
        if (envelope.Length > MostBytes)
            return "It is larger than 1 MiB.";
        byte[] payload;
        try
        {
            using var document = JsonDocument.Parse(envelope);
            var root = document.RootElement;
            if (root.GetProperty("payloadType").GetString() != PayloadType)
                return "It signs something else than an in-toto statement.";
            payload = root.GetProperty("payload").GetBytesFromBase64();
            var signed = Signed(payload);
            if (!root.GetProperty("signatures")
                .EnumerateArray()
                .Take(MostSignatures)
                .Any(each => IsBy(key, signed, each.GetProperty("sig").GetBytesFromBase64())))
                return "It was not made with this key, or what it signs was changed.";
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return "It is no DSSE envelope.";
        }

        // Only one statement can be right: the one that would be made of this file.
        return FactsOf(file) is { } facts && payload.AsSpan().SequenceEqual(Statement(facts).ToUtf8())
            ? null
            : "It signs another file, or this one was changed after it was signed.";
    }

    private static SignedFacts? FactsOf(
        CheckedFile file) => file is { Verdict: EvidenceVerdict.Whole, Story: { EndedAt: { } endedAt, ExitCode: { } exitCode } story }
        ? new SignedFacts(Path.GetFileName(file.Name), file.Content, story.Run, file.Records, file.Head, exitCode, endedAt)
        : null;

    private static bool IsBy(ECDsa key, byte[] signed, byte[] signature)
    {
        try
        {
            return key.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static CanonicalObject Statement(SignedFacts facts) => new CanonicalObject()
        .With("_type", StatementType)
        .With("subject",
            [new CanonicalObject().With("name", facts.Name).With("digest", new CanonicalObject().With("sha256", facts.Content))])
        .With("predicateType", PredicateType)
        .With("predicate", new CanonicalObject()
            .With("run", facts.Run.Value)
            .With("records", facts.Records)
            .With("head", facts.Head)
            .With("exitCode", facts.ExitCode)
            .With("endedAt", MarkText.Format(facts.EndedAt)));

    // DSSE's pre-authentication encoding.
    private static byte[] Signed(byte[] payload) =>
        [.. Encoding.UTF8.GetBytes(
            $"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} "), .. payload];
}

/// <summary>What a signature covers.</summary>
/// <param name="Name">The file's name without its directory.</param>
/// <param name="Content">The SHA-256 of the file.</param>
/// <param name="Run">The run.</param>
/// <param name="Records">How many records there are.</param>
/// <param name="Head">The hash of the last one.</param>
/// <param name="ExitCode">The exit code that it tells.</param>
/// <param name="EndedAt">When the run ended.</param>
internal sealed record SignedFacts(string Name, string Content, RunId Run, long Records, string Head, long ExitCode, Instant EndedAt);
