namespace Amazon.IdentityManagement.Model;

/// <summary>A key, without its secret.</summary>
public class AccessKeyMetadata
{
    /// <summary>Its id.</summary>
    public string AccessKeyId { get; set; }

    /// <summary>When it was made.</summary>
    public DateTime? CreateDate { get; set; }

    /// <summary>Whether it can be used.</summary>
    public StatusType Status { get; set; }

    /// <summary>Whose it is.</summary>
    public string UserName { get; set; }
}
