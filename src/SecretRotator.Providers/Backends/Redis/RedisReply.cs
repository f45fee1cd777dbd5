using System.Buffers.Text;

namespace SecretRotator.Providers.Backends.Redis;

/// <summary>What a server answered to a command, in RESP2 (https://redis.io/docs/latest/develop/reference/protocol-spec/).</summary>
internal abstract record RedisReply
{
    private RedisReply()
    {
    }

    /// <summary>A text, simple or bulk.</summary>
    internal sealed record Text(string Value) : RedisReply;

    /// <summary>A refusal. Only its first word is kept: the rest may repeat the arguments of a command, a password among them.</summary>
    /// <param name="Code">The first word, such as <c>WRONGPASS</c>; <c>ERR</c> where it is none.</param>
    internal sealed record Error(string Code) : RedisReply;

    /// <summary>A number.</summary>
    internal sealed record Number(long Value) : RedisReply;

    /// <summary>Nothing: what was asked for doesn't exist.</summary>
    internal sealed record Nothing : RedisReply;

    /// <summary>Several answers.</summary>
    internal sealed record List(ImmutableArray<RedisReply> Items) : RedisReply;

    /// <summary>The text of a reply that is one, or null.</summary>
    public string? AsText => (this as Text)?.Value;

    /// <summary>The replies in one that is a list, or none.</summary>
    public ImmutableArray<RedisReply> Parts => this is List { Items: var items } ? items : [];

    /// <summary>The reply to a name in a list of names and replies, as RESP2 has maps; or null.</summary>
    public RedisReply? Of(string name)
    {
        for (var at = 0; at + 1 < Parts.Length; at += 2)
            if (Parts[at].AsText == name)
                return Parts[at + 1];
        return null;
    }
}

/// <summary>Reads replies from a connection, within bounds.</summary>
internal sealed class RedisReplyReader(Stream stream)
{
    private const int LongestLine = 16 * 1024;
    private const int LargestText = 1024 * 1024;
    private const int MostItems = 10_000;
    private const int Deepest = 8;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next reply.</summary>
    /// <exception cref="EndOfStreamException">The connection ended.</exception>
    /// <exception cref="InvalidDataException">It isn't RESP2, or exceeds the bounds.</exception>
    public ValueTask<RedisReply> ReadAsync(CancellationToken cancellation) => ReadAsync(Deepest, cancellation);

    private async ValueTask<RedisReply> ReadAsync(int depth, CancellationToken cancellation)
    {
        var line = await LineAsync(cancellation);
        switch (line is [] ? (byte)0 : line[0])
        {
            case (byte)'+':
                return new RedisReply.Text(Encoding.UTF8.GetString(line, 1, line.Length - 1));
            case (byte)'-':
                return new RedisReply.Error(CodeOf(line.AsSpan(1)));
            case (byte)':':
                return new RedisReply.Number(Number(line));
            case (byte)'$':
                return Number(line) is var length && length < 0
                    ? new RedisReply.Nothing()
                    : new RedisReply.Text(await BulkAsync(Within(length, LargestText), cancellation));
            case (byte)'*' when depth > 0:
                if (Number(line) is var count && count < 0)
                    return new RedisReply.Nothing();
                var items = ImmutableArray.CreateBuilder<RedisReply>();
                for (var left = Within(count, MostItems); left > 0; left--)
                    items.Add(await ReadAsync(depth - 1, cancellation));
                return new RedisReply.List(items.ToImmutable());
            default:
                throw new InvalidDataException("The answer isn't RESP2.");
        }
    }

    private async ValueTask<byte[]> LineAsync(CancellationToken cancellation)
    {
        using var line = new MemoryStream();
        while (true)
        {
            var next = await NextAsync(cancellation);
            if (next == '\r')
                return await NextAsync(cancellation) == '\n' ? line.ToArray() : throw new InvalidDataException("A line has no end.");
            if (line.Length == LongestLine)
                throw new InvalidDataException("A line is too long.");
            line.WriteByte(next);
        }
    }

    private async ValueTask<string> BulkAsync(int length, CancellationToken cancellation)
    {
        var bytes = new byte[length + 2];
        for (var at = 0; at < bytes.Length; at++)
            bytes[at] = await NextAsync(cancellation);
        return bytes is [.., (byte)'\r', (byte)'\n']
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw new InvalidDataException("A text has another length than was said.");
    }

    private async ValueTask<byte> NextAsync(CancellationToken cancellation)
    {
        if (_start == _end)
        {
            (_start, _end) = (0, await stream.ReadAsync(_buffer, cancellation));
            if (_end == 0)
                throw new EndOfStreamException("The connection ended.");
        }

        return _buffer[_start++];
    }

    private static long Number(byte[] line) =>
        Utf8Parser.TryParse(line.AsSpan(1), out long number, out var used) && used == line.Length - 1
            ? number
            : throw new InvalidDataException("A number was expected.");

    private static int Within(long number, int most) =>
        number <= most ? (int)number : throw new InvalidDataException("The answer is too large.");

    private static string CodeOf(ReadOnlySpan<byte> error)
    {
        var end = error.IndexOfAny((byte)' ', (byte)':');
        var word = end < 0 ? error : error[..end];
        return word.Length is > 0 and <= 20 && word.IndexOfAnyExceptInRange((byte)'A', (byte)'Z') < 0
            ? Encoding.ASCII.GetString(word)
            : "ERR";
    }
}
