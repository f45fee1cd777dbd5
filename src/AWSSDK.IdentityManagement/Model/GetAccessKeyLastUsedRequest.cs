namespace Amazon.IdentityManagement.Model;

/// <summary>Asks when a key was used last.</summary>
public class GetAccessKeyLastUsedRequest : AmazonIdentityManagementServiceRequest
{
    /// <summary>The key's id.</summary>
    public string AccessKeyId { get; set; }

    /// <inheritdoc />
    internal override string Operation => "GetAccessKeyLastUsed";

    /// <inheritdoc />
    internal override (string Name, string Value)[] Parameters => [("AccessKeyId", AccessKeyId)];
}
