namespace Amazon.IdentityManagement.Model;

/// <summary>A new key with its secret.</summary>
public class AccessKey
{
    /// <summary>Its id.</summary>
    public string AccessKeyId { get; set; }

    /// <summary>When it was made.</summary>
    public DateTime? CreateDate { get; set; }

    /// <summary>Its secret.</summary>
    public string SecretAccessKey { get; set; }

    /// <summary>Whether it can be used.</summary>
    public StatusType Status { get; set; }

    /// <summary>Whose it is.</summary>
    public string UserName { get; set; }
}
