namespace SecretRotator.Providers;

/// <summary>A setting that there is.</summary>
/// <param name="Name">Its key, with colons between its parts. One that ends with a colon means any name below it.</param>
internal sealed record SettingKey(string Name)
{
    /// <summary>
    /// What to do instead where a secret is in a file, which is committed and not masked; null for a setting that is no secret.
    /// </summary>
    public string? NotInFile { get; init; }

    /// <summary>Whether a file may hold a secret as a reference (<c>vault://…</c>).</summary>
    public bool TakesReference { get; init; }
}
