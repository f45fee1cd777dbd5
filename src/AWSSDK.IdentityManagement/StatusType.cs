using Amazon.Runtime;

namespace Amazon.IdentityManagement;

/// <summary>Whether a key can be used.</summary>
public class StatusType : ConstantClass
{
    /// <summary>It can.</summary>
    public static readonly StatusType Active = new("Active");

    /// <summary>It can't.</summary>
    public static readonly StatusType Inactive = new("Inactive");

    /// <summary>The status of that name, one that isn't known here too.</summary>
    public StatusType(string value)
        : base(value)
    {
    }
}
