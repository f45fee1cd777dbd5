namespace Amazon.IdentityManagement.Model;

/// <summary>Activates or deactivates a key.</summary>
public class UpdateAccessKeyRequest : AmazonIdentityManagementServiceRequest
{
    /// <summary>The user's name, without its path.</summary>
    public string UserName { get; set; }

    /// <summary>The key's id.</summary>
    public string AccessKeyId { get; set; }

    /// <summary>What it is to be.</summary>
    public StatusType Status { get; set; }

    /// <inheritdoc />
    internal override string Operation => "UpdateAccessKey";

    /// <inheritdoc />
    internal override (string Name, string Value)[] Parameters =>
        [("UserName", UserName), ("AccessKeyId", AccessKeyId), ("Status", Status?.Value)];
}
