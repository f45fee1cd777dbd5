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
            while (RedisWire.TryRead(ref arrived, out var command))
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

    private static SandboxAnswer Answered(string reply) => new(200, null, Encoding.UTF8.GetBytes(reply));
}
