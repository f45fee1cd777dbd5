using Amazon.Runtime.Endpoints;

namespace Amazon.IdentityManagement.Internal;

/// <summary>What decides the address that is called.</summary>
internal sealed class IdentityManagementServiceEndpointParameters : EndpointParameters
{
    /// <summary>The system name of a region, for its partition.</summary>
    public string Region
    {
        get => (string)this["Region"];
        set => this["Region"] = value;
    }

    /// <summary>An address that overrides all rules.</summary>
    public string Endpoint
    {
        get => (string)this["Endpoint"];
        set => this["Endpoint"] = value;
    }
}
