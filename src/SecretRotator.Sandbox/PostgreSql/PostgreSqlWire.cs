using System.Buffers.Binary;

namespace SecretRotator.Sandbox.PostgreSql;

/// <summary>A message from a client.</summary>
/// <param name="Kind">Its first byte; 0 where it has none, as at the beginning of a connection.</param>
/// <param name="Body">What follows its length.</param>
internal sealed record PostgreSqlMessage(char Kind, byte[] Body)
{
    /// <summary>The longest that a client sends before it is logged in or after.</summary>
    private const int Longest = 1 << 20;

    /// <summary>Reads one message.</summary>
    /// <exception cref="IOException">The connection ended, or it isn't the protocol.</exception>
    public static async Task<PostgreSqlMessage> ReadAsync(Stream stream, bool hasKind, CancellationToken cancellation)
    {
        var head = new byte[hasKind ? 5 : 4];
        await stream.ReadExactlyAsync(head, cancellation);
        var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(head.Length - 4)) - 4;
        if (length is < 0 or > Longest)
            throw new IOException("Not a message of PostgreSQL's protocol.");
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellation);
        return new(hasKind ? (char)head[0] : '\0', body);
    }

    /// <summary>A number at an offset.</summary>
    public int Int32At(int offset) => BinaryPrimitives.ReadInt32BigEndian(Body.AsSpan(offset));

    /// <summary>The texts that each end with a zero, from an offset on.</summary>
    public string[] TextsFrom(int offset) => Encoding.UTF8.GetString(Body.AsSpan(offset)).Split('\0');
}

/// <summary>Messages to a client, one after the other (https://www.postgresql.org/docs/current/protocol-message-formats.html).</summary>
internal sealed class PostgreSqlReply
{
    private const int TextType = 25;

    private readonly List<byte> _bytes = [];

    /// <summary>All of them.</summary>
    public byte[] ToArray() => [.. _bytes];

    /// <summary>A step of the login.</summary>
    /// <param name="code">0 for its end, 10 to 12 for SASL.</param>
    /// <param name="data">What the step carries.</param>
    public PostgreSqlReply Authentication(int code, string data = "") => Add('R', [.. Number(code), .. Encoding.UTF8.GetBytes(data)]);

    /// <summary>What a client is told once it is logged in.</summary>
    public PostgreSqlReply LoggedIn(int version)
    {
        (string Name, string Value)[] parameters =
        [
            ("server_version", FormattableString.Invariant($"{version / 10_000}.{version % 10_000}")), ("server_encoding", "UTF8"),
            ("client_encoding", "UTF8"), ("DateStyle", "ISO, MDY"), ("TimeZone", "UTC"), ("integer_datetimes", "on"),
            ("standard_conforming_strings", "on"), ("in_hot_standby", "off"),
        ];
        foreach (var (name, value) in parameters)
            Add('S', Texts(name, value));
        return Add('K', [.. Number(4_711), .. Number(815)]).Ready();
    }

    /// <summary>The server waits for the next statement.</summary>
    public PostgreSqlReply Ready() => Add('Z', "I"u8);

    /// <summary>A message without a body.</summary>
    public PostgreSqlReply Bare(char kind) => Add(kind, []);

    /// <summary>That columns of text follow.</summary>
    public PostgreSqlReply Columns(int count)
    {
        var body = new List<byte>(Short(count));
        for (var at = 0; at < count; at++)
            body.AddRange([.. Texts("text"), .. Number(0), .. Short(0), .. Number(TextType), .. Short(-1), .. Number(-1), .. Short(0)]);
        return Add('T', [.. body]);
    }

    /// <summary>One row.</summary>
    public PostgreSqlReply Row(string[] columns)
    {
        var body = new List<byte>(Short(columns.Length));
        foreach (var utf8 in columns.Select(Encoding.UTF8.GetBytes))
            body.AddRange([.. Number(utf8.Length), .. utf8]);
        return Add('D', [.. body]);
    }

    /// <summary>The end of a statement.</summary>
    public PostgreSqlReply Complete(string tag) => Add('C', Texts(tag));

    /// <summary>An error.</summary>
    public PostgreSqlReply Error(PostgreSqlError error) => Add(
        'E',
        [
            .. Texts($"S{error.Severity}", $"V{error.Severity}", $"C{error.Code}", $"M{error.Message}", $"R{error.Routine}"), 0,
        ]);

    private PostgreSqlReply Add(char kind, ReadOnlySpan<byte> body)
    {
        _bytes.AddRange([(byte)kind, .. Number(body.Length + 4), .. body]);
        return this;
    }

    private static byte[] Texts(params ReadOnlySpan<string> texts) => Encoding.UTF8.GetBytes(string.Join('\0', texts) + '\0');

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Short(int value) => Number(value)[2..];
}

/// <summary>An error as a server tells it.</summary>
/// <param name="Severity">ERROR, or FATAL where the connection ends.</param>
/// <param name="Code">Its SQLSTATE.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Routine">The function of the server that says it.</param>
internal sealed record PostgreSqlError(string Severity, string Code, string Message, string Routine);
