using System.Buffers.Binary;

namespace SecretRotator.Sandbox.MySql;

/// <summary>Packets of the MySQL protocol, which MariaDB speaks too
/// (https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html).</summary>
internal sealed class MySqlWire(Stream stream)
{
    private const int Largest = 1 << 20;
    private const ushort Autocommit = 2;

    // Long password, found rows, long flag, protocol 4.1, TLS, transactions, secure connection; pluggable authentication with long answers.
    private const uint Capabilities = 0x0000_0001 | 0x0000_0002 | 0x0000_0004 | 0x0000_0200 | 0x0000_0800 | 0x0000_2000 | 0x0000_8000
        | 0x0008_0000 | 0x0020_0000;

    private byte _sequence;

    /// <summary>The stream below; replaced when TLS begins.</summary>
    public Stream Stream { get; set; } = stream;

    /// <summary>Reads a packet; null at the end.</summary>
    public async Task<byte[]?> ReadAsync(CancellationToken cancellation)
    {
        var header = new byte[4];
        if (await Stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellation) < header.Length)
            return null;
        var length = header[0] | header[1] << 8 | header[2] << 16;
        if (length > Largest)
            return null;
        _sequence = (byte)(header[3] + 1);
        var body = new byte[length];
        return await Stream.ReadAtLeastAsync(body, length, throwOnEndOfStream: false, cancellation) < length ? null : body;
    }

    /// <summary>Writes a packet.</summary>
    public async Task WriteAsync(byte[] body, CancellationToken cancellation)
    {
        await Stream.WriteAsync(Framed(body), cancellation);
        await Stream.FlushAsync(cancellation);
    }

    /// <summary>A packet with its header, in the place of the next one that is written.</summary>
    public byte[] Framed(byte[] body)
    {
        var packet = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(packet, body.Length | _sequence++ << 24);
        body.CopyTo(packet, 4);
        return packet;
    }

    /// <summary>The server's first packet.</summary>
    /// <param name="version">The server's version.</param>
    /// <param name="plugin">The way to log in that it proposes.</param>
    /// <param name="scramble">20 bytes, none of them 0.</param>
    /// <param name="tls">Whether it offers TLS.</param>
    public static byte[] Greeting(string version, string plugin, byte[] scramble, bool tls = true)
    {
        var capabilities = tls ? Capabilities : Capabilities & ~0x0800u;
        using var body = new MemoryStream();
        body.WriteByte(10);
        body.Write(Encoding.ASCII.GetBytes(version + "\0"));
        body.Write([1, 0, 0, 0]);
        body.Write(scramble.AsSpan(0, 8));
        body.Write([0, (byte)capabilities, (byte)(capabilities >> 8), 45, (byte)Autocommit, 0]);
        body.Write([(byte)(capabilities >> 16), (byte)(capabilities >> 24), 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        body.Write(scramble.AsSpan(8));
        body.WriteByte(0);
        body.Write(Encoding.ASCII.GetBytes(plugin + "\0"));
        return body.ToArray();
    }

    /// <summary>Whether the client's answer to the greeting asks for TLS and says nothing else.</summary>
    public static bool IsTlsRequest(byte[] packet) => packet.Length == 32 && (packet[1] & 0x08) != 0;

    /// <summary>The name and the proof of a client that logs in.</summary>
    public static (string User, byte[] Proof) Login(byte[] packet)
    {
        var end = Array.IndexOf(packet, (byte)0, 32);
        var length = packet[end + 1];
        return (Encoding.UTF8.GetString(packet, 32, end - 32), packet[(end + 2)..(end + 2 + length)]);
    }

    /// <summary>Asks for another way to log in.</summary>
    public static byte[] Switch(string plugin, byte[] scramble) => [0xfe, .. Encoding.ASCII.GetBytes(plugin), 0, .. scramble, 0];

    /// <summary>Success.</summary>
    public static byte[] Ok() => [0, 0, 0, (byte)Autocommit, 0, 0, 0];

    /// <summary>Refusal.</summary>
    public static byte[] Error(int number, string state, string message) =>
        [0xff, (byte)number, (byte)(number >> 8), (byte)'#', .. Encoding.ASCII.GetBytes(state), .. Encoding.UTF8.GetBytes(message)];

    /// <summary>The packets of a result: its columns and rows, all of them text.</summary>
    public static IEnumerable<byte[]> Result(IReadOnlyList<string> columns, IEnumerable<string?[]> rows)
    {
        yield return [(byte)columns.Count];
        foreach (var column in columns)
            yield return
            [
                .. Text("def"), .. Text(""), .. Text(""), .. Text(""), .. Text(column), .. Text(column), 0x0c,
                45, 0, 0xff, 0xff, 0, 0, 0xfd, 0, 0, 0, 0, 0, // utf8mb4, VAR_STRING
            ];
        yield return End();
        foreach (var row in rows)
            yield return [.. row.SelectMany(cell => cell is null ? [0xfb] : Text(cell))];
        yield return End();
    }

    private static byte[] End() => [0xfe, 0, 0, (byte)Autocommit, 0];

    private static byte[] Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length < 251
            ? [(byte)bytes.Length, .. bytes]
            : [0xfc, (byte)bytes.Length, (byte)(bytes.Length >> 8), .. bytes];
    }
}
