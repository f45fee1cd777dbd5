using System.Net.Sockets;

namespace SecretRotator.Providers.Notifications;

/// <summary>A connection from which a bound is read at most: MailKit takes answers of any length.</summary>
/// <param name="socket">The connection; its owner ends it.</param>
/// <param name="longest">How many bytes are read at most.</param>
internal sealed class BoundedStream(Socket socket, int longest) : NetworkStream(socket)
{
    private int _left = longest;

    /// <inheritdoc />
    public override int Read(Span<byte> buffer) => Counted(base.Read(buffer));

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => Counted(base.Read(buffer, offset, count));

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(await base.ReadAsync(buffer, cancellationToken));

    /// <inheritdoc />
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private int Counted(int read) => (_left -= read) >= 0 ? read : throw new StreamTooLongException();
}

/// <summary>More came than is read.</summary>
internal sealed class StreamTooLongException() : IOException("More came than is read.");
