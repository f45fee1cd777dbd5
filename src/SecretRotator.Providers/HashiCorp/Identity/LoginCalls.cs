using SecretRotator.Providers.Bitbucket.Api;

namespace SecretRotator.Providers.HashiCorp.Identity;

/// <summary>The calls about tokens of one vault. Doing one twice is as good as once: a token whose answer was lost ends by
/// itself.</summary>
/// <param name="client">Sends them; its base address is the server's.</param>
/// <param name="vault">The vault.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Waits between tries.</param>
internal sealed class LoginCalls(HttpClient client, HashiCorpVaultDefinition vault, IRandomSource random, TimeProvider time)
{
    private const string Trust = "Compare with what `secret-rotator doctor trust --for hashicorp-vault` prints.";

    /// <summary>The vault.</summary>
    public HashiCorpVaultDefinition Vault => vault;

    /// <summary>Logs in with the step's token.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    public Task<LoginToken> WithJwtAsync(HashiCorpAuth.Jwt auth, SecretValue jwt, CancellationToken cancellation) =>
        LogInAsync(auth.Mount, $"the role {auth.RoleName} of auth/{auth.Mount}", ("role", auth.RoleName), ("jwt", jwt), cancellation);

    /// <summary>Logs in with the ids of an AppRole.</summary>
    /// <inheritdoc cref="WithJwtAsync" />
    public Task<LoginToken> WithAppRoleAsync(
        HashiCorpAuth.AppRole auth, string roleId, SecretValue secretId, CancellationToken cancellation) =>
        LogInAsync(auth.Mount, $"auth/{auth.Mount}", ("role_id", roleId), ("secret_id", secretId), cancellation);

    /// <summary>Extends the life of a token.</summary>
    /// <returns>The same token, with the life that it has now.</returns>
    /// <inheritdoc cref="WithJwtAsync" />
    public Task<LoginToken> RenewAsync(SecretValue token, CancellationToken cancellation) => With(token).RunAsync(
        new HashiCorpCall(HttpMethod.Post, "auth/token/renew-self", $"The token of vault {vault.Name} could not be renewed", null)
        {
            Body = () => new WipedJson("{}"u8.ToArray()),
        },
        LoginToken.Read, cancellation);

    /// <summary>Ends a token at once.</summary>
    /// <inheritdoc cref="WithJwtAsync" />
    public async Task RevokeAsync(SecretValue token, CancellationToken cancellation) => (await With(token).RunAsync(
        new HashiCorpCall(HttpMethod.Post, "auth/token/revoke-self", $"The token of vault {vault.Name} could not be revoked", null),
        cancellation)).Dispose();

    /// <summary>What is known of a token.</summary>
    /// <inheritdoc cref="WithJwtAsync" />
    public Task<LookupData> LookUpAsync(SecretValue token, CancellationToken cancellation) => With(token).RunAsync(
        new HashiCorpCall(HttpMethod.Get, "auth/token/lookup-self", $"The token of vault {vault.Name} could not be looked up", null),
        answer => answer.Data(LoginJson.Default.DataAnswerLookupData), cancellation);

    private HashiCorpCalls With(SecretValue? token) => new(client, new GivenToken(token), vault.Namespace, random, time);

    private async Task<LoginToken> LogInAsync(
        string mount, string to, (string Name, string Text) role, (string Name, SecretValue Text) proof, CancellationToken cancellation)
    {
        var call = new HashiCorpCall(HttpMethod.Post, $"auth/{mount}/login", $"The login to vault {vault.Name} ({to}) failed", null)
        {
            Body = () => Json(role, proof),
            IsLogin = true,
        };
        try
        {
            return await With(null).RunAsync(call, LoginToken.Read, cancellation);
        }
        catch (NoTokenException none)
        {
            throw new RemoteFailureException(
                FailureKind.Unauthenticated, Effect.Rejected, $"{call.What}: {none.Message}.", none.Hint, none)
                .At(HashiCorpVaultDefinition.KindWord, null);
        }
        catch (RemoteFailureException refused)
            when (refused.InnerException is HashiCorpRefusal { Login: var (fault, claim) }
                && Explained(fault, claim, mount) is var (why, hint))
        {
            throw new RemoteFailureException(
                refused.Failure with { Kind = FailureKind.Unauthenticated, Message = $"{call.What}: {why}.", Hint = hint },
                refused.InnerException);
        }
    }

    private static (string Why, string Hint)? Explained(LoginFault fault, string? claim, string mount) => fault switch
    {
        LoginFault.Mount => (
            $"nothing is mounted at auth/{mount} for this address",
            "Compare `vault auth list` with auth-mount and namespace in the inventory. A role with token_bound_cidrs refuses so, too."),
        LoginFault.Configuration => ($"auth/{mount} isn't configured", Trust),
        LoginFault.Role => ("the role doesn't exist", Trust),
        LoginFault.RoleType => ("the role is one for logins in a browser", "Make it with role_type=jwt."),
        LoginFault.Claim => ($"the role binds {claim ?? "a claim"} to another value than the step's token has", Trust),
        LoginFault.Audience => ("the role doesn't admit the audience (aud) of the step's token", Trust),
        LoginFault.Issuer => ("bound_issuer isn't the issuer of the step's token", Trust),
        LoginFault.Expired => (
            "the step's token has ended", "Start the pipeline again: the next run finishes or undoes what is open."),
        LoginFault.Signature => (
            "it can't verify the signature of the step's token",
            "Set oidc_discovery_url to Bitbucket's issuer, and see that the vault reaches api.bitbucket.org."),
        LoginFault.SecretId => (
            "role id or secret id is wrong, used up or at its end", $"Make another one: vault write -f auth/{mount}/role/ROLE/secret-id."),
        _ => null,
    };

    // The value goes from one pinned buffer into another and never becomes a string. Nothing in it needs an escape.
    private static WipedJson Json((string Name, string Text) role, (string Name, SecretValue Text) proof)
    {
        var begin = Encoding.UTF8.GetBytes($"{{\"{role.Name}\":\"{JsonEncodedText.Encode(role.Text)}\",\"{proof.Name}\":\"");
#pragma warning disable RS0030 // The vault proves it.
        return proof.Text.Reveal(begin, static (begin, utf8) =>
        {
            var json = GC.AllocateUninitializedArray<byte>(begin.Length + utf8.Length + 2, pinned: true);
            begin.CopyTo(json, 0);
            utf8.Span.CopyTo(json.AsSpan(begin.Length));
            "\"}"u8.CopyTo(json.AsSpan(begin.Length + utf8.Length));
            return new WipedJson(json);
        });
#pragma warning restore RS0030
    }

    private sealed class GivenToken(SecretValue? token) : IHashiCorpToken
    {
        public ValueTask<SecretValue> GetAsync(CancellationToken cancellation) => new(token!);
    }
}
