namespace Amazon.IdentityManagement.Model;

/// <summary>Lists the keys of a user.</summary>
public class ListAccessKeysRequest : AmazonIdentityManagementServiceRequest
{
    /// <summary>The user's name, without its path.</summary>
    public string UserName { get; set; }

    /// <summary>What the page before named as the next one, or null for the first.</summary>
    public string Marker { get; set; }

    /// <inheritdoc />
    internal override string Operation => "ListAccessKeys";

    /// <inheritdoc />
    internal override (string Name, string Value)[] Parameters => [("UserName", UserName), ("Marker", Marker)];
}
