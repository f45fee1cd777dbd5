using System.Security.Cryptography;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.MySql;
using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox.MySql;

/// <summary>A server of MySQL or MariaDB, as far as logins and changes of passwords need one.</summary>
/// <remarks>
/// MariaDB checks <c>mysql_native_password</c>; of several passwords of an account it takes any at once, where the real one asks for one
/// after the other. MySQL asks for the password itself, over TLS, as the real one does where it has no cached login.
/// </remarks>
/// <param name="isMariaDb">Whether it is MariaDB.</param>
/// <param name="address">The server's address.</param>
/// <param name="random">Where scrambles come from.</param>
internal sealed class MySqlEmulator(bool isMariaDb, ServerAddress address, IRandomSource random) : ISocketEmulator
{
    /// <summary>The name of the service in a fault.</summary>
    public const string Name = "mysql";

    private const string Login = "login";
    private const string Look = "look";
    private const string Change = "change";

    /// <summary>The operations that a fault can name.</summary>
    public static ImmutableArray<string> Operations { get; } = [Login, Look, Change];

    public string Service => Name;

    public string Listener => $"{Name}:{address}";

    public ServerAddress Server => address;

    public async Task ServeAsync(SocketConnection connection)
    {
        var wire = new MySqlWire(connection.Stream);
        var scramble = Scramble();
        await wire.WriteAsync(
            isMariaDb
                ? MySqlWire.Greeting("5.5.5-10.11.6-MariaDB", PasswordHash.NativePlugin, scramble)
                : MySqlWire.Greeting("8.4.3", PasswordHash.Sha2Plugin, scramble),
            connection.Closed);
        if (await wire.ReadAsync(connection.Closed) is not { } first)
            return;
        if (!MySqlWire.IsTlsRequest(first))
        {
            await wire.WriteAsync(
                MySqlWire.Error(3159, "HY000", "Connections using insecure transport are prohibited"), connection.Closed);
            return;
        }

        await connection.SecureAsync();
        wire.Stream = connection.Stream;
        if (await wire.ReadAsync(connection.Closed) is not { } second)
            return;
        var (user, proof) = MySqlWire.Login(second);
        if (!isMariaDb && await PasswordAsync(wire, connection.Closed) is var password)
            proof = password ?? [];
        if (await LogInAsync(connection, wire, user, proof, scramble) is { } host)
            await ServeAsync(connection, wire, user, host);
    }

    private async Task<string?> LogInAsync(SocketConnection connection, MySqlWire wire, string user, byte[] proof, byte[] scramble)
    {
        string? host = null;
        var goesOn = await connection.AnswerAsync(
            new CallName(Login, user),
            (state, _) =>
            {
                var account = StateOf(state).Accounts.Find(each => each.User == user);
                if (account is null || !account.Kept.Any(kept => IsOf(proof, scramble, kept)))
                    return Refuse(wire, 1045, "28000", $"Access denied for user '{user}'");
                if (account.Locked)
                    return Refuse(wire, isMariaDb ? 4151 : 3118, "HY000", "Access denied, this account is locked");
                if (account.LoginError != 0)
                    return Refuse(wire, account.LoginError, "HY000", "Access denied");
                host = account.Host;
                return new(200, null, wire.Framed(MySqlWire.Ok()));
            },
            _ => Refuse(wire, 1040, "08004", "Too many connections"));
        return goesOn ? host : null;
    }

    private async Task ServeAsync(SocketConnection connection, MySqlWire wire, string user, string host)
    {
        while (await wire.ReadAsync(connection.Closed) is [var command, .. var rest])
        {
            const byte Quit = 1, Query = 3;
            if (command == Quit)
                return;
            var statement = Encoding.UTF8.GetString(rest);
            if (command != Query)
            {
                await wire.WriteAsync(MySqlWire.Error(1047, "08S01", "Unknown command"), connection.Closed);
                continue;
            }

            var (changes, about) = MySqlStatements.Identify(statement, user);
            if (!await connection.AnswerAsync(
                new CallName(changes ? Change : Look, about),
                (state, _) => StateOf(state) is var server
                    && server.Accounts.Find(each => each.User == user && each.Host == host) is { } login
                    ? new(200, null, [.. new MySqlStatements(isMariaDb, server, login).Answer(statement).SelectMany(wire.Framed)])
                    {
                        Changed = changes,
                    }
                    : Exchange.NoAnswer,
                _ => Refuse(wire, 1205, "HY000", "Lock wait timeout exceeded; try restarting transaction")))
                return;
        }
    }

    private MySqlServerState StateOf(SandboxState state) => state.MySqlServers[address.ToString()];

    private static SandboxAnswer Refuse(MySqlWire wire, int number, string state, string message) =>
        new(403, null, wire.Framed(MySqlWire.Error(number, state, message)));

    private bool IsOf(byte[] proof, byte[] scramble, string kept) => isMariaDb
        ? IsNative(proof, scramble, kept)
        : kept.StartsWith('*') ? kept == PasswordHash.Native(proof) : PasswordHash.IsOf(proof, kept);

    // The client sends SHA1(password) XOR SHA1(scramble + SHA1(SHA1(password))); the last of these is kept.
    private static bool IsNative(byte[] proof, byte[] scramble, string kept)
    {
        if (proof.Length != SHA1.HashSizeInBytes || !kept.StartsWith('*'))
            return false;
        var twice = Convert.FromHexString(kept.AsSpan(1));
#pragma warning disable CA5350 // It is the protocol's.
        var once = SHA1.HashData([.. scramble, .. twice]);
        for (var i = 0; i < once.Length; i++)
            once[i] ^= proof[i];
        return SHA1.HashData(once).AsSpan().SequenceEqual(twice);
#pragma warning restore CA5350
    }

    // No cached login: the client is to send the password itself, which TLS protects.
    private async Task<byte[]?> PasswordAsync(MySqlWire wire, CancellationToken cancellation)
    {
        await wire.WriteAsync(MySqlWire.Switch(PasswordHash.Sha2Plugin, Scramble()), cancellation);
        if (await wire.ReadAsync(cancellation) is null)
            return null;
        await wire.WriteAsync([1, 4], cancellation);
        return await wire.ReadAsync(cancellation) is [.. var password, 0] ? password : null;
    }

    private byte[] Scramble()
    {
        var scramble = random.Bytes(20);
        for (var i = 0; i < scramble.Length; i++)
            scramble[i] = (byte)(scramble[i] % 94 + 33);
        return scramble;
    }
}
