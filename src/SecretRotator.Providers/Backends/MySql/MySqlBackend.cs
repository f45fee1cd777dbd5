using SecretRotator.Backends;

namespace SecretRotator.Providers.Backends.MySql;

/// <summary>
/// Passwords of accounts of MySQL or MariaDB. Two accounts take turns, or one account has two passwords, or the only password of an
/// account is replaced.
/// </summary>
/// <param name="server">The server and its accounts.</param>
/// <param name="network">How it is reached.</param>
/// <param name="admin">Reads the credential that changes passwords, which is wiped after use; null where an account changes its
/// own.</param>
/// <param name="contents">
/// Reads what accounts may hold of the secret, which is wiped after use: its current version, then what is staged for it.
/// </param>
internal sealed class MySqlBackend(
    MySqlDefinition server,
    ServerNetwork network,
    Func<CancellationToken, Task<SecretValue>>? admin,
    Func<CancellationToken, Task<ImmutableArray<SecretValue>>> contents)
    : DatabaseBackend<MySqlDefinition, MySqlSession>(server, admin, contents, "an account")
{
    // https://dev.mysql.com/doc/refman/8.4/en/caching-sha2-pluggable-authentication.html; nothing says that others take more.
    private const int LongestPassword = 255;

    // In one query MariaDB 10.11 answers 0 for the variable, whatever it is, beside a COUNT.
    internal const string ReadOnlyQuery = "SELECT @@global.read_only";
    internal const string StrictQuery = "SELECT @@global.strict_password_validation";
    internal const string ValidationQuery =
        "SELECT PLUGIN_NAME FROM information_schema.PLUGINS WHERE PLUGIN_TYPE='PASSWORD VALIDATION' AND PLUGIN_STATUS='ACTIVE'";
    internal const string GrantsQuery = "SHOW GRANTS FOR CURRENT_USER()";
    internal const string OwnAccountQuery = "SHOW CREATE USER CURRENT_USER()";

    private bool HasPair => Server.Users.Length == 2;

    private bool HasTwoPasswords => Server.Users.Length == 1;

    /// <inheritdoc />
    public override async Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation)
    {
        using var account = LoginIn(current);
        using var login = IsOwn ? account : await AdminAsync(cancellation);
        return await InSessionAsync(login, "looking at its accounts", InspectAsync, cancellation);

        async Task<BackendState> InspectAsync(MySqlSession session)
        {
            await CheckServerAsync(session, login.User, cancellation);
            return new BackendState(
                IsOwn ? [await OwnSlotAsync(session, account, cancellation)]
                : HasTwoPasswords ? SlotsOf(account, await FindAsync(session, account.User, cancellation))
                : await SlotsAsync(session, HasPair ? Server.Users : [account.User], cancellation),
                Server.Place);
        }
    }

    /// <inheritdoc />
    public override async Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation)
    {
        using var account = LoginIn(staged);
        if (IsOwn)
        {
            await SetOwnAsync(account, async session =>
            {
                await session.LimitAsync(cancellation);
                await session.WriteAsync($"SET PASSWORD='{KeptOf(account, PasswordHash.NativePlugin)}'", cancellation);
            }, "Name an administrator as \"admin\".", cancellation);
            return;
        }

        await ChangeAsync($"setting the password of {account.User}", async session =>
        {
            var found = await FindAsync(session, account.User, cancellation);
            if (!HasTwoPasswords)
                return $"{Identified(found.Plugin, KeptOf(account, found.Plugin))} ACCOUNT UNLOCK";
            return found.Kept.Any(kept => IsOf(account, kept))
                ? found.IsLocked ? "ACCOUNT UNLOCK" : null
                : $"{Beside(await StayingAsync(found, cancellation), found, KeptOf(account, found.Plugin))} ACCOUNT UNLOCK";
        }, account.User, cancellation);
    }

    // The password in use stays; the other one makes room.
    private async Task<string?> StayingAsync(MySqlAccount found, CancellationToken cancellation)
    {
        var all = await ContentsAsync(cancellation);
        try
        {
            using var inUse = LoginIn(all[0]);
            if (found.Kept.FirstOrDefault(kept => IsOf(inUse, kept)) is { } staying)
                return staying;
            return found.Kept.Length < 2 ? found.Kept.FirstOrDefault() : throw Server.Rejected(
                FailureKind.Conflict,
                $"{inUse.User} has two passwords, and neither is that of the vault's current version. Which one may go isn't known.",
                "Take away the one that isn't used, or write the one that is used into the vault.");
        }
        finally
        {
            foreach (var content in all)
                content.Dispose();
        }
    }

    // MySQL keeps the newest one first, and the new one moves that one on where it is retained.
    private string Beside(string? staying, MySqlAccount found, string added) => Server.IsMariaDb
        ? Identified(found.Plugin, staying is null ? [added] : [staying, added])
        : Identified(found.Plugin, added) + (staying is not null && staying == found.Kept[0] ? " RETAIN CURRENT PASSWORD" : "");

    /// <inheritdoc />
    public override Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        slot.ThrowIfInUse(inUse);
        if (Server.Users.IsEmpty)
            throw new InvalidOperationException($"{Server.Place} keeps one password of {inUse}, and that is in use.");
        return HasPair
            ? ChangeAsync(
                $"disabling {slot}",
                async session => await RowOfAsync(session, slot.Value, cancellation) is null ? null : "ACCOUNT LOCK",
                slot.Value,
                cancellation)
            : DropAsync(slot, inUse, cancellation);
    }

    // One of two passwords of an account goes; the other stays as it is.
    private async Task DropAsync(SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        var user = Server.Users[0];
        var act = $"disabling {slot}";
        await ChangeAsync(act, async session =>
        {
            if (await RowOfAsync(session, user, cancellation) is not { } found)
                return null;
            var others = found.Kept.Where(kept => MySqlAccount.SlotOf(user, kept) != slot).ToImmutableArray();
            if (others.Length == found.Kept.Length)
                return null;
            if (others.IsEmpty)
                throw Server.Rejected(
                    FailureKind.Conflict, $"{user} has no other password than {slot}, so without it no one could log in.",
                    "Someone changed the account by hand: set the password of the vault's current version again.");

            // MySQL lets go of the older one only, so where that one is to stay, it becomes the newer one first.
            return Server.IsMariaDb || found.Kept[0] != others[0] ? Identified(found.Plugin, others) : null;
        }, user, cancellation);

        // The older one has another slot than it should where someone set it by hand, with a salt that the server chose.
        if (!Server.IsMariaDb)
            await ChangeAsync(
                act,
                async session => await RowOfAsync(session, user, cancellation) is { Kept: [var newer, var older] }
                    && (newer == older || MySqlAccount.SlotOf(user, newer) == inUse) ? "DISCARD OLD PASSWORD" : null,
                user,
                cancellation);
    }

    /// <inheritdoc />
    protected override SlotId SlotOf(ServerLogin login) => HasTwoPasswords
        ? MySqlAccount.SlotOf(login.User, KeptOf(login, Server.IsMariaDb ? PasswordHash.NativePlugin : PasswordHash.Sha2Plugin))
        : new SlotId(login.User);

    /// <inheritdoc />
    protected override MySqlSession Connect(ServerLogin login) => new(Server, login, network);

    /// <inheritdoc />
    protected override ServerLogin Read(SecretValue content, string userField, string passwordField) =>
        LoginOf(content, userField, passwordField);

    /// <summary>The login in a secret that is a JSON object.</summary>
    /// <exception cref="SecretContentException">It has none, or no server would take it.</exception>
    internal static ServerLogin LoginOf(SecretValue content, string userField, string passwordField)
    {
        var login = ServerLogin.Of(content, userField, passwordField);
#pragma warning disable RS0030 // It goes to the server, as a login or as a hash.
        if (login.User.Length > 0 && !login.User.Any(char.IsControl)
            && login.Password.Reveal(0, static (_, utf8) => utf8.Length is > 0 and <= LongestPassword && !utf8.Span.Contains((byte)0)))
            return login;
#pragma warning restore RS0030
        login.Dispose();
        throw new SecretContentException(
            $"The fields \"{userField}\" and \"{passwordField}\" of the secret aren't the name and the password of an account: one is "
                + $"empty, has characters that can't be printed, or is longer than {LongestPassword} bytes.",
            "Correct them in the vault.");
    }

    // A statement after ALTER USER, by what is there now; null where there is nothing to do.
    private async Task ChangeAsync(string act, Func<MySqlSession, Task<string?>> decide, string user, CancellationToken cancellation)
    {
        using var login = await AdminAsync(cancellation);
        await InSessionAsync(login, act, async session =>
        {
            await session.LimitAsync(cancellation);
            if (await decide(session) is { } change)
                await session.WriteAsync($"ALTER USER {MySqlAccount.Quote(user, Server.AccountHost)} {change}", cancellation);
            return true;
        }, cancellation);
    }

    private async Task CheckServerAsync(MySqlSession session, string login, CancellationToken cancellation)
    {
        if (session.IsMariaDb != Server.IsMariaDb)
            throw Server.Rejected(
                FailureKind.Unsupported,
                $"{Server.Place} is {(session.IsMariaDb ? "MariaDB" : "MySQL")}, and the inventory says {Server.Product}.",
                $"Write \"kind: {(session.IsMariaDb ? MySqlDefinition.MariaDbWord : MySqlDefinition.MySqlWord)}\".");
        if (await session.ReadAsync(ReadOnlyQuery, cancellation) is not [["0" or "OFF"]])
            throw Server.Rejected(FailureKind.Conflict, $"{Server.Product} at {Server.Place} is read-only.", MySqlFailures.ReplicaHint);
        if (Server.IsMariaDb && await RefusesHashesAsync(session, cancellation))
            throw Server.Rejected(
                FailureKind.Conflict, $"{Server.Product} at {Server.Place} refuses hashes.", MySqlFailures.HashHint(Server));
        if (!IsOwn && !(await session.ReadAsync(GrantsQuery, cancellation)).Any(row => MayAlter(row[0])))
            throw Server.Rejected(
                FailureKind.AccessDenied, $"{login} may not change accounts of {Server.Product} at {Server.Place}.",
                MySqlFailures.RightsHint(Server, login));
    }

    private static async Task<bool> RefusesHashesAsync(MySqlSession session, CancellationToken cancellation) =>
        await session.ReadAsync(StrictQuery, cancellation) is not [["0" or "OFF"]]
        && (await session.ReadAsync(ValidationQuery, cancellation)).Count > 0;

    private static bool MayAlter(string? grant) =>
        grant is not null
        && grant.StartsWith("GRANT ", StringComparison.Ordinal)
        && grant.IndexOf(" ON *.* TO ", StringComparison.Ordinal) is var end and > 0
        && grant["GRANT ".Length..end].Split(',', StringSplitOptions.TrimEntries).Any(right => right is "ALL PRIVILEGES" or "CREATE USER");

    private async Task<ImmutableArray<Slot>> SlotsAsync(
        MySqlSession session, ImmutableArray<string> users, CancellationToken cancellation)
    {
        var slots = ImmutableArray.CreateBuilder<Slot>();
        foreach (var user in users)
        {
            var found = await FindAsync(session, user, cancellation);
            if (found.Kept.Length > 1 && !Server.IsMariaDb)
                throw Server.Rejected(
                    FailureKind.Conflict, $"{user} has a second password, which would stay valid beside a new one.",
                    $"ALTER USER {MySqlAccount.Quote(user, Server.AccountHost)} DISCARD OLD PASSWORD");
            slots.Add(new Slot(new SlotId(user), !found.IsLocked));
        }

        return slots.ToImmutable();
    }

    private ImmutableArray<Slot> SlotsOf(ServerLogin account, MySqlAccount found) =>
    [
        .. found.Kept.Select(kept => new Slot(
            IsOf(account, kept) ? SlotOf(account) : MySqlAccount.SlotOf(account.User, kept), !found.IsLocked)),
    ];

    private async Task<Slot> OwnSlotAsync(MySqlSession session, ServerLogin account, CancellationToken cancellation) =>
        await session.ReadAsync(OwnAccountQuery, cancellation) is [[{ } created]]
            && created.Contains(" IDENTIFIED BY PASSWORD '*", StringComparison.Ordinal)
            ? new Slot(SlotOf(account), Enabled: true)
            : throw Server.Rejected(
                FailureKind.Unsupported, $"{account.User} doesn't log in with one password of {PasswordHash.NativePlugin}.",
                "Name an administrator as \"admin\", or give the account such a password.");

    // The account, which a new password can be set for.
    private async Task<MySqlAccount> FindAsync(MySqlSession session, string user, CancellationToken cancellation)
    {
        var found = await RowOfAsync(session, user, cancellation) ?? throw Server.Rejected(
            FailureKind.NotFound, $"{Server.Product} at {Server.Place} has no account {MySqlAccount.Quote(user, Server.AccountHost)}.",
            "Create it as docs/backends.md shows, or write the part behind its @ as \"host\".");
        var supported = !Server.IsMariaDb && !HasTwoPasswords
            ? found.Plugin is PasswordHash.NativePlugin or PasswordHash.Sha2Plugin
            : found.Plugin == (Server.IsMariaDb ? PasswordHash.NativePlugin : PasswordHash.Sha2Plugin);
        return supported && found.Kept.All(kept => IsKept(kept, found.Plugin)) ? found : throw Server.Rejected(
            FailureKind.Unsupported, $"{user} logs in with {found.Plugin}, and a new password would change how.",
            Server.IsMariaDb
                ? $"Supported is {PasswordHash.NativePlugin}: ALTER USER … IDENTIFIED VIA {PasswordHash.NativePlugin} USING PASSWORD('…')"
                : $"Supported are {PasswordHash.Sha2Plugin} and, for two users, {PasswordHash.NativePlugin}.");
    }

    private async Task<MySqlAccount?> RowOfAsync(MySqlSession session, string user, CancellationToken cancellation)
    {
        var rows = await session.ReadAsync(MySqlAccount.QueryOf(Server, user), cancellation);
        return rows.Find(row => string.Equals(row[0], Server.AccountHost, StringComparison.OrdinalIgnoreCase)) is { } row
            ? MySqlAccount.Read(Server, row)
            : null;
    }

#pragma warning disable RS0030 // Hashed as the servers do.
    private string KeptOf(ServerLogin account, string plugin) => account.Password.Reveal(
        (plugin, account: $"{Server.Place}\0{account.User}\0{Server.AccountHost}"),
        static (kept, utf8) => kept.plugin == PasswordHash.NativePlugin
            ? PasswordHash.Native(utf8.Span)
            : PasswordHash.Sha2(utf8.Span, PasswordHash.SaltOf(kept.account)));

    private static bool IsOf(ServerLogin account, string kept) => account.Password.Reveal(
        kept, static (kept, utf8) => kept.StartsWith('*') ? kept == PasswordHash.Native(utf8.Span) : PasswordHash.IsOf(utf8.Span, kept));
#pragma warning restore RS0030

    private static bool IsKept(string kept, string plugin) =>
        plugin != PasswordHash.NativePlugin || (kept.Length == 41 && kept[0] == '*' && kept.Skip(1).All(char.IsAsciiHexDigitUpper));

    private string Identified(string plugin, params ImmutableArray<string> kept) => Server.IsMariaDb
        ? $"IDENTIFIED VIA {string.Join(" OR ", kept.Select(hash => $"{plugin} USING '{hash}'"))}"
        : $"IDENTIFIED WITH {plugin} AS 0x{Convert.ToHexString(Encoding.Latin1.GetBytes(kept[0]))}";
}
