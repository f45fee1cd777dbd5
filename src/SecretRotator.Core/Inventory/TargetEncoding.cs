namespace SecretRotator.Inventory;

/// <summary>In which form a variable carries its value.</summary>
public enum TargetEncoding
{
    /// <summary>The value itself, which then has to be one line: Bitbucket's variables take no line breaks.</summary>
    None,

    /// <summary>
    /// Its UTF-8 bytes in base64 with padding, on one line (RFC 4648, section 4), as Atlassian advises for values with line breaks
    /// (support.atlassian.com: "Use multiple SSH keys in your pipeline").
    /// </summary>
    Base64,
}
