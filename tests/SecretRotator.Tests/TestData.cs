namespace SecretRotator.Tests;

/// <summary>What services and their makers say of themselves, kept in <c>tests/Data</c> and copied beside the tests.</summary>
internal static class TestData
{
    /// <summary>Where a file lies, such as <c>bitbucket/openapi.json</c>.</summary>
    public static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Data", file);
}
