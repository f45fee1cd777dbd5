using System.Reflection;

namespace SecretRotator.Hosting;

/// <summary>Which version of the program this is.</summary>
internal static class ProductVersion
{
    private static readonly Assembly Own = typeof(ProductVersion).Assembly;

    /// <summary>The version with the commit that it was built from: <c>0.1.0+c52aec7…</c>; the version alone where that isn't known.</summary>
    public static string Text { get; } = Own.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The same for people, with the commit's date.</summary>
    public static string Line { get; } = Describe(
        Text, Own.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(data => data.Key == "CommitDate")?.Value);

    /// <summary>A version for people: <c>0.1.0 (commit c52aec7…, 2026-11-29)</c>.</summary>
    /// <param name="text">As <see cref="Text"/>.</param>
    /// <param name="date">The date of the commit, or null.</param>
    internal static string Describe(string text, string? date) =>
        text.Split('+') is [var version, var commit] ? $"{version} (commit {commit}{(date is null ? "" : $", {date}")})" : text;
}
