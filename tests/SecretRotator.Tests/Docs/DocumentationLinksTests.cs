using System.Text.RegularExpressions;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Docs;

/// <summary>The pages link to what exists, and so do the sources that name a page.</summary>
public sealed partial class DocumentationLinksTests
{
    private static readonly string[] NotOurs = [".git", ".sandbox", "bin", "obj", "Corpus", "Data", "StrykerOutput", "publish"];
    private static readonly string[] Sources = [".cs", ".c", ".csproj", ".json", ".md", ".yml", ".yaml", ""];
    private static readonly List<string> Files = [.. FilesOf(new(RepositoryFiles.Root))];

    [Fact]
    public void Every_relative_link_of_a_page_leads_to_a_file_and_a_heading()
    {
        var links = Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(
                page => Link().Matches(Code().Replace(File.ReadAllText(page), "")),
                (page, link) => (Page: page, Link: link.Groups["target"].Value))
            .Where(each => !each.Link.Contains("://", StringComparison.Ordinal)).ToList();

        links.Should().HaveCountGreaterThan(100);
        links.Where(each => !Resolves(each.Page, each.Link)).Should().BeEmpty();
    }

    [Fact]
    public void Every_path_below_docs_that_a_source_names_exists() =>
        Files.Where(file => Sources.Contains(Path.GetExtension(file), StringComparer.Ordinal))
            .SelectMany(
                file => DocsPath().Matches(File.ReadAllText(file)),
                (file, path) => (Source: Path.GetFileName(file), Path: path.Groups["path"].Value))
            .Where(each => !Path.Exists(Path.Combine(RepositoryFiles.Root, each.Path))).Should().BeEmpty();

    [Fact]
    public void The_index_of_decisions_names_each_by_its_number_and_title()
    {
        var folder = Path.Combine(RepositoryFiles.Root, "docs", "decisions");
        var decisions = Directory.GetFiles(folder, "0*.md").Order(StringComparer.Ordinal).ToList();

        decisions.Select(file => Path.GetFileName(file)[..4]).Should()
            .Equal(Enumerable.Range(1, decisions.Count).Select(number => $"{number:d4}"));
        File.ReadLines(Path.Combine(folder, "README.md")).Where(line => line.StartsWith("- ", StringComparison.Ordinal)).Should()
            .Equal(decisions.Select(file =>
            $"- [{Path.GetFileName(file)[..4]}]({Path.GetFileName(file)}) {File.ReadLines(file).First()[7..]}."));
    }

    private static bool Resolves(string page, string link)
    {
        var (path, anchor) = link.Split('#') is [var before, var after] ? (before, after) : (link, null);
        var target = path.Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, path);
        return anchor is null ? Path.Exists(target) : File.Exists(target) && AnchorsOf(target).Contains(anchor, StringComparer.Ordinal);
    }

    // As GitHub makes them: lower case, punctuation dropped, hyphens for spaces.
    private static IEnumerable<string> AnchorsOf(string page) =>
        Heading().Matches(Code().Replace(File.ReadAllText(page), "")).Select(heading =>
            Punctuation().Replace(heading.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    private static IEnumerable<string> FilesOf(DirectoryInfo folder) =>
        folder.GetFiles().Select(file => file.FullName)
            .Concat(folder.GetDirectories().Where(below => !NotOurs.Contains(below.Name, StringComparer.Ordinal)).SelectMany(FilesOf));

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Link();

    [GeneratedRegex("^```.*?^```$", RegexOptions.Singleline | RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Code();

    [GeneratedRegex("^#+ (?<text>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"(?<![\w/.-])(\.\./)*(?<path>docs/[\w./-]*\w)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex DocsPath();
}
