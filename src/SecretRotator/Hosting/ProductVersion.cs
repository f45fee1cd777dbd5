using System.Reflection;

namespace SecretRotator.Hosting;

/// <summary>Which version of the program this is.</summary>
internal static class ProductVersion
{
    /// <summary>The version with the commit that it was built from.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
