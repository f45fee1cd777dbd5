namespace SecretRotator.Doctor.Connectivity;

/// <summary>The way to a service ends at one hop.</summary>
/// <param name="hop">Which.</param>
/// <param name="what">What happened there, after the service's name: <c>the name can't be resolved</c>.</param>
/// <param name="fix">What to do about it.</param>
internal sealed class HopFailedException(Hop hop, string what, string fix) : Exception(what)
{
    /// <summary>Where the way ends.</summary>
    public Hop Hop => hop;

    /// <summary>What to do about it.</summary>
    public string Fix => fix;
}
