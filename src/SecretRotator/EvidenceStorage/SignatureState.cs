using System.Security.Cryptography;
using SecretRotator.Evidence;

namespace SecretRotator.EvidenceStorage;

/// <summary>What is known of a file's signature. A closed set.</summary>
internal abstract record SignatureState
{
    private SignatureState()
    {
    }

    /// <summary>It is there or not, and wasn't looked at: no public key was given.</summary>
    /// <param name="IsThere">Whether there is one.</param>
    public sealed record Unchecked(bool IsThere) : SignatureState;

    /// <summary>It was made over this very file with the key that was given.</summary>
    public sealed record Good : SignatureState;

    /// <summary>There is none, and there can't be: the file isn't whole.</summary>
    public sealed record NotDue : SignatureState;

    /// <summary>There is none, though the file is whole.</summary>
    public sealed record Missing : SignatureState;

    /// <summary>It doesn't vouch for this file.</summary>
    /// <param name="Why">Why not.</param>
    public sealed record Bad(string Why) : SignatureState;

    /// <summary>Looks at the signature beside a file.</summary>
    /// <param name="file">The file, checked.</param>
    /// <param name="key">The public key, or null where none was given.</param>
    public static SignatureState Of(CheckedFile file, ECDsa? key)
    {
        var path = EvidenceEnvelope.PathOf(file.Name);
        var isThere = File.Exists(path);
        if (key is null)
            return new Unchecked(isThere);
        if (!isThere)
            return file.Verdict is EvidenceVerdict.Whole ? new Missing() : new NotDue();
        try
        {
            return EvidenceEnvelope.Fault(ReadBounded(path), key, file) is { } fault ? new Bad(fault) : new Good();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Bad("It can't be read.");
        }
    }

    // One byte more than any envelope may have tells that it is too large.
    private static ReadOnlyMemory<byte> ReadBounded(string path)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[Math.Min(file.Length, EvidenceEnvelope.MostBytes) + 1];
        return bytes.AsMemory(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
    }
}
