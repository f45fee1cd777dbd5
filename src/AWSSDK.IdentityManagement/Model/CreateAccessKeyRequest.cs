namespace Amazon.IdentityManagement.Model;

/// <summary>Makes a key.</summary>
public class CreateAccessKeyRequest : AmazonIdentityManagementServiceRequest
{
    /// <summary>The user's name, without its path.</summary>
    public string UserName { get; set; }

    /// <inheritdoc />
    internal override string Operation => "CreateAccessKey";

    /// <inheritdoc />
    internal override (string Name, string Value)[] Parameters => [("UserName", UserName)];
}
