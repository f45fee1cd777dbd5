using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Backends.Redis;

/// <summary>What the documentation tells to set up, which the tests work with.</summary>
internal static class RedisDocumentation
{
    /// <summary>The rules of the user who changes the others, without the password.</summary>
    public static string[] Rights { get; } =
        [.. CommandOf("secret-rotator").Where(rule => rule != "on" && !rule.StartsWith('>'))];

    private static IEnumerable<string> CommandOf(string user) =>
        File.ReadLines(Path.Combine(RepositoryFiles.Root, "docs", "backends.md"))
            .Single(line => line.StartsWith($"ACL SETUSER {user} ", StringComparison.Ordinal))
            .Split(' ')[3..];
}
