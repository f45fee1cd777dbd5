namespace Amazon.IdentityManagement.Model;

/// <summary>Deletes a key.</summary>
public class DeleteAccessKeyRequest : AmazonIdentityManagementServiceRequest
{
    /// <summary>The user's name, without its path.</summary>
    public string UserName { get; set; }

    /// <summary>The key's id.</summary>
    public string AccessKeyId { get; set; }

    /// <inheritdoc />
    internal override string Operation => "DeleteAccessKey";

    /// <inheritdoc />
    internal override (string Name, string Value)[] Parameters => [("UserName", UserName), ("AccessKeyId", AccessKeyId)];
}
