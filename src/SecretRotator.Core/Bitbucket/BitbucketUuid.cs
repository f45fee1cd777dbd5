namespace SecretRotator.Bitbucket;

/// <summary>Bitbucket writes a uuid with and without braces; here it is in lower case and without.</summary>
internal static class BitbucketUuid
{
    /// <summary>The uuid in lower case and without braces, or null where the text is no uuid.</summary>
    public static string? Normal(string? text) => Guid.TryParse(text, out var uuid) ? uuid.ToString("D") : null;

    /// <summary>The uuid as one segment of a path; the braces are escaped on the way.</summary>
    public static string InPath(string uuid) => $"{{{uuid}}}";
}
