using System.Text.RegularExpressions;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Docs;

/// <summary>The pipe's metadata and its page name the variables that its script reads, and the version of the program.</summary>
public sealed partial class PipeTests
{
    private static readonly string[] Documented = [.. Names(Row(), "README.md")];

    [Fact]
    public void The_script_reads_what_is_documented() =>
        // The program reads the last one itself.
        Names(Read(), "pipe.sh").Distinct(StringComparer.Ordinal).Append("BITBUCKET_ACCESS_TOKEN").Should().BeEquivalentTo(Documented);

    [Fact]
    public void The_metadata_has_what_is_documented() => Names(Entry(), "pipe.yml").Should().Equal(Documented);

    [Fact]
    public void The_definition_to_copy_has_what_is_documented() => Names(Copied(), "README.md").Should().Equal(Documented);

    [Fact]
    public void The_version_is_that_of_the_program()
    {
        var version = Version().Match(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "Directory.Build.props"))).Groups["name"].Value;

        Names(Pipe(), "README.md").Concat(Names(Pipe(), "pipe.yml")).Should().HaveCount(4).And.AllBe(version);
    }

    private static IEnumerable<string> Names(Regex pattern, string file) =>
        pattern.Matches(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "release", "pipe", file)))
            .Select(match => match.Groups["name"].Value);

    [GeneratedRegex(@"^\| (?<name>[A-Z_]+)( \(\*\))? \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^ {4}(# )?(?<name>[A-Z_]+): ""<", RegexOptions.Multiline)]
    private static partial Regex Copied();

    [GeneratedRegex("^  - name: (?<name>.+)$", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"(^option |\$\{)(?<name>[A-Z_]+)\b", RegexOptions.Multiline)]
    private static partial Regex Read();

    [GeneratedRegex(@"secret-rotator-pipe:(?<name>\S+)")]
    private static partial Regex Pipe();

    [GeneratedRegex("<Version>(?<name>.+)</Version>")]
    private static partial Regex Version();
}
