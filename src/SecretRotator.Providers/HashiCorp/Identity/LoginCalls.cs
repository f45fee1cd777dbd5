using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using SecretRotator.Providers.Backends.Entra;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Http;
using SecretRotator.Values;

namespace SecretRotator.Providers.HashiCorp.Identity;

/// <summary>The calls about tokens of one vault: repeated where that is safe, and failing in one way only.</summary>
/// <param name="client">Sends them; not disposed here.</param>
/// <param name="place">Where the vault answers.</param>
/// <param name="vault">The vault.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Waits between tries.</param>
internal sealed class LoginCalls(HttpClient client, Uri place, HashiCorpVaultDefinition vault, IRandomSource random, TimeProvider time)
{
    private static readonly RetryPatience Patience = new()
    {
        Tries = 3,
        FirstPause = TimeSpan.FromSeconds(1),
        LongestRetryAfter = TimeSpan.FromSeconds(30),
        Drawn = (0.75, 1.25),
    };

    private readonly Retry _retry = new(Patience, random, time);

    /// <summary>The vault as people know it.</summary>
    public HashiCorpVaultDefinition Vault => vault;

    /// <summary>Logs in with a token of another issuer.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    public Task<LoginToken> WithJwtAsync(HashiCorpAuth.Jwt auth, SecretValue jwt, CancellationToken cancellation) => LogInAsync(
        $"auth/{auth.Mount}/login", () => Json(("role", auth.RoleName), "jwt", jwt), $"the role {auth.RoleName} of auth/{auth.Mount}",
        cancellation);

    /// <summary>Logs in with the ids of an AppRole.</summary>
    /// <inheritdoc cref="WithJwtAsync" />
    public Task<LoginToken> WithAppRoleAsync(
        HashiCorpAuth.AppRole auth, string roleId, SecretValue secretId, CancellationToken cancellation) => LogInAsync(
        $"auth/{auth.Mount}/login", () => Json(("role_id", roleId), "secret_id", secretId), $"auth/{auth.Mount}", cancellation);

    /// <summary>Extends the life of a token.</summary>
    /// <returns>The same token, with the life that it has now.</returns>
    /// <inheritdoc cref="WithJwtAsync" />
    public Task<LoginToken> RenewAsync(SecretValue token, CancellationToken cancellation) => CallAsync(
        HttpMethod.Post, "auth/token/renew-self", () => new StringContent("{}", Encoding.UTF8, "application/json"), token,
        "its token could not be renewed", LoginToken.Read, cancellation);

    /// <summary>Ends a token at once.</summary>
    /// <inheritdoc cref="WithJwtAsync" />
    public Task RevokeAsync(SecretValue token, CancellationToken cancellation) => CallAsync(
        HttpMethod.Post, "auth/token/revoke-self", null, token, "its token could not be revoked", _ => true, cancellation);

    /// <summary>What is known of a token.</summary>
    /// <inheritdoc cref="WithJwtAsync" />
    public Task<LookupData> LookUpAsync(SecretValue token, CancellationToken cancellation) => CallAsync(
        HttpMethod.Get, "auth/token/lookup-self", null, token, "its token could not be looked up",
        body => JsonSerializer.Deserialize(body, LoginJson.Default.LookupAnswer)?.Data ?? throw new JsonException(), cancellation);

    private Task<LoginToken> LogInAsync(string path, Func<HttpContent> body, string to, CancellationToken cancellation) =>
        CallAsync(HttpMethod.Post, path, body, null, $"the login to {to} failed", LoginToken.Read, cancellation);

    // Doing one of these twice is as good as once: a token whose answer was lost ends by itself.
    private async Task<T> CallAsync<T>(
        HttpMethod method, string path, Func<HttpContent>? body, SecretValue? token, string what, Func<byte[], T> read,
        CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return await _retry.RunAsync(
            new RetriedCall(IsIdempotent: true, thrown => Judged(thrown, $"{vault.Product} {vault.Name}: {what}", path)),
            async stop =>
            {
                using var request = new HttpRequestMessage(method, new Uri(place, $"/v1/{path}")) { Content = body?.Invoke() };
                request.Headers.Add("X-Vault-Request", "true");
                if (vault.Namespace is { } name)
                    request.Headers.Add("X-Vault-Namespace", name);
                if (token is not null)
                    LoginToken.Show(request, token);
                using var answer = await client.SendAsync(request, stop);
                var bytes = await answer.Content.ReadAsByteArrayAsync(stop);
                return answer.IsSuccessStatusCode ? read(bytes) : throw new LoginRefusal(
                    (int)answer.StatusCode, bytes, answer.Headers.RetryAfter?.Delta);
            },
            cancellation);
    }

    private JudgedTry? Judged(Exception thrown, string what, string path)
    {
        var failure = thrown switch
        {
            LoginRefusal refused => Refused(refused, what, path),
            NoTokenException none => new(FailureKind.Unauthenticated, Effect.Rejected, $"{what}: {none.Message}.", none.Hint, none),
            ProxyRefusedException or AuthenticationException or HttpRequestException or IOException or OperationCanceledException
                or JsonException or SecretContentException => GraphCalls.OfSilence(thrown, what, writes: false, vault.Product),
            _ => null,
        };
        if (failure is null)
            return null;
        var next = thrown switch
        {
            LoginRefusal { Status: 429 } => NextTry.Throttled,
            LoginRefusal { Fault: LoginFault.Sealed } => NextTry.Never,
            LoginRefusal { Status: 408 or 412 or 472 or 473 or >= 500 } => NextTry.AfterPause,
            LoginRefusal or NoTokenException or ProxyRefusedException or AuthenticationException or JsonException
                or SecretContentException => NextTry.Never,
            _ => NextTry.AfterPause,
        };
        return new JudgedTry(
            Effect.Rejected, next, (thrown as LoginRefusal)?.RetryAfter, _ => failure.At(HashiCorpVaultDefinition.KindWord, place.Host));
    }

    private RemoteFailureException Refused(LoginRefusal refused, string what, string path)
    {
        var (kind, why, hint) = refused switch
        {
            { Fault: LoginFault.Sealed } => (FailureKind.Unavailable, "it is sealed, or not initialized", "Unseal it: vault operator unseal."),
            { Status: >= 300 and < 400 } => (
                FailureKind.Other, "it redirects to another address, and a token goes to no other than the inventory's",
                "Name the address of the active node, or of a load balancer in front of it, in the inventory."),
            { Status: 429 } => (FailureKind.Throttled, "it takes no more calls for now", "Wait a few minutes, then run again."),
            { Status: 408 or 412 or 472 or 473 or >= 500 } and { Fault: LoginFault.Other } => (
                FailureKind.Unavailable, $"it answered {refused.Status}", "Run the same command again later."),
            { Fault: LoginFault.Role } => (FailureKind.Unauthenticated, "the role doesn't exist", Trust),
            { Fault: LoginFault.RoleType } => (
                FailureKind.Unauthenticated, "the role is one for logins by browser", "Make it with role_type=jwt."),
            { Fault: LoginFault.Mount } => (
                FailureKind.Unauthenticated, $"nothing is mounted at {path[..path.LastIndexOf('/')]} for this address",
                "Compare `vault auth list` with auth-mount and namespace in the inventory; a role with token_bound_cidrs refuses so, too."),
            { Fault: LoginFault.Configuration } => (FailureKind.Unauthenticated, "the auth method isn't configured", Trust),
            { Fault: LoginFault.Claim } => (
                FailureKind.Unauthenticated, $"the role binds {refused.Claim ?? "a claim"} to another value than the step's token has", Trust),
            { Fault: LoginFault.Audience } => (
                FailureKind.Unauthenticated, "the role doesn't admit the audience (aud) of the step's token", Trust),
            { Fault: LoginFault.Issuer } => (FailureKind.Unauthenticated, "bound_issuer isn't the issuer of the step's token", Trust),
            { Fault: LoginFault.Expired } => (
                FailureKind.Unauthenticated, "the step's token has ended",
                "Start the pipeline again: the next run finishes or undoes what is open."),
            { Fault: LoginFault.Signature } => (
                FailureKind.Unauthenticated, "it can't verify the signature of the step's token",
                "Set oidc_discovery_url to Bitbucket's issuer, and see that the vault reaches api.bitbucket.org."),
            { Fault: LoginFault.SecretId } => (
                FailureKind.Unauthenticated, "role id or secret id is wrong, used up or at its end",
                "Make another one: vault write -f auth/MOUNT/role/ROLE/secret-id."),
            _ => (
                refused.Status == 403 ? FailureKind.AccessDenied : FailureKind.Unauthenticated, $"it answered {refused.Status}",
                "The vault's log tells more; its audit log names the request."),
        };
        return new(kind, Effect.Rejected, $"{what}: {why}.", hint, refused);
    }

    private const string Trust = "Compare with what `secret-rotator doctor trust --for hashicorp-vault` prints.";

    // The value goes from one pinned buffer into another and never becomes a string. Nothing in it needs an escape.
    private static WipedJson Json((string Name, string Text) plain, string name, SecretValue secret)
    {
        var begin = Encoding.UTF8.GetBytes($"{{\"{plain.Name}\":\"{JsonEncodedText.Encode(plain.Text)}\",\"{name}\":\"");
#pragma warning disable RS0030 // The vault proves it.
        return secret.Reveal(begin, static (begin, utf8) =>
        {
            var json = GC.AllocateUninitializedArray<byte>(begin.Length + utf8.Length + 2, pinned: true);
            begin.CopyTo(json, 0);
            utf8.Span.CopyTo(json.AsSpan(begin.Length));
            "\"}"u8.CopyTo(json.AsSpan(begin.Length + utf8.Length));
            return new WipedJson(json);
        });
#pragma warning restore RS0030
    }
}
