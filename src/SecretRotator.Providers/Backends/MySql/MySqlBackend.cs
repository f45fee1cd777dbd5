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
    Func<CancellationToken, Task<ImmutableArray<SecretValue>>> contents) : ICredentialBackend
{
    // In one query MariaDB 10.11 answers 0 for the variable, whatever it is, beside a COUNT.
    internal const string ReadOnlyQuery = "SELECT @@global.read_only";
    internal const string StrictQuery = "SELECT @@global.strict_password_validation";
    internal const string ValidationQuery =
        "SELECT PLUGIN_NAME FROM information_schema.PLUGINS WHERE PLUGIN_TYPE='PASSWORD VALIDATION' AND PLUGIN_STATUS='ACTIVE'";
    internal const string GrantsQuery = "SHOW GRANTS FOR CURRENT_USER()";
    internal const string OwnAccountQuery = "SHOW CREATE USER CURRENT_USER()";

    private bool HasPair => server.Users.Length == 2;

    private bool HasTwoPasswords => server.Users.Length == 1;

    /// <inheritdoc />
    public SlotId SlotOf(SecretValue credential)
    {
        using var account = AccountIn(credential);
        return SlotOf(account);
    }

    /// <inheritdoc />
    public SecretValue Prepare(SecretValue current, SecretValue generated)
    {
        using var account = AccountIn(current);
        if (!HasPair)
            return generated.Copy();
        using var idle = SecretValue.FromText(server.Users[0] == account.User ? server.Users[1] : server.Users[0]);
        return JsonSecret.Replace(
            generated, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { [server.UserField] = idle });
    }

    /// <inheritdoc />
    public async Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation)
    {
        using var account = AccountIn(credential);
        return await LogInAsync(account, cancellation);
    }

    /// <inheritdoc />
    public async Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation)
    {
        using var account = AccountIn(current);
        using var login = admin is null ? account : await AdminAsync(admin, cancellation);
        return await InSessionAsync(login, "looking at its accounts", InspectAsync, cancellation);

        async Task<BackendState> InspectAsync(MySqlSession session)
        {
            await CheckServerAsync(session, login.User, cancellation);
            return new BackendState(
                admin is null ? [await OwnSlotAsync(session, account, cancellation)]
                : HasTwoPasswords ? SlotsOf(account, await FindAsync(session, account.User, cancellation))
                : await SlotsAsync(session, HasPair ? server.Users : [account.User], cancellation),
                server.Place);
        }
    }

    /// <inheritdoc />
    public async Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation)
    {
        using var account = AccountIn(staged);
        if (admin is null)
        {
            await SetOwnAsync(account, cancellation);
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
        var all = await contents(cancellation);
        try
        {
            using var inUse = AccountIn(all[0]);
            if (found.Kept.FirstOrDefault(kept => IsOf(inUse, kept)) is { } staying)
                return staying;
            return found.Kept.Length < 2 ? found.Kept.FirstOrDefault() : throw No(
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
    private string Beside(string? staying, MySqlAccount found, string added) => server.IsMariaDb
        ? Identified(found.Plugin, staying is null ? [added] : [staying, added])
        : Identified(found.Plugin, added) + (staying is not null && staying == found.Kept[0] ? " RETAIN CURRENT PASSWORD" : "");

    /// <inheritdoc />
    public Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation) => SlotOf(credential) == slot
        ? SetAsync(default, credential, cancellation)
        : throw new ArgumentException($"The credential isn't of {slot}.", nameof(credential));

    /// <inheritdoc />
    public Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation)
    {
        slot.ThrowIfInUse(inUse);
        if (server.Users.IsEmpty)
            throw new InvalidOperationException($"{server.Place} keeps one password of {inUse}, and that is in use.");
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
        var user = server.Users[0];
        var act = $"disabling {slot}";
        await ChangeAsync(act, async session =>
        {
            if (await RowOfAsync(session, user, cancellation) is not { } found)
                return null;
            var others = found.Kept.Where(kept => MySqlAccount.SlotOf(user, kept) != slot).ToImmutableArray();
            if (others.Length == found.Kept.Length)
                return null;
            if (others.IsEmpty)
                throw No(
                    FailureKind.Conflict, $"{user} has no other password than {slot}, so without it no one could log in.",
                    "Someone changed the account by hand: set the password of the vault's current version again.");

            // MySQL lets go of the older one only, so where that one is to stay, it becomes the newer one first.
            return server.IsMariaDb || found.Kept[0] != others[0] ? Identified(found.Plugin, others) : null;
        }, user, cancellation);

        // The older one has another slot than it should where someone set it by hand, with a salt that the server chose.
        if (!server.IsMariaDb)
            await ChangeAsync(
                act,
                async session => await RowOfAsync(session, user, cancellation) is { Kept: [var newer, var older] }
                    && (newer == older || MySqlAccount.SlotOf(user, newer) == inUse) ? "DISCARD OLD PASSWORD" : null,
                user,
                cancellation);
    }

    // It logs in with what is the password now: that of the current version or, in an undo, that of the staged one.
    private async Task SetOwnAsync(MySqlCredential account, CancellationToken cancellation)
    {
        var act = $"changing the password of {account.User}";
        var all = await contents(cancellation);
        try
        {
            RemoteFailureException? refusal = null;
            foreach (var content in all)
            {
                using var known = AccountIn(content);
                if (known.User != account.User)
                    continue;
                try
                {
                    await InSessionAsync(known, act, async session =>
                    {
                        await session.LimitAsync(cancellation);
                        await session.WriteAsync($"SET PASSWORD='{PasswordHash.Native(account.Password)}'", cancellation);
                        return true;
                    }, cancellation);
                    return;
                }
                catch (RemoteFailureException refused) when (refused is { Kind: FailureKind.Unauthenticated, Effect: Effect.Rejected })
                {
                    refusal = refused;
                }
            }

            // Set already, by a call whose answer was lost.
            if ((await LogInAsync(account, cancellation)).Acceptance != Acceptance.Accepted)
                throw refusal ?? No(
                    FailureKind.Conflict, $"No version in the vault is of {account.User}, who alone can change that password.",
                    "Name an administrator as \"admin\".");
        }
        finally
        {
            foreach (var content in all)
                content.Dispose();
        }
    }

    private async Task<Proof> LogInAsync(MySqlCredential account, CancellationToken cancellation)
    {
        await using var session = new MySqlSession(server, account, network);
        try
        {
            await session.OpenAsync(cancellation);
            return Proof.Accepted;
        }
        catch (Exception failure) when (MySqlFailures.IsRemote(failure) && !cancellation.IsCancellationRequested)
        {
            return new Proof(
                MySqlFailures.IsRefusal(failure, session) ? Acceptance.Refused : Acceptance.Unknown,
                MySqlFailures.Of(failure, server, session, account.User, $"logging in as {SlotOf(account)}").Failure);
        }
    }

    // A statement after ALTER USER, by what is there now; null where there is nothing to do.
    private async Task ChangeAsync(string act, Func<MySqlSession, Task<string?>> decide, string user, CancellationToken cancellation)
    {
        using var login = await AdminAsync(admin!, cancellation);
        await InSessionAsync(login, act, async session =>
        {
            await session.LimitAsync(cancellation);
            if (await decide(session) is { } change)
                await session.WriteAsync($"ALTER USER {MySqlAccount.Quote(user, server.AccountHost)} {change}", cancellation);
            return true;
        }, cancellation);
    }

    private async Task<T> InSessionAsync<T>(
        MySqlCredential login, string act, Func<MySqlSession, Task<T>> use, CancellationToken cancellation)
    {
        await using var session = new MySqlSession(server, login, network);
        try
        {
            await session.OpenAsync(cancellation);
            return await use(session);
        }
        catch (Exception failure) when (
            MySqlFailures.IsRemote(failure) && (session.HasWritten || !cancellation.IsCancellationRequested))
        {
            throw MySqlFailures.Of(failure, server, session, login.User, act);
        }
    }

    private async Task<MySqlCredential> AdminAsync(
        Func<CancellationToken, Task<SecretValue>> read, CancellationToken cancellation)
    {
        using var content = await read(cancellation);
        try
        {
            var login = MySqlCredential.Of(content, "username", "password");
            if (!server.Users.Contains(login.User, StringComparer.Ordinal))
                return login;
            login.Dispose();
            throw new UsageException(
                $"{server.Admin} is the credential of {login.User}, whose password is rotated with it.",
                "Name an account of its own as \"admin\": docs/backends.md has the script.");
        }
        catch (SecretContentException exception)
        {
            throw new UsageException($"{server.Admin} is no administrator's credential: {exception.Message}", exception.Hint);
        }
    }

    private MySqlCredential AccountIn(SecretValue content)
    {
        var account = MySqlCredential.Of(content, server.UserField, server.PasswordField);
        if (server.Users.IsEmpty || server.Users.Contains(account.User, StringComparer.Ordinal))
            return account;
        account.Dispose();
        throw new SecretContentException(
            $"The field \"{server.UserField}\" of the secret names none of the users of the inventory ({string.Join(", ", server.Users)}).",
            "Correct \"users\" in the inventory, or the field in the vault.");
    }

    private async Task CheckServerAsync(MySqlSession session, string login, CancellationToken cancellation)
    {
        if (session.IsMariaDb != server.IsMariaDb)
            throw No(
                FailureKind.Unsupported,
                $"{server.Place} is {(session.IsMariaDb ? "MariaDB" : "MySQL")}, and the inventory says {server.Product}.",
                $"Write \"kind: {(session.IsMariaDb ? MySqlDefinition.MariaDbWord : MySqlDefinition.MySqlWord)}\".");
        if (await session.ReadAsync(ReadOnlyQuery, cancellation) is not [["0" or "OFF"]])
            throw No(FailureKind.Conflict, $"{server.Product} at {server.Place} is read-only.", MySqlFailures.ReplicaHint);
        if (server.IsMariaDb && await RefusesHashesAsync(session, cancellation))
            throw No(FailureKind.Conflict, $"{server.Product} at {server.Place} refuses hashes.", MySqlFailures.HashHint(server));
        if (admin is not null && !(await session.ReadAsync(GrantsQuery, cancellation)).Any(row => MayAlter(row[0])))
            throw No(
                FailureKind.AccessDenied, $"{login} may not change accounts of {server.Product} at {server.Place}.",
                MySqlFailures.RightsHint(server, login));
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
            if (found.Kept.Length > 1 && !server.IsMariaDb)
                throw No(
                    FailureKind.Conflict, $"{user} has a second password, which would stay valid beside a new one.",
                    $"ALTER USER {MySqlAccount.Quote(user, server.AccountHost)} DISCARD OLD PASSWORD");
            slots.Add(new Slot(new SlotId(user), !found.IsLocked));
        }

        return slots.ToImmutable();
    }

    private ImmutableArray<Slot> SlotsOf(MySqlCredential account, MySqlAccount found) =>
    [
        .. found.Kept.Select(kept => new Slot(
            IsOf(account, kept) ? SlotOf(account) : MySqlAccount.SlotOf(account.User, kept), !found.IsLocked)),
    ];

    private async Task<Slot> OwnSlotAsync(MySqlSession session, MySqlCredential account, CancellationToken cancellation) =>
        await session.ReadAsync(OwnAccountQuery, cancellation) is [[{ } created]]
            && created.Contains(" IDENTIFIED BY PASSWORD '*", StringComparison.Ordinal)
            ? new Slot(SlotOf(account), Enabled: true)
            : throw No(
                FailureKind.Unsupported, $"{account.User} doesn't log in with one password of {PasswordHash.NativePlugin}.",
                "Name an administrator as \"admin\", or give the account such a password.");

    // The account, which a new password can be set for.
    private async Task<MySqlAccount> FindAsync(MySqlSession session, string user, CancellationToken cancellation)
    {
        var found = await RowOfAsync(session, user, cancellation) ?? throw No(
            FailureKind.NotFound, $"{server.Product} at {server.Place} has no account {MySqlAccount.Quote(user, server.AccountHost)}.",
            "Create it as docs/backends.md shows, or write the part behind its @ as \"host\".");
        var supported = !server.IsMariaDb && !HasTwoPasswords
            ? found.Plugin is PasswordHash.NativePlugin or PasswordHash.Sha2Plugin
            : found.Plugin == (server.IsMariaDb ? PasswordHash.NativePlugin : PasswordHash.Sha2Plugin);
        return supported && found.Kept.All(kept => IsKept(kept, found.Plugin)) ? found : throw No(
            FailureKind.Unsupported, $"{user} logs in with {found.Plugin}, and a new password would change how.",
            server.IsMariaDb
                ? $"Supported is {PasswordHash.NativePlugin}: ALTER USER … IDENTIFIED VIA {PasswordHash.NativePlugin} USING PASSWORD('…')"
                : $"Supported are {PasswordHash.Sha2Plugin} and, for two users, {PasswordHash.NativePlugin}.");
    }

    private async Task<MySqlAccount?> RowOfAsync(MySqlSession session, string user, CancellationToken cancellation)
    {
        var rows = await session.ReadAsync(MySqlAccount.QueryOf(server, user), cancellation);
        return rows.Find(row => string.Equals(row[0], server.AccountHost, StringComparison.OrdinalIgnoreCase)) is { } row
            ? MySqlAccount.Read(server, row)
            : null;
    }

    private SlotId SlotOf(MySqlCredential account) => HasTwoPasswords
        ? MySqlAccount.SlotOf(account.User, KeptOf(account, server.IsMariaDb ? PasswordHash.NativePlugin : PasswordHash.Sha2Plugin))
        : new SlotId(account.User);

    private string KeptOf(MySqlCredential account, string plugin) => plugin == PasswordHash.NativePlugin
        ? PasswordHash.Native(account.Password)
        : PasswordHash.Sha2(account.Password, PasswordHash.SaltOf($"{server.Place}\0{account.User}\0{server.AccountHost}"));

    private static bool IsOf(MySqlCredential account, string kept) =>
        kept.StartsWith('*') ? kept == PasswordHash.Native(account.Password) : PasswordHash.IsOf(account.Password, kept);

    private static bool IsKept(string kept, string plugin) =>
        plugin != PasswordHash.NativePlugin || (kept.Length == 41 && kept[0] == '*' && kept.Skip(1).All(char.IsAsciiHexDigitUpper));

    private string Identified(string plugin, params ImmutableArray<string> kept) => server.IsMariaDb
        ? $"IDENTIFIED VIA {string.Join(" OR ", kept.Select(hash => $"{plugin} USING '{hash}'"))}"
        : $"IDENTIFIED WITH {plugin} AS 0x{Convert.ToHexString(Encoding.Latin1.GetBytes(kept[0]))}";

    private RemoteFailureException No(FailureKind kind, string message, string hint) =>
        new RemoteFailureException(kind, Effect.Rejected, message, hint).At(server.Kind, server.Place);
}
