using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace SecretRotator.Values;

/// <summary>Grows a value piece by piece and leaves no copy of it behind: pinned, and zeroed when it moves or ends.</summary>
internal sealed class SecretBuffer(int capacity) : IDisposable
{
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(Math.Max(capacity, 16), pinned: true);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>The same, for what is sent asynchronously. It is wiped with this.</summary>
    public ArraySegment<byte> Segment => new(_bytes, 0, Length);

    public void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Extend(bytes.Length));

    public void Append(byte value) => Extend(1)[0] = value;

    public void AppendUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Extend(sizeof(uint)), value);

    /// <summary>Adds bytes in base64 with padding (RFC 4648, section 4).</summary>
    public void AppendBase64(ReadOnlySpan<byte> bytes) =>
        Base64.EncodeToUtf8(bytes, Extend(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out _);

    /// <summary>Adds so many bytes for the caller to fill.</summary>
    public Span<byte> Extend(int count)
    {
        if (_bytes.Length - Length < count)
            Grow(count);
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }

    public SecretValue ToValue() => SecretValue.FromUtf8(Written);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        Length = 0;
    }

    private void Grow(int count)
    {
        var larger = GC.AllocateUninitializedArray<byte>(Math.Max(_bytes.Length * 2, Length + count), pinned: true);
        Written.CopyTo(larger);
        CryptographicOperations.ZeroMemory(_bytes);
        _bytes = larger;
    }
}
