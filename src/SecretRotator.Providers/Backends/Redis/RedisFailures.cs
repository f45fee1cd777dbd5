namespace SecretRotator.Providers.Backends.Redis;

/// <summary>Says what a refusal means, by its code alone.</summary>
internal static class RedisFailures
{
    /// <summary>The failure of a command that changed nothing.</summary>
    /// <param name="reply">What came instead of what was expected.</param>
    /// <param name="connection">The server.</param>
    /// <param name="act">What was tried.</param>
    /// <param name="right">The command that the user needs the right to, or null for a login.</param>
    public static RemoteFailureException Of(RedisReply reply, RedisConnection connection, string act, string? right = null)
    {
        var code = (reply as RedisReply.Error)?.Code;
        var said = $"{connection.Server} refused {act}: {code}.";
        var (kind, message, hint) = code switch
        {
            null => (FailureKind.Garbled, $"{connection.Server} answered something unexpected when {act}.",
                "Look whether it is Redis 6 or later, or Valkey, and whether something in between answers in its place."),
            "WRONGPASS" or "NOAUTH" => (FailureKind.Unauthenticated, said,
                "The user or password of \"admin\" is wrong, or the user is off: correct the secret in the vault."),
            "NOPERM" => (FailureKind.AccessDenied, said,
                right is null ? "Let the user in." : $"Give the user of \"admin\" the right: +{right}"),
            "READONLY" => (FailureKind.Conflict, said, "It is a replica: name the primary as \"server\"."),
            "LOADING" or "BUSY" or "MASTERDOWN" or "CLUSTERDOWN" or "TRYAGAIN" => (FailureKind.Unavailable, said, "Run again later."),
            _ => (FailureKind.Other, said, right is null
                ? "Look whether its ACLs are on (Redis 6 or later), and whether it takes more connections (maxclients)."
                : $"Look whether {right} works there: providers of managed servers switch it off or rename it."),
        };
        return connection.Rejected(kind, message, hint);
    }

    /// <summary>Judges the replies to MULTI, ACL SETUSER, saving, and EXEC or DISCARD.</summary>
    /// <exception cref="RemoteFailureException">One was refused.</exception>
    public static void ThrowIfRefused(RedisReply[] replies, RedisConnection connection, string user, RedisCommand saving)
    {
        var (change, save) = ($"changing the user {user}", "saving its users");
        var saves = string.Join('|', saving.Arguments).ToLowerInvariant();
        ThrowIf(replies[0], "beginning a transaction", "multi");
        ThrowIf(replies[1], change, "acl|setuser");
        ThrowIf(replies[2], save, saves);
        ThrowIf(replies[3], "a transaction", "exec +discard");
        if (replies[3] is RedisReply.Text { Value: "OK" })
            return;
        if (replies[3].Parts is not [var changed, var saved])
            throw Of(replies[3], connection, change).With(Effect.Unknown);
        ThrowIf(changed, change, "acl|setuser");
        if (saved is RedisReply.Error { Code: var code })
            throw connection.Rejected(
                FailureKind.Other,
                $"{connection.Server} changed the user {user} and can't save that ({saves.Replace('|', ' ').ToUpperInvariant()}: "
                    + $"{code}), so a restart would undo it.",
                "Let the server write its ACL file or its configuration file, and the folder that it is in.");

        void ThrowIf(RedisReply reply, string act, string right)
        {
            if (reply is RedisReply.Error)
                throw Of(reply, connection, act, right);
        }
    }
}
