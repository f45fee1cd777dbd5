using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using SecretRotator.Values;

namespace SecretRotator.Providers.HashiCorp.Identity;

/// <summary>A token as a vault's answer to a login or a renewal describes it. Wiped when it is disposed.</summary>
/// <remarks>https://developer.hashicorp.com/vault/api-docs/auth/jwt#jwt-login shows such an answer.</remarks>
/// <param name="Text">The token.</param>
/// <param name="Life">How long it is good for from the answer on; null where it has no end.</param>
/// <param name="IsRenewable">Whether its life can be extended.</param>
/// <param name="IsBatch">Whether it is a batch token, which can't be renewed or revoked.</param>
/// <param name="Uses">How many calls it may be shown in; 0 for any number.</param>
/// <param name="Policies">The names of the policies that say what it is allowed.</param>
internal sealed record LoginToken(
    SecretValue Text, TimeSpan? Life, bool IsRenewable, bool IsBatch, int Uses, ImmutableArray<string> Policies) : IDisposable
{
    private const int MostPolicies = 50;

    /// <summary>Puts a token into a request.</summary>
    public static void Show(HttpRequestMessage request, SecretValue token)
    {
#pragma warning disable RS0030 // It goes to the vault that it is for.
        request.Headers.Add("X-Vault-Token", token.RevealText());
#pragma warning restore RS0030
    }

    /// <summary>Whether a header can hold a token, and JSON without an escape. With anything else in it the library throws, and quotes
    /// it.</summary>
    public static bool IsShowable(SecretValue token)
    {
#pragma warning disable RS0030 // Looked at before it is sent.
        return token.Reveal(0, static (_, utf8) => !utf8.IsEmpty
            && utf8.Span.IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0 && utf8.Span.IndexOfAny((byte)'"', (byte)'\\') < 0);
#pragma warning restore RS0030
    }

    /// <inheritdoc />
    public void Dispose() => Text.Dispose();

    /// <summary>Reads an answer, and wipes it.</summary>
    /// <exception cref="NoTokenException">The vault wants more, or hands the token out in another way.</exception>
    /// <exception cref="JsonException">It is no such answer.</exception>
    /// <exception cref="SecretContentException">It has no token.</exception>
    public static LoginToken Read(byte[] answer)
    {
        using var whole = SecretValue.FromUtf8(answer);
        try
        {
            var read = JsonSerializer.Deserialize(answer, LoginJson.Default.LoginAnswer);
            if (read?.WrapInfo is { ValueKind: JsonValueKind.Object })
                throw new NoTokenException(isWrapped: true);
            if (read?.Auth is not { LeaseDuration: >= 0 and <= int.MaxValue, NumUses: >= 0 } auth)
                throw new JsonException();
            if (auth.MfaRequirement is { ValueKind: JsonValueKind.Object })
                throw new NoTokenException(isWrapped: false);
            using var json = JsonSecret.Read(whole, "auth");
            var text = JsonSecret.Read(json, "client_token");
            if (IsShowable(text))
                return new LoginToken(
                    text,
                    auth.LeaseDuration == 0 ? null : TimeSpan.FromSeconds(auth.LeaseDuration),
                    auth.Renewable,
                    auth.TokenType == "batch",
                    auth.NumUses,
                    Names(auth.Policies));
            text.Dispose();
            throw new JsonException();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(answer);
        }
    }

    /// <summary>Names that a vault gave, harmless to a terminal.</summary>
    public static ImmutableArray<string> Names(IReadOnlyList<string?>? names) =>
        [.. (names ?? []).OfType<string>().Take(MostPolicies).Select(PrintableText.Of)];
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
