using SecretRotator.Tests.Inventory;

namespace SecretRotator.ServerTests.PostgreSql;

/// <summary>What the documentation tells to set up.</summary>
internal static class PostgreSqlDocumentation
{
    private const string Begin = "```sql\n-- PostgreSQL:";

    /// <summary>The script that makes the roles.</summary>
    public static string Script { get; } = Read();

    private static string Read()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "backends.md"));
        var from = page.IndexOf(Begin, StringComparison.Ordinal) + "```sql\n".Length;
        return page[from..page.IndexOf("```", from, StringComparison.Ordinal)];
    }
}
