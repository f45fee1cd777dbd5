namespace SecretRotator.Sandbox.Google;

/// <summary>What Google Cloud remembers, of all projects.</summary>
internal sealed class GoogleState
{
    /// <summary>The token that the sandbox hands to a rotator.</summary>
    public const string AccessToken = "ya29.sandbox-google-access-token";

    /// <summary>Secrets by their whole names, such as <c>projects/acme-prod/secrets/db</c>.</summary>
    public SortedDictionary<string, GoogleSecretState> Secrets { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Access tokens that were given out, by their text, with their end.</summary>
    public SortedDictionary<string, DateTimeOffset> AccessTokens { get; set; } = new(StringComparer.Ordinal)
    {
        [AccessToken] = DateTimeOffset.MaxValue,
    };

    /// <summary>Permissions that no token has, such as <c>secretmanager.versions.add</c>; on one secret alone with <c>@NAME</c>
    /// behind.</summary>
    public SortedSet<string> Denied { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Counts the changes: etags are made of it.</summary>
    public long Changes { get; set; }

    /// <summary>An etag that nothing has had before. The quotes are part of it.</summary>
    public string NewEtag() => $"\"{++Changes:x12}\"";
}

internal sealed class GoogleSecretState
{
    public string Etag { get; set; } = "";
    public DateTimeOffset Created { get; set; }
    public SortedDictionary<string, string> Annotations { get; set; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, string> Labels { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Where it is kept, as JSON; null for a regional secret.</summary>
    public string? Replication { get; set; } = """{"automatic":{}}""";

    /// <summary>When it is deleted by itself, or null.</summary>
    public DateTimeOffset? Expires { get; set; }

    /// <summary>When its topics are told next to rotate it, or null.</summary>
    public DateTimeOffset? NextRotation { get; set; }

    /// <summary>In the order of their numbers, which begin with 1; the last one is <c>latest</c>.</summary>
    public List<GoogleVersionState> Versions { get; set; } = [];
}

internal sealed class GoogleVersionState
{
    public string Etag { get; set; } = "";
    public DateTimeOffset Created { get; set; }

    /// <summary>ENABLED, DISABLED or DESTROYED.</summary>
    public string State { get; set; } = "ENABLED";

    /// <summary>The payload in base64; empty where it was destroyed.</summary>
    public string Data { get; set; } = "";
}
