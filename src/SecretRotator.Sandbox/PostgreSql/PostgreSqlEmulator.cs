using System.Buffers.Binary;
using SecretRotator.Providers.Backends;
using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox.PostgreSql;

/// <summary>
/// A PostgreSQL server as far as the product speaks with it: TLS, logins by SCRAM-SHA-256, and the statements of
/// <see cref="PostgreSqlStatements"/> in the extended query protocol.
/// </summary>
internal sealed class PostgreSqlEmulator(ServerAddress server) : ISocketEmulator
{
    /// <summary>The service.</summary>
    public const string Name = "postgresql";

    /// <summary>The operations that a fault can name.</summary>
    public static readonly ImmutableArray<string> Operations = ["connect", "login", "select", "alter-role"];

    private const int TlsRequest = 80_877_103;
    private const int StartUp = 196_608;

    public string Service => Name;

    public string Listener => $"{Name}:{server}";

    public ServerAddress Server => server;

    public async Task ServeAsync(SocketConnection connection)
    {
        var first = await PostgreSqlMessage.ReadAsync(connection.Stream, hasKind: false, connection.Closed);
        if (first.Int32At(0) != TlsRequest)
        {
            await SendAsync(connection, new PostgreSqlReply().Error(new(
                "FATAL", "28000", "no pg_hba.conf entry for an unencrypted connection", "ClientAuthentication")));
            return;
        }

        await connection.Stream.WriteAsync("S"u8.ToArray(), connection.Closed);
        await connection.SecureAsync();
        var start = await PostgreSqlMessage.ReadAsync(connection.Stream, hasKind: false, connection.Closed);
        if (start.Int32At(0) != StartUp)
            return;
        var parameters = start.TextsFrom(4).Chunk(2).Where(pair => pair.Length == 2 && pair[0].Length > 0)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        var (user, database) = (parameters["user"], parameters.GetValueOrDefault("database", parameters["user"]));
        if (!await LogInAsync(connection, user, database))
            return;
        while (await AnswerBatchAsync(connection, user))
        {
        }
    }

    private async Task<bool> LogInAsync(SocketConnection connection, string user, string database)
    {
        string? verifier = null;
        if (!await connection.AnswerAsync(
            new("connect", user),
            (state, clock) =>
            {
                var role = Of(state).Roles.GetValueOrDefault(user);
                verifier = role?.ValidUntil <= clock.Now ? null : role?.Verifier;
                return Answer(new PostgreSqlReply().Authentication(10, "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"));
            },
            Trouble))
            return false;

        // The mechanism, and the length of what follows it.
        var first = await ReadAsync(connection);
        var mechanism = first.TextsFrom(0)[0].Length;
        var exchange = new ScramExchange(Encoding.UTF8.GetString(first.Body.AsSpan(mechanism + 5)), verifier);
        await SendAsync(connection, new PostgreSqlReply().Authentication(11, exchange.Challenge));
        var last = Encoding.UTF8.GetString((await ReadAsync(connection)).Body);
        var isIn = false;
        return await connection.AnswerAsync(
            new("login", user),
            (state, _) =>
            {
                var known = Of(state);
                var accepted = exchange.Accept(last, connection.Certificate);
                if (Refusal(known, user, database, accepted) is { } refusal)
                    return Answer(new PostgreSqlReply().Error(refusal)) with { Status = 401 };
                isIn = true;
                return Answer(new PostgreSqlReply().Authentication(12, accepted!).Authentication(0).LoggedIn(known.Version));
            },
            Trouble) && isIn;
    }

    private static PostgreSqlError? Refusal(PostgreSqlState server, string user, string database, string? accepted) =>
        server.Roles.GetValueOrDefault(user)?.IsBanned == true
            ? new("FATAL", "XX000", $"rejecting connection, user '{user}' has been banned", "credcheck_auth")
            : accepted is null
            ? new("FATAL", "28P01", $"password authentication failed for user \"{user}\"", "auth_failed")
            : !server.Roles[user].MayLogIn
                ? new("FATAL", "28000", $"role \"{user}\" is not permitted to log in", "InitializeSessionUserId")
                : server.Roles[user].ConnectionLimit == 0
                    ? new("FATAL", "53300", $"too many connections for role \"{user}\"", "InitializeSessionUserId")
                    : !server.Databases.Contains(database)
                        ? new("FATAL", "3D000", $"database \"{database}\" does not exist", "InitPostgres")
                        : null;

    // What a client sends up to a Sync is one transaction.
    private async Task<bool> AnswerBatchAsync(SocketConnection connection, string user)
    {
        var batch = new List<PostgreSqlMessage>();
        do
        {
            batch.Add(await ReadAsync(connection));
            if (batch[^1].Kind == 'X')
                return false;
        }
        while (batch[^1].Kind != 'S');
        var named = batch.Where(message => message.Kind == 'P').Select(message => PostgreSqlStatements.Identify(message.TextsFrom(0)[1]))
            .DefaultIfEmpty(new CallName("select", "")).MaxBy(name => name.Operation == "alter-role")!;
        if (named is { Operation: "alter-role", Resource: "" })
            named = named with { Resource = user };
        return await connection.AnswerAsync(
            named, (state, clock) => Run(batch, new PostgreSqlStatements(Of(state), user, clock.Now)), Trouble);
    }

    private static SandboxAnswer Run(List<PostgreSqlMessage> batch, PostgreSqlStatements statements)
    {
        var (reply, changed) = (new PostgreSqlReply(), false);
        var (statement, arguments) = ("", Array.Empty<string>());
        var (rows, result) = (new List<string[]>(), (Columns: 0, Tag: "", Changed: false, Error: (PostgreSqlError?)null));
        foreach (var message in batch)
        {
            switch (message.Kind)
            {
                case 'P':
                    statement = message.TextsFrom(0)[1];
                    reply.Bare('1');
                    break;
                case 'B':
                    (arguments, rows) = (ArgumentsOf(message), []);
                    result = statements.Run(statement, arguments, rows);
                    reply.Bare('2');
                    break;
                case 'D' when result.Error is null:
                    _ = result.Columns > 0 ? reply.Columns(result.Columns) : reply.Bare('n');
                    break;
                case 'E' when result.Error is null:
                    rows.ForEach(row => reply.Row(row));
                    reply.Complete(result.Tag);
                    changed |= result.Changed;
                    break;
                case 'C':
                    reply.Bare('3');
                    break;
            }

            if (message.Kind is 'D' or 'E' && result.Error is { } error)
                return Answer(reply.Error(error).Ready()) with { Status = 400 };
        }

        return Answer(reply.Ready()) with { Changed = changed };
    }

    // Portal, statement, the formats of the arguments, the arguments.
    private static string[] ArgumentsOf(PostgreSqlMessage bind)
    {
        var body = bind.Body.AsSpan();
        body = body[(body.IndexOf((byte)0) + 1)..];
        body = body[(body.IndexOf((byte)0) + 1)..];
        body = body[(2 + 2 * BinaryPrimitives.ReadInt16BigEndian(body))..];
        var arguments = new string[BinaryPrimitives.ReadInt16BigEndian(body)];
        body = body[2..];
        for (var at = 0; at < arguments.Length; at++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(body);
            arguments[at] = Encoding.UTF8.GetString(body.Slice(4, length));
            body = body[(4 + length)..];
        }

        return arguments;
    }

    private static SandboxAnswer Trouble(int status) => Answer(new PostgreSqlReply().Error(status == 429
        ? new("FATAL", "53300", "sorry, too many clients already", "InitProcess")
        : new("FATAL", "57P03", "the database system is starting up", "ProcessStartupPacket"))) with
    { Status = status };

    private static SandboxAnswer Answer(PostgreSqlReply reply) => new(200, null, reply.ToArray());

    private PostgreSqlState Of(SandboxState state) => state.PostgreSql[server.ToString()];

    private static Task<PostgreSqlMessage> ReadAsync(SocketConnection connection) =>
        PostgreSqlMessage.ReadAsync(connection.Stream, hasKind: true, connection.Closed);

    private static async Task SendAsync(SocketConnection connection, PostgreSqlReply reply)
    {
        await connection.Stream.WriteAsync(reply.ToArray(), connection.Closed);
        await connection.Stream.FlushAsync(connection.Closed);
    }
}
