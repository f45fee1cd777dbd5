using System.Buffers;

namespace SecretRotator.Evidence;

/// <summary>The lines of a file of evidence, one at a time: a file may be larger than memory, a line may not.</summary>
internal static class EvidenceLines
{
    /// <summary>The longest line that is read, in bytes. The longest that a run writes are some kilobytes.</summary>
    public const int Longest = 1 << 20;

    /// <summary>The lines in their order; the last one may lack its end. After one that is too long nothing is read.</summary>
    /// <param name="file">The file, from its beginning.</param>
    /// <param name="onBytes">Called with every stretch of bytes that is read.</param>
    public static IEnumerable<EvidenceLine> Read(Stream file, Action<ReadOnlyMemory<byte>>? onBytes = null)
    {
        var chunk = new byte[64 * 1024];
        var pending = new ArrayBufferWriter<byte>();
        long number = 1, offset = 0;
        while (file.Read(chunk) is var read and > 0)
        {
            onBytes?.Invoke(chunk.AsMemory(0, read));
            for (var start = 0; start < read;)
            {
                var end = Array.IndexOf(chunk, (byte)'\n', start, read - start);
                var length = (end >= 0 ? end : read) - start;
                pending.Write(chunk.AsSpan(start, length));
                if (pending.WrittenCount > Longest)
                {
                    yield return new EvidenceLine(number, offset, ReadOnlyMemory<byte>.Empty, HasEnd: true, IsTooLong: true);
                    yield break;
                }

                if (end >= 0)
                {
                    yield return new EvidenceLine(number, offset, pending.WrittenMemory.ToArray(), HasEnd: true, IsTooLong: false);
                    (number, offset) = (number + 1, offset + pending.WrittenCount + 1);
                    pending.ResetWrittenCount();
                    length++;
                }

                start += length;
            }
        }

        if (pending.WrittenCount > 0)
            yield return new EvidenceLine(number, offset, pending.WrittenMemory.ToArray(), HasEnd: false, IsTooLong: false);
    }
}

/// <summary>A line and its place.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Offset">Where it begins, in bytes from the beginning of the file.</param>
/// <param name="Bytes">The line without its end.</param>
/// <param name="HasEnd">Whether it has a line end; only the last one may lack it.</param>
/// <param name="IsTooLong">Whether it is longer than any line may be; then its bytes are left out.</param>
internal sealed record EvidenceLine(long Number, long Offset, ReadOnlyMemory<byte> Bytes, bool HasEnd, bool IsTooLong);
