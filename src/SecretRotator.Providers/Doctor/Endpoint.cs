namespace SecretRotator.Providers.Doctor;

/// <summary>A service that the program must reach.</summary>
/// <param name="Name">What it is, such as <c>Bitbucket's API</c>.</param>
/// <param name="Address">Where it answers; <c>tcp://HOST:PORT</c> of a server that speaks no HTTP.</param>
internal sealed record Endpoint(string Name, Uri Address)
{
    /// <summary>The service for people, with the address that is called.</summary>
    public override string ToString() => $"{Name} ({Address.GetLeftPart(UriPartial.Authority)})";
}
