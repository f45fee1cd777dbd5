using System.Security.Authentication;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>Says what the server's answers mean, and what to do. Its own words are never shown: no one promises what they quote.</summary>
internal static class HashiCorpFailures
{
    private const string Service = HashiCorpVaultDefinition.KindWord;
    private const string Product = "HashiCorp Vault";

    /// <summary>What a failed try of a call means; null for a mistake in this program.</summary>
    public static JudgedTry? Judge(Exception thrown, HashiCorpCall call)
    {
        if (thrown is HashiCorpRefusal { Reason: RefusalReason.OtherVersion } && call is { Writes: true, Once: false })
            return new JudgedTry(
                Effect.Rejected, NextTry.Never, RetryAfter: null, tries => new OtherVersionException(tries.MayHaveHappened));
        var failure = thrown switch
        {
            HashiCorpRefusal refused => OfAnswer(refused, call),
            RemoteFailureException elsewhere => elsewhere.With(Effect.Rejected), // of the token: nothing was sent
            ProxyRefusedException or AuthenticationException or HttpRequestException or IOException or OperationCanceledException =>
                SilentCall.Failure(thrown, call.What, call.Writes, Product),
            _ => null,
        };
        if (failure is null)
            return null;
        failure = failure.At(Service, call.Resource);
        return new JudgedTry(
            failure.Effect, Next(thrown), (thrown as HashiCorpRefusal)?.RetryAfter, tries => tries.Tell(failure));
    }

    /// <summary>An answer that can't be understood.</summary>
    public static RemoteFailureException Garbled(HashiCorpCall call) =>
        SilentCall.Failure(new JsonException(), call.What, call.Writes, Product).At(Service, call.Resource);

    private static NextTry Next(Exception thrown) => thrown switch
    {
        HashiCorpRefusal { Status: 429 } => NextTry.Throttled,
        HashiCorpRefusal { Status: 307 or 408 or 412 or 472 or 473 or >= 500 } => NextTry.AfterPause,
        HashiCorpRefusal or RemoteFailureException or ProxyRefusedException or AuthenticationException => NextTry.Never,
        _ => NextTry.AfterPause,
    };

    private static RemoteFailureException OfAnswer(HashiCorpRefusal refused, HashiCorpCall call)
    {
        var said = $"{call.What}: HashiCorp Vault answered {refused.Status}";
        return (refused.Status, refused.Reason) switch
        {
            (_, RefusalReason.Sealed) => No(
                FailureKind.Unavailable, " (sealed)", "Unseal it: vault operator unseal. Then run the same command again."),
            (307 or 472 or 473, _) => No(
                FailureKind.Unavailable, " (standby)",
                "The token is sent to the inventory's address only. Let standbys forward requests, or write the address of the cluster's "
                    + "load balancer or of its active node.").With(refused.Status == 307 && call.Writes ? Effect.Unknown : Effect.Rejected),
            ( < 400, _) => Garbled(call),
            (412, _) => No(
                FailureKind.Unavailable, " (not up to date yet)", "A performance standby lags behind. Run the same command again."),
            (503, _) => No(FailureKind.Unavailable, "", "HashiCorp Vault is unavailable. Run the same command again later."),
            (408 or >= 500, _) => new(
                FailureKind.Unavailable, call.Writes ? Effect.Unknown : Effect.Rejected, said + ".",
                "HashiCorp Vault is unavailable. Run the same command again later.", refused),
            (429, _) => No(
                FailureKind.Throttled, "",
                "A rate limit quota of the server is used up: vault list sys/quotas/rate-limit. Run again later."),
            (401, _) or (_, RefusalReason.InvalidToken) => No(
                FailureKind.Unauthenticated, " (invalid token)",
                "The token has ended, or is of another server or namespace. Log in again."),
            (403, _) => No(
                FailureKind.AccessDenied, "",
                "Check the policy of the token (docs/hashicorp-vault.md has it), the mount and the namespace: HashiCorp Vault says the "
                    + "same where one of these doesn't exist."),
            (404, RefusalReason.NoMount) => No(
                FailureKind.NotFound, " (no mount)", "Nothing is mounted there: check mount and namespace in the inventory."),
            (404, RefusalReason.VersionGone) => No(
                FailureKind.NotFound, " (deleted)",
                "That version was deleted: vault kv undelete brings it back, unless it was destroyed."),
            (404, _) => No(FailureKind.NotFound, "", "Check path, mount and namespace in the inventory."),
            (400, _) => No(FailureKind.Other, "", "Check that the mount is a KV engine, version 2: vault secrets list -detailed."),
            (413, _) => No(FailureKind.Other, "", "The value is larger than the server takes."),
            _ => No(FailureKind.Other, "", null),
        };

        RemoteFailureException No(FailureKind kind, string more, string? hint) =>
            new(kind, Effect.Rejected, $"{said}{more}.", hint, refused);
    }
}
