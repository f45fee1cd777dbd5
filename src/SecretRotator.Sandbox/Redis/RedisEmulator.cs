using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using SecretRotator.Providers.Backends;
using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox.Redis;

/// <summary>A Redis server on its TLS port.</summary>
internal sealed class RedisEmulator(ServerAddress server) : ISocketEmulator
{
    public const string Name = "redis";

    public string Service => Name;

    public string Listener => $"{Name}:{server}";

    public ServerAddress Server => server;

    public async Task ServeAsync(SocketConnection connection)
    {
        await connection.SecureAsync();
        var (session, input) = (new RedisSession(), PipeReader.Create(connection.Stream));
        while (true)
        {
            var read = await input.ReadAsync(connection.Closed);
            var arrived = read.Buffer;
            while (TryRead(ref arrived, out var command))
                if (!await connection.AnswerAsync(
                    RedisSession.Identify(command),
                    (state, _) => Answered(session.Answer(command, state.Redis[server.ToString()])) with { Changed = true },
                    _ => Answered("-LOADING Redis is loading the dataset in memory\r\n")))
                    return;
            input.AdvanceTo(arrived.Start, arrived.End);
            if (read.IsCompleted)
                return;
        }
    }

    /// <summary>Takes the next whole command, a list of bulk texts, off what has arrived.</summary>
    /// <param name="arrived">What has arrived; what is left afterwards.</param>
    /// <param name="command">The command.</param>
    /// <returns>Whether there was a whole one.</returns>
    /// <exception cref="InvalidDataException">It isn't RESP.</exception>
    private static bool TryRead(ref ReadOnlySequence<byte> arrived, out string[] command)
    {
        var reader = new SequenceReader<byte>(arrived);
        command = [];
        if (!TryReadLength(ref reader, (byte)'*', out var count))
            return false;
        command = new string[count];
        for (var at = 0; at < count; at++)
        {
            if (!TryReadLength(ref reader, (byte)'$', out var length) || reader.Remaining < length + 2)
                return false;
            command[at] = Encoding.UTF8.GetString(reader.UnreadSequence.Slice(0, length));
            reader.Advance(length + 2);
        }

        arrived = reader.UnreadSequence;
        return true;
    }

    private static bool TryReadLength(ref SequenceReader<byte> reader, byte mark, out int length)
    {
        length = 0;
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
            return false;
        var text = line.ToArray();
        return text.Length > 1 && text[0] == mark && Utf8Parser.TryParse(text.AsSpan(1), out length, out _) && length is >= 0 and < 100_000
            ? true
            : throw new InvalidDataException("Not a command of RESP.");
    }

    private static SandboxAnswer Answered(string reply) => new(200, null, Encoding.UTF8.GetBytes(reply));
}
