namespace SecretRotator.Output;

/// <summary>UTF-8 bytes into a writer of text, a piece at a time.</summary>
internal sealed class TextStream(TextWriter writer) : Stream
{
    private readonly char[] _text = new char[16 * 1024];
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var text = _text.AsSpan();
        while (!buffer.IsEmpty)
        {
            _decoder.Convert(buffer, text, flush: false, out var read, out var written, out _);
            writer.Write(_text, 0, written);
            buffer = buffer[read..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => writer.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
