using System.Security.Cryptography;
using SecretRotator.Backends;

namespace SecretRotator.Providers.Backends.Redis;

/// <summary>Redis's ACL users as a credential backend
/// (https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/).</summary>
/// <remarks>
/// <para>With two users a slot is a user. With one user a slot is one of its passwords, told apart by the beginning of its hash: so few
/// digits that they are no help to guess a weak one.</para>
/// <para>The server gets hashes alone; a password is sent in logins only. A change and its saving are one transaction: a server that was
/// told to change a user also saves it, so that a restart doesn't bring the old password back.</para>
/// </remarks>
/// <param name="definition">The servers and users.</param>
/// <param name="network">How they are reached.</param>
/// <param name="admin">Reads the credential that changes users; wiped after use.</param>
/// <param name="time">Measures how long an answer may take.</param>
internal sealed class RedisBackend(
    RedisDefinition definition, ServerNetwork network, Func<CancellationToken, Task<SecretValue>> admin, TimeProvider time)
    : ICredentialBackend
{
    private const int HashDigits = 6;

    private bool TwoUsers => definition.Users.Length == 2;

    /// <inheritdoc />
    public SlotId SlotOf(SecretValue credential)
    {
        var user = UserOf(credential);
        return TwoUsers ? new(user) : new($"{user}#{HashOf(credential)[..HashDigits]}");
    }

    /// <inheritdoc />
    public SecretValue Prepare(SecretValue current, SecretValue generated)
    {
        var user = UserOf(current);
        return TwoUsers
            ? PlainField.Replace(generated, definition.UserField, definition.Users.Single(other => other != user))
            : generated.Copy();
    }

    /// <inheritdoc />
    public async Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation)
    {
        UserOf(current);
        var slots = ImmutableArray<Slot>.Empty;
        foreach (var server in definition.Servers)
        {
            await using var connection = await LoggedInAsync(server, cancellation);
            var facts = await FactsAsync(connection, cancellation);
            var users = ImmutableArray.CreateBuilder<RedisUser>();
            foreach (var name in definition.Users)
                users.Add(await UserAsync(connection, name, cancellation) ?? throw Missing(connection, name));
            await TryRightsAsync(connection, await SavingAsync(connection, facts, cancellation), cancellation);
            if (slots.IsEmpty)
                slots = [.. users.SelectMany(SlotsOf)];
        }

        return new(slots, definition.Place);
    }

    /// <inheritdoc />
    public async Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation)
    {
        var user = UserOf(credential);
        using var password = JsonSecret.Read(credential, definition.PasswordField);
        var proofs = new List<Proof>();
        foreach (var server in definition.Servers)
            proofs.Add(await ProveAsync(server, user, password, cancellation));
        return proofs.Find(proof => proof.Acceptance == Acceptance.Unknown)
            ?? (proofs.All(proof => proof.Acceptance == proofs[0].Acceptance)
                ? proofs[0]
                : new(Acceptance.Unknown, new Failure(
                    FailureKind.CredentialRefused,
                    $"Some servers accept the login of {user} and some refuse it: "
                        + $"{proofs.First(proof => proof.Why is not null).Why!.Message}",
                    "Look which server was down when the others were changed; once it is up, run again.")
                    .At(RedisConnection.Service, definition.Place)));
    }

    /// <inheritdoc />
    public Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation)
    {
        var (user, hash) = (UserOf(staged), HashOf(staged));
        string[] rules = TwoUsers ? ["on", "resetpass", "#" + hash] : ["on", "#" + hash];
        return ChangeAsync(user, (connection, known) => known is null ? throw Missing(connection, user) : rules, cancellation);
    }

    /// <summary>Connections that are logged in already stay so.</summary>
    /// <inheritdoc />
    public Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        slot.ThrowIfInUse(inUse);
        if (TwoUsers)
            return ChangeAsync(slot.Value, (_, known) => known is null ? [] : ["off", "resetpass"], cancellation);
        var cut = slot.Value.LastIndexOf('#');
        var (user, digits) = (slot.Value[..cut], slot.Value[(cut + 1)..]);
        return ChangeAsync(
            user,
            (_, known) =>
                [.. known?.Hashes.Where(hash => hash.StartsWith(digits, StringComparison.Ordinal)).Select(hash => "!" + hash) ?? []],
            cancellation);
    }

    /// <inheritdoc />
    public Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation) =>
        SetAsync(default, credential, cancellation);

    /// <summary>Users are never deleted: what they may do would go with them.</summary>
    /// <inheritdoc />
    public Task DeleteAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) => DisableAsync(slot, inUse, cancellation);

    private async Task<Proof> ProveAsync(ServerAddress server, string user, SecretValue password, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await RedisConnection.OpenAsync(server, network, time, cancellation);
            return await connection.LogInAsync(user, password, cancellation) switch
            {
                RedisReply.Text { Value: "OK" } => Proof.Accepted,
                RedisReply.Error { Code: "WRONGPASS" } => new(Acceptance.Refused, new Failure(
                    FailureKind.CredentialRefused, $"{server} refuses the login of {user} (WRONGPASS).",
                    $"Check that the user exists and is on, and that its password is this one: ACL GETUSER {user}")
                    .At(RedisConnection.Service, server.ToString())),
                var other => new(Acceptance.Unknown, RedisFailures.Of(other, connection, $"logging in as {user}").Failure),
            };
        }
        catch (RemoteFailureException failure)
        {
            return new(Acceptance.Unknown, failure.Failure);
        }
    }

    // Nodes first, the server that all go by last: what fails on the way has changed nothing there.
    private async Task ChangeAsync(
        string user, Func<RedisConnection, RedisUser?, string[]> rulesFor, CancellationToken cancellation)
    {
        var changed = false;
        foreach (var server in definition.Servers.Reverse())
        {
            try
            {
                await using var connection = await LoggedInAsync(server, cancellation);
                var facts = await FactsAsync(connection, cancellation);
                var rules = rulesFor(connection, await UserAsync(connection, user, cancellation));
                if (rules.Length == 0)
                    continue;
                var saving = await SavingAsync(connection, facts, cancellation);
                var replies = await connection.AskAsync(
                    $"changing the user {user}", writes: true, cancellation,
                    new("MULTI"), new(["ACL", "SETUSER", user, .. rules]), saving, new("EXEC"));
                RedisFailures.ThrowIfRefused(replies, connection, user, saving);
                changed = true;
            }
            catch (RemoteFailureException failure) when (changed && failure.Effect == Effect.Rejected)
            {
                // Another server has taken the change.
                throw failure.With(Effect.Unknown);
            }
        }
    }

    // What is queued is judged by the rights at once, and never executed.
    private async Task TryRightsAsync(RedisConnection connection, RedisCommand saving, CancellationToken cancellation)
    {
        var replies = await connection.AskAsync(
            "looking at its rights", writes: false, cancellation,
            new("MULTI"), new("ACL", "SETUSER", definition.Users[0], "on"), saving, new("DISCARD"));
        RedisFailures.ThrowIfRefused(replies, connection, definition.Users[0], saving);
    }

    private async Task<RedisFacts> FactsAsync(RedisConnection connection, CancellationToken cancellation)
    {
        var reply = (await connection.AskAsync("reading INFO", writes: false, cancellation, new RedisCommand("INFO")))[0];
        var facts = new RedisFacts(reply.AsText ?? throw RedisFailures.Of(reply, connection, "reading INFO", "info"));
        if (connection.Server == definition.Server)
            facts.ThrowIfUnfit(connection, definition);
        return facts;
    }

    // A server with an ACL file saves users there, and any other one in redis.conf.
    private static async Task<RedisCommand> SavingAsync(RedisConnection connection, RedisFacts facts, CancellationToken cancellation)
    {
        var reply = (await connection.AskAsync(
            "reading where users are kept", writes: false, cancellation, new RedisCommand("CONFIG", "GET", "aclfile")))[0];
        if (reply is not RedisReply.List)
            throw RedisFailures.Of(reply, connection, "reading where users are kept", "config|get");
        if (reply.Of("aclfile")?.AsText is { Length: > 0 })
            return new("ACL", "SAVE");
        return facts.HasConfiguration
            ? new("CONFIG", "REWRITE")
            : throw connection.Rejected(
                FailureKind.Unsupported,
                $"{connection.Server} keeps its users in memory only: it has neither an ACL file nor a configuration file, so a restart "
                    + "would bring the old password back.",
                "Start it with a configuration file that names an aclfile.");
    }

    private static async Task<RedisUser?> UserAsync(RedisConnection connection, string name, CancellationToken cancellation)
    {
        var act = $"looking at the user {name}";
        var reply = (await connection.AskAsync(act, writes: false, cancellation, new RedisCommand("ACL", "GETUSER", name)))[0];
        if (reply is RedisReply.Nothing)
            return null;
        if (reply.Of("flags") is not RedisReply.List { Items: var flags }
            || reply.Of("passwords") is not RedisReply.List { Items: var hashes })
            throw RedisFailures.Of(reply, connection, act, "acl|getuser");
        var user = new RedisUser(
            name,
            flags.Any(flag => flag.AsText == "on"),
            [.. hashes.Select(hash => hash.AsText).OfType<string>()]);
        return flags.All(flag => flag.AsText != "nopass")
            ? user
            : throw connection.Rejected(
                FailureKind.Conflict,
                $"The user {name} of {connection.Server} takes any password (nopass), so a login proves nothing.",
                $"Give it a password: ACL SETUSER {name} resetpass, and the current one.");
    }

    private async Task<RedisConnection> LoggedInAsync(ServerAddress server, CancellationToken cancellation)
    {
        using var login = await ReadAdminAsync(cancellation);
        var connection = await RedisConnection.OpenAsync(server, network, time, cancellation);
        try
        {
            var reply = await connection.LogInAsync(login.User, login.Password, cancellation);
            return reply is RedisReply.Text { Value: "OK" }
                ? connection
                : throw RedisFailures.Of(reply, connection, $"logging in as {login.User}");
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<ServerLogin> ReadAdminAsync(CancellationToken cancellation)
    {
        using var content = await admin(cancellation);
        var text = PlainField.Of(content, "username");
        return definition.Users.Contains(text, StringComparer.Ordinal)
            ? throw new SecretContentException(
                $"The credential {definition.AdminCredential} is that of {text}, a user whose password is rotated with it.",
                "Make a user of its own that changes the others; docs/backends.md shows how.")
            : new ServerLogin(text, JsonSecret.Read(content, "password"));
    }

    private IEnumerable<Slot> SlotsOf(RedisUser user) => TwoUsers
        ? [new Slot(new(user.Name), user.IsOn && !user.Hashes.IsEmpty)]
        : user.Hashes.Select(hash => new Slot(new($"{user.Name}#{hash[..Math.Min(HashDigits, hash.Length)]}"), user.IsOn));

    private string UserOf(SecretValue credential)
    {
        var text = PlainField.Of(credential, definition.UserField);
        return definition.Users.Contains(text, StringComparer.Ordinal)
            ? text
            : throw new SecretContentException(
                $"The field \"{definition.UserField}\" of the secret names none of the users {string.Join(", ", definition.Users)}.",
                "Write the user that is in use into it in the vault, or correct \"users\" of the backend in the inventory.");
    }

    private string HashOf(SecretValue credential)
    {
        using var password = JsonSecret.Read(credential, definition.PasswordField);
#pragma warning disable RS0030 // Hashed as Redis does.
        return password.Reveal(0, static (_, utf8) => Convert.ToHexStringLower(SHA256.HashData(utf8.Span)));
#pragma warning restore RS0030
    }

    private static RemoteFailureException Missing(RedisConnection connection, string user) => connection.Rejected(
        FailureKind.NotFound,
        $"{connection.Server} has no user {user}.",
        $"Make it with what the application may do: ACL SETUSER {user} off ..., as docs/backends.md shows. ACLs aren't replicated: every "
            + "node needs it.");
}

/// <summary>A user as ACL GETUSER tells it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsOn">Whether it may log in.</param>
/// <param name="Hashes">The SHA-256 of each of its passwords, in lower-case hexadecimal digits.</param>
internal sealed record RedisUser(string Name, bool IsOn, ImmutableArray<string> Hashes);
