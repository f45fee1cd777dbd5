using System.Security.Cryptography;

namespace SecretRotator;

/// <summary>
/// The value of a secret, or of one of its fields, for as long as the process needs it.
/// </summary>
/// <remarks>
/// It has no public property, and its text form is always <c>[secret]</c>: formatting, logging or serialising it
/// gives nothing away. Its bytes are pinned, so that the garbage collector leaves no copies behind, and are zeroed
/// by <see cref="Dispose"/>. Only adapters that send the value to a vault or to a variable may reveal it; a banned
/// symbol holds everyone else to that.
/// </remarks>
public sealed class SecretValue : IDisposable
{
    private readonly byte[] _utf8;
    private bool _disposed;

    private SecretValue(byte[] pinnedUtf8) => _utf8 = pinnedUtf8;

    /// <summary>Makes a value of a copy of <paramref name="utf8"/>. The caller wipes its own bytes.</summary>
    /// <param name="utf8">UTF-8 text; may be empty.</param>
    public static SecretValue FromUtf8(ReadOnlySpan<byte> utf8)
    {
        var pinned = GC.AllocateUninitializedArray<byte>(utf8.Length, pinned: true);
        utf8.CopyTo(pinned);
        return new SecretValue(pinned);
    }

    /// <summary>
    /// Makes a value of text that a library insists on handing over as text. A string can't be wiped: use
    /// <see cref="FromUtf8"/> wherever bytes are to be had.
    /// </summary>
    public static SecretValue FromText(ReadOnlySpan<char> text)
    {
        var pinned = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(text), pinned: true);
        Encoding.UTF8.GetBytes(text, pinned);
        return new SecretValue(pinned);
    }

    /// <summary>Hands the UTF-8 bytes to <paramref name="use"/>, which must not keep them.</summary>
    /// <exception cref="ObjectDisposedException">The value was wiped.</exception>
    public TResult Reveal<TState, TResult>(TState state, Func<TState, ReadOnlyMemory<byte>, TResult> use)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return use(state, _utf8);
    }

    /// <summary>The value as text, for a library that takes nothing else. A string can't be wiped.</summary>
    /// <exception cref="ObjectDisposedException">The value was wiped.</exception>
    public string RevealText()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Encoding.UTF8.GetString(_utf8);
    }

    /// <summary>A copy with a life of its own.</summary>
    /// <exception cref="ObjectDisposedException">The value was wiped.</exception>
    public SecretValue Copy()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return FromUtf8(_utf8);
    }

    /// <summary>Compares in a time that depends on the lengths alone.</summary>
    /// <exception cref="ObjectDisposedException">One of the two was wiped.</exception>
    public bool FixedTimeEquals(SecretValue other)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ObjectDisposedException.ThrowIf(other._disposed, other);
        return CryptographicOperations.FixedTimeEquals(_utf8, other._utf8);
    }

    /// <summary>Zeroes the bytes. May be called more than once.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_utf8);
        _disposed = true;
    }

    /// <summary>Always <c>[secret]</c>.</summary>
    public override string ToString() => "[secret]";
}
