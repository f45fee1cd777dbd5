using System.Reflection;
using SecretRotator.Configuration;

namespace SecretRotator.Tests.Configuration;

/// <summary>Every table of the grammar. Those of vaults and backends are their providers'.</summary>
internal static class GrammarTables
{
    public static IReadOnlyList<KeyTable> All { get; } =
        [.. typeof(Grammar).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<KeyTable>()];
}
