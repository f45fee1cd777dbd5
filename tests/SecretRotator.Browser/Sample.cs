namespace SecretRotator.Browser;

/// <summary>The reports that a browser is shown.</summary>
public enum Sample
{
    /// <summary>Something of everything that a report can say.</summary>
    Everything,

    /// <summary>A thousand secrets.</summary>
    Thousand,
}
