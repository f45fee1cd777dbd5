namespace SecretRotator.Providers.Google.Identity;

/// <summary>An access token of Google's.</summary>
/// <param name="Text">The token. Visible ASCII only, so that a header can show it.</param>
/// <param name="Ends">When it ends.</param>
/// <param name="Holder">Whose it is, for people.</param>
internal sealed record GoogleToken(SecretValue Text, DateTimeOffset Ends, string Holder) : IDisposable
{
    /// <summary>The project that a person's calls are counted for, or null.</summary>
    public string? QuotaProject { get; init; }

    /// <summary>Wipes it.</summary>
    public void Dispose() => Text.Dispose();
}
