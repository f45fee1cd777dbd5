using System.Text.RegularExpressions;
using SecretRotator.Configuration;
using SecretRotator.Providers;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Configuration;

/// <summary><c>docs/inventory.md</c> says what the parser does.</summary>
public sealed partial class InventoryDocsTests
{
    private static readonly string Docs = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "inventory.md"))
        + File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "backends.md"));

    [Fact]
    public void Every_key_is_documented() =>
        GrammarTables.All.Concat(InventoryKinds.All.Vaults.Select(kind => kind.Keys))
            .Concat(InventoryKinds.All.Backends.Select(kind => kind.Keys))
            .SelectMany(table => table.Keys)
            .Select(key => key.Name)
            .Distinct(StringComparer.Ordinal)
            .Where(key => !Docs.Contains($"`{key}`", StringComparison.Ordinal))
            .Should().BeEmpty();

    [Fact]
    public void Every_word_is_documented() =>
        VaultProviders.All.Select(provider => provider.Keys.Schema).Concat(Grammar.ValueKinds.Words).Concat(Grammar.DayWords.Words)
            .Concat(Grammar.ClassWords.Words).Concat(Grammar.AlgorithmWords.Words).Concat(Grammar.FactWords.Words)
            .Concat(Grammar.VerifyWords.Words).Concat(Grammar.EncodingWords.Words).Concat(Grammar.ConsumerWords.Words)
            .Concat(Grammar.ReceiverKinds.Words).Concat(Grammar.EventWords.Words).Concat(Grammar.MailTlsWords.Words)
            .Concat(InventoryKinds.All.Backends.Select(kind => kind.Keys.Schema))
            .Where(word => !Docs.Contains($"`{word}`", StringComparison.Ordinal)).Should().BeEmpty();

    [Fact]
    public void The_whole_file_that_it_shows_is_right() =>
        SampleInventory.Problems(
            Blocks().Select(block => block.Groups["text"].Value).Single(text => text.StartsWith("version: 1", StringComparison.Ordinal)))
                .Should().BeEmpty();

    [Fact]
    public void Every_entry_that_it_shows_is_right()
    {
        var entries = Blocks().Select(block => block.Groups["text"].Value)
            .Where(text => text.StartsWith("  - name: ", StringComparison.Ordinal))
            .ToList();
        var sample = SampleInventory.Text[..SampleInventory.Text.IndexOf("  - name: ", StringComparison.Ordinal)];

        entries.Should().HaveCountGreaterThan(8);
        foreach (var entry in entries)
            SampleInventory.Problems(sample + entry).Should().BeEmpty(entry);
    }

    public static TheoryData<string, string> Mistakes
    {
        get
        {
            var mistakes = new TheoryData<string, string>();
            foreach (var (wrong, problem) in Blocks().Zip(Blocks().Skip(1)).Where(pair => pair.Second.Groups["kind"].Value == "text"))
                mistakes.Add(wrong.Groups["text"].Value.TrimEnd('\n'), problem.Groups["text"].Value.TrimEnd('\n'));
            return mistakes;
        }
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_that_it_shows_gets_the_message_that_it_shows(string wrong, string problem)
    {
        var key = wrong[..(wrong.IndexOf(':', StringComparison.Ordinal) + 1)];
        var right = SampleInventory.Text.Split('\n').Single(line => line.StartsWith(key, StringComparison.Ordinal));

        SampleInventory.Problems(right, wrong).Should().Equal(problem);
    }

    [Fact]
    public void It_shows_some_mistakes() => Mistakes.Should().HaveCountGreaterThan(5);

    private static List<Match> Blocks() => Block().Matches(Docs).ToList();

    [GeneratedRegex(
        "^```(?<kind>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Block();
}
