namespace SecretRotator.Browser;

/// <summary>The reports that a browser is shown.</summary>
public enum Sample
{
    /// <summary>Something of everything that a report can say.</summary>
    Everything,

    /// <summary>Many times the height of a screen: <see cref="Chromium.Many"/> secrets.</summary>
    Many,
}
