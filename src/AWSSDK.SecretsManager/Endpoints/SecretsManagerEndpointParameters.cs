using Amazon.Runtime.Endpoints;

namespace Amazon.SecretsManager.Endpoints;

/// <summary>What decides the address that is called.</summary>
public class SecretsManagerEndpointParameters : EndpointParameters
{
    /// <summary>Neither FIPS nor dual stack.</summary>
    public SecretsManagerEndpointParameters()
    {
        UseDualStack = false;
        UseFIPS = false;
    }

    /// <summary>The region's system name.</summary>
    public string Region
    {
        get => (string)this["Region"];
        set => this["Region"] = value;
    }

    /// <summary>Whether the address must be reachable over IPv6 too.</summary>
    public bool? UseDualStack
    {
        get => (bool?)this["UseDualStack"];
        set => this["UseDualStack"] = value;
    }

    /// <summary>Whether the address must end in a FIPS-validated module.</summary>
    public bool? UseFIPS
    {
        get => (bool?)this["UseFIPS"];
        set => this["UseFIPS"] = value;
    }

    /// <summary>An address that overrides all rules.</summary>
    public string Endpoint
    {
        get => (string)this["Endpoint"];
        set => this["Endpoint"] = value;
    }
}
