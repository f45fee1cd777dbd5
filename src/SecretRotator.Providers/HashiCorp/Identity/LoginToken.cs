namespace SecretRotator.Providers.HashiCorp.Identity;

/// <summary>A token as a vault's answer to a login or a renewal describes it. Wiped when it is disposed.</summary>
/// <remarks>https://developer.hashicorp.com/vault/api-docs/auth/jwt#jwt-login shows such an answer.</remarks>
/// <param name="Text">The token.</param>
/// <param name="Life">How long it is good for from the answer on; null where it has no end.</param>
/// <param name="IsRenewable">Whether its life can be extended.</param>
/// <param name="IsBatch">Whether it is a batch token, which can't be renewed or revoked.</param>
/// <param name="Uses">How many calls it may be shown in; 0 for any number.</param>
internal sealed record LoginToken(SecretValue Text, TimeSpan? Life, bool IsRenewable, bool IsBatch, int Uses) : IDisposable
{
    /// <summary>Whether a header can hold a token, and JSON without an escape. With anything else in it the library throws, and quotes
    /// it.</summary>
    public static bool IsShowable(SecretValue token) => token.Look(0, static (_, utf8) => !utf8.IsEmpty
        && utf8.IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0 && utf8.IndexOfAny((byte)'"', (byte)'\\') < 0);

    /// <inheritdoc />
    public void Dispose() => Text.Dispose();

    /// <summary>Reads an answer.</summary>
    /// <exception cref="NoTokenException">The vault wants more, or hands the token out in another way.</exception>
    /// <exception cref="JsonException">It is no such answer.</exception>
    public static LoginToken Read(HashiCorpAnswer answer)
    {
        var read = JsonSerializer.Deserialize(answer.Json, LoginJson.Default.LoginAnswer);
        if (read?.WrapInfo is { ValueKind: JsonValueKind.Object })
            throw new NoTokenException(isWrapped: true);
        if (read?.Auth is { MfaRequirement.ValueKind: JsonValueKind.Object })
            throw new NoTokenException(isWrapped: false);
        if (read?.Auth is not { LeaseDuration: >= 0 and <= int.MaxValue, NumUses: >= 0 } auth)
            throw new JsonException();
        return new LoginToken(
            TextIn(answer), auth.LeaseDuration == 0 ? null : TimeSpan.FromSeconds(auth.LeaseDuration), auth.Renewable,
            auth.TokenType == "batch", auth.NumUses);
    }

    private static SecretValue TextIn(HashiCorpAnswer answer)
    {
        try
        {
            using var whole = SecretValue.FromUtf8(answer.Json);
            using var auth = JsonSecret.Read(whole, "auth");
            var text = JsonSecret.Read(auth, "client_token");
            if (IsShowable(text))
                return text;
            text.Dispose();
        }
        catch (SecretContentException)
        {
            // It has no token.
        }

        throw new JsonException();
    }
}

/// <summary>The vault took the login, and gives no token that could be used.</summary>
/// <param name="isWrapped">Whether it hands out a wrapped one; otherwise it wants a second factor.</param>
internal sealed class NoTokenException(bool isWrapped) : Exception(
    isWrapped ? "it answered with a wrapped token" : "it asks for a second factor (MFA), which a pipeline has not")
{
    /// <summary>What to do.</summary>
    public string Hint => isWrapped
        ? "Take the response wrapping off the path of the login."
        : "Take the auth method out of the login enforcement of MFA (identity/mfa/login-enforcement), or use another mount.";
}
