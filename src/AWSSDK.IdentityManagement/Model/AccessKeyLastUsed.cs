namespace Amazon.IdentityManagement.Model;

/// <summary>When and for what a key was used last.</summary>
public class AccessKeyLastUsed
{
    /// <summary>When; null where it never was.</summary>
    public DateTime? LastUsedDate { get; set; }

    /// <summary>In which region; <c>N/A</c> where it never was.</summary>
    public string Region { get; set; }

    /// <summary>For which service; <c>N/A</c> where it never was.</summary>
    public string ServiceName { get; set; }
}
