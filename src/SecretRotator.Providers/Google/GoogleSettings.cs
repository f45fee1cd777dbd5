using System.Collections.Immutable;
using SecretRotator.Providers.Google.Identity;

namespace SecretRotator.Providers.Google;

/// <summary>How Google Cloud is reached, and as whom.</summary>
internal sealed record GoogleSettings
{
    /// <summary>Where Secret Manager answers, instead of its own addresses; or null. <c>https</c>, or <c>http</c> on loopback.</summary>
    public Uri? SecretManagerEndpoint { get; init; }

    /// <summary>A token that someone else made and keeps fresh (<c>GOOGLE_OAUTH_ACCESS_TOKEN</c>), or null.</summary>
    public SecretValue? AccessToken { get; init; }

    /// <summary>The settings that are read.</summary>
    public static ImmutableArray<SettingKey> SettingKeys { get; } = [new("endpoints:google")];

    /// <summary>Reads them, and Google's own variables.</summary>
    public static GoogleSettings Read(SettingsValues values) => new()
    {
        SecretManagerEndpoint = values.Endpoint("endpoints:google"),
        AccessToken = values.Variable("GOOGLE_OAUTH_ACCESS_TOKEN") is { } token ? SecretValue.FromText(token) : null,
    };

    /// <summary>What gives the tokens.</summary>
    public IGoogleAccessTokens Tokens() => new GivenToken(AccessToken);

    private sealed class GivenToken(SecretValue? token) : IGoogleAccessTokens
    {
        public Task<string> GetAsync(string? refused, CancellationToken cancellation) =>
#pragma warning disable RS0030 // A header is text.
            Task.FromResult(refused is null && token is not null
                ? token.RevealText()
                : throw new RemoteFailureException(
                    FailureKind.Unauthenticated, Effect.Rejected, "There is no access token for Google Cloud.",
                    "Set GOOGLE_OAUTH_ACCESS_TOKEN."));
#pragma warning restore RS0030
    }
}
