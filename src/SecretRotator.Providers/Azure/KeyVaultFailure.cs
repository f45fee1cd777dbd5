using System.Security.Authentication;
using System.Text.RegularExpressions;
using Azure;
using Azure.Identity;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Azure;

/// <summary>
/// Puts what the libraries throw into words for the person who must act. Their own messages are never shown: they
/// quote requests and answers.
/// </summary>
internal static partial class KeyVaultFailure
{
    private const string Entra = "microsoft-entra";
    private const string NetworkHint =
        "See that the vault's address is right and can be reached from here. Run the same command again: nothing is lost.";

    /// <summary>
    /// Whether this is a failure of a call, rather than a mistake in the program or a cancellation. The library follows
    /// what isn't there in a body that is <c>null</c>.
    /// </summary>
    public static bool IsOfCall(Exception exception, CancellationToken cancellation) => exception switch
    {
        OperationCanceledException => !cancellation.IsCancellationRequested,
        RemoteFailureException or UnclearOutcomeException or StillThrottledException or ProxyRefusedException or AuthenticationException
            or RequestFailedException or AuthenticationFailedException or HttpRequestException or IOException or TimeoutException => true,
        AggregateException many => !cancellation.IsCancellationRequested && many.InnerExceptions.All(e => IsOfCall(e, cancellation)),
        JsonException or FormatException or NullReferenceException or ArgumentException or InvalidOperationException
            or KeyNotFoundException => true,
        _ => false,
    };

    /// <summary>Describes a failed call.</summary>
    /// <param name="exception">What a library threw.</param>
    /// <param name="what">What was tried on which thing, such as <c>The versions of db in vault azure could not be listed</c>.</param>
    /// <param name="writes">Whether the call would have changed something.</param>
    public static RemoteFailureException Of(Exception exception, string what, bool writes) => exception switch
    {
        _ when ProxyRefusedException.In(exception) is { } refused && exception is not UnclearOutcomeException =>
            new(FailureKind.ProxyRefused, Effect.Rejected, $"{what}: {refused.Message}.", refused.Hint, refused),
        // What the credential rests on failed, so nothing was sent to the vault.
        _ when ExceptionChain.Of(exception).OfType<RemoteFailureException>().FirstOrDefault() is { } elsewhere =>
            new(elsewhere.Failure.After($"{what}:") with { Effect = Effect.Rejected }, elsewhere),
        AggregateException { InnerExceptions: [.., var last] } => Of(last, what, writes),
        StillThrottledException { InnerException: { } last } still when Of(last, what, writes) is var told =>
            told.Telling($"{told.Message.TrimEnd('.')}, {still.Tried}."),
        UnclearOutcomeException { InnerException: { } last } when Of(last, what, writes) is var told =>
            told.With(writes ? Effect.Unknown : Effect.Rejected),
        RequestFailedException { Status: > 0 } refused => OfAnswer(refused, what, writes),
        AuthenticationFailedException denied => OfIdentity(denied, what),
        AuthenticationException or RequestFailedException or HttpRequestException or IOException or TimeoutException
            or OperationCanceledException => OfNetwork(exception, what, writes),
        InvalidOperationException { Message: var message } when message.Contains("challenge", StringComparison.OrdinalIgnoreCase) => new(
            FailureKind.Unauthenticated,
            Effect.Rejected,
            $"{what}: what answered there asks for tokens for another service than Azure Key Vault.",
            "Check the vault's uri in the inventory: it must be a Key Vault's own address, such as https://NAME.vault.azure.net/.",
            exception),
        _ => Garbled(what, writes, exception),
    };

    /// <summary>Whether a call failed because the version is disabled.</summary>
    public static bool TellsDisabled(RemoteFailureException failure) => CodeOf(failure) == "SecretDisabled";

    /// <summary>Key Vault's own code for a read that it refused, such as <c>ForbiddenByRbac</c>; null where it gave none.</summary>
    public static string? CodeOf(RemoteFailureException failure) =>
        failure.InnerException is RequestFailedException refused && Codes(refused) is var (code, inner) ? inner ?? code : null;

    /// <summary>Entra's own code for a token that it refused, such as <c>AADSTS700213</c>; null where it gave none.</summary>
    public static string? EntraCodeOf(Exception? denied) =>
        denied is null ? null : ExceptionChain.Of(denied).Select(e => EntraCodeIn(e.Message)).FirstOrDefault(code => code is not null);

    /// <summary>Entra's own code in what it says; null where there is none.</summary>
    public static string? EntraCodeIn(string said) => Aadsts().Match(said) is { Success: true } match ? match.Value : null;

    /// <summary>An answer that can't be understood.</summary>
    public static RemoteFailureException Garbled(string what, bool writes, Exception? inner = null) => new(
        FailureKind.Garbled,
        writes ? Effect.Unknown : Effect.Rejected,
        $"{what}: the answer is not one that a Key Vault gives.",
        "A proxy or a wrong address may have answered instead. Check the vault's uri and the proxy settings.",
        inner);

    private static RemoteFailureException OfAnswer(RequestFailedException refused, string what, bool writes)
    {
        var (code, inner) = Codes(refused);

        // The library's exception quotes the answer, and what answers in Key Vault's place may quote the request.
        var cause = writes ? null : refused;
        var said = $"{what}: Key Vault answered {refused.Status}{(inner ?? code) switch { null => "", var c => $" ({c})" }}.";
        return refused.Status switch
        {
            400 =>
                new(FailureKind.Other,
                    Effect.Rejected, said, "Key Vault takes values up to 25 KB, 15 tags and names of letters, digits and hyphens.", cause),
            401 =>
                new(FailureKind.Unauthenticated,
                    Effect.Rejected, said,
                    "The identity belongs to another tenant than the vault, or its token ended. Check tenant and credential.", cause),
            403 => new(FailureKind.AccessDenied, Effect.Rejected, said, ForbiddenHint(inner), cause),
            404 =>
                new(FailureKind.NotFound,
                    Effect.Rejected, said,
                    "Check name and vault in the inventory. A deleted secret can be recovered: az keyvault secret recover.", cause),
            409 => new(FailureKind.Conflict, Effect.Rejected, said, ConflictHint(inner), cause),
            429 =>
                new(FailureKind.Throttled,
                    Effect.Rejected, said, "Someone uses this vault heavily; Key Vault allows 4,000 calls in 10 seconds. Run again later.",
                    cause),
            408 or >= 500 =>
                new(FailureKind.Unavailable,
                    writes ? Effect.Unknown : Effect.Rejected, said, "Key Vault is unavailable. Run the same command again later.", cause),
            < 400 => Garbled(what, writes, cause), // a redirect, which is never followed, says no more than a sign-in page
            _ => new(FailureKind.Other, Effect.Rejected, said, null, cause),
        };
    }

    private static string ForbiddenHint(string? inner) => inner switch
    {
        "SecretDisabled" => "That version is disabled. Enable it in the vault, or set a new value there, and run again.",
        "ForbiddenByRbac" =>
            "Give the identity a role with the actions that docs/azure.md lists; a new role takes up to ten minutes to work.",
        "ForbiddenByFirewall" or "ForbiddenByConnection" =>
            "The vault's firewall doesn't admit this machine. Allow its address, or run on a network that is allowed.",
        "ForbiddenByPolicy" =>
            "An Azure Policy on the vault refuses a version as it would be: it asks for an expiration date, a longest validity "
                + "or a content type. Give the secret's current version that (az keyvault secret set-attributes --vault-name VAULT "
                + "--name NAME "
                + "--expires …), and run again: new versions, the staged one included, are made valid for as long.",
        "AccessDenied" => "The vault's access policy must give the identity get, list and set on secrets.",
        _ => "Check the vault's roles or access policy and its firewall; docs/azure.md lists what is needed.",
    };

    private static string ConflictHint(string? inner) => inner switch
    {
        "ObjectIsDeletedButRecoverable" =>
            "A secret of that name was deleted and still holds the name. Decide whether to recover it (az keyvault secret recover) or to "
                + "purge it (az keyvault secret purge).",
        "ObjectIsBeingDeleted" or "ObjectIsBeingRecovered" => "That takes some seconds. Run the same command again.",
        _ => "Look at the secret in the vault, and run again.",
    };

    private static RemoteFailureException OfIdentity(AuthenticationFailedException denied, string what)
    {
        // Nothing was sent to the vault: it only sees calls that carry a token.
        if (denied is CredentialUnavailableException)
            return new RemoteFailureException(
                FailureKind.Unauthenticated, Effect.Rejected, $"{what}: no credential for Azure was found.",
                "Set one up as docs/azure.md describes. The Azure CLI's login counts with azure.useCli only.", denied).At(Entra, null);
        var code = EntraCodeOf(denied);
        if (code is null
            && ExceptionChain.Of(denied)
                .Any(e => e is AuthenticationException or HttpRequestException or IOException or OperationCanceledException
                    or RequestFailedException { Status: 0 or >= 500 }))
            return new RemoteFailureException(
                FailureKind.Unavailable, Effect.Rejected, $"{what}: Microsoft Entra could not be reached for a token.",
                TlsTrust.IsMissing(denied) ? TlsTrust.Hint : "See that login.microsoftonline.com can be reached from here, and run again.",
                denied).At(Entra, null);
        return new RemoteFailureException(
            FailureKind.Unauthenticated, Effect.Rejected, $"{what}: Microsoft Entra gave no token{(code is null ? "" : $" ({code})")}.",
            IdentityHint(code), denied).At(Entra, null);
    }

    private static string IdentityHint(string? code) => code switch
    {
        "AADSTS7000215" => "The client secret is wrong. Give the secret's value, not its id.",
        "AADSTS7000222" => "The client secret has expired. Make a new one.",
        "AADSTS700016" => "The client id isn't known in that tenant. Check both.",
        "AADSTS90002" => "There is no such tenant. Check the tenant id.",
        "AADSTS700027" => "The certificate isn't registered for that application.",
        "AADSTS700213" or "AADSTS70021" or "AADSTS700211" or "AADSTS700212" =>
            "No federated credential of the application matches. Its issuer, subject and audience must be those of the token, letter by "
                + "letter.",
        _ => "Check tenant, client id and credential.",
    };

    private static RemoteFailureException OfNetwork(Exception exception, string what, bool writes)
    {
        var http = ExceptionChain.Of(exception).OfType<HttpRequestException>().FirstOrDefault();
        var (why, unsent) = http?.HttpRequestError switch
        {
            _ when http is ProxyUnreachableException => (http.Message, true),
            _ when ExceptionChain.Of(exception).Any(e => e is AuthenticationException) =>
                ("its certificate isn't trusted, so nothing was sent", true),
            HttpRequestError.NameResolutionError => ("its name can't be resolved", true),
            HttpRequestError.ConnectionError => ("no connection could be made", true),
            HttpRequestError.SecureConnectionError => ("no TLS connection was established", true),
            _ => ("no answer came", false),
        };
        return new(
            FailureKind.Unavailable, writes && !unsent ? Effect.Unknown : Effect.Rejected, $"{what}: {why}.",
            TlsTrust.IsMissing(exception) ? TlsTrust.Hint : NetworkHint, exception);
    }

    /// <summary>The error's code and its inner code, as far as they are plain words.</summary>
    private static (string? Code, string? Inner) Codes(RequestFailedException refused)
    {
        try
        {
            if (refused.GetRawResponse()?.Content is not { } content)
                return (Word(refused.ErrorCode), null);
            using var document = JsonDocument.Parse(content);
            return document.RootElement.TryGetProperty("error", out var error)
                ? (Word(Text(error, "code")), error.TryGetProperty("innererror", out var inner) ? Word(Text(inner, "code")) : null)
                : (null, null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A proxy's page: the status has to do.
            return (null, null);
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Word(string? code) => code is not null && PlainWord().IsMatch(code) ? code : null;

    [GeneratedRegex("^[A-Za-z]{1,64}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex PlainWord();

    [GeneratedRegex("AADSTS[0-9]{1,10}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Aadsts();
}
