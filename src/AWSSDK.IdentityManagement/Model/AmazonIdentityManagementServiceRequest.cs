using Amazon.Runtime;

namespace Amazon.IdentityManagement.Model;

/// <summary>What all requests have in common.</summary>
public abstract class AmazonIdentityManagementServiceRequest : AmazonWebServiceRequest
{
    /// <summary>The operation's name.</summary>
    internal abstract string Operation { get; }

    /// <summary>Its parameters; those that are null are left out.</summary>
    internal abstract (string Name, string Value)[] Parameters { get; }
}
