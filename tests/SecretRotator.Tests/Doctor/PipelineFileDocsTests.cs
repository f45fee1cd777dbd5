using System.Text.RegularExpressions;
using SecretRotator.Doctor.PipelineFile;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Doctor;

/// <summary>docs/doctor.md against the review.</summary>
public sealed partial class PipelineFileDocsTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "doctor.md"));

    private static readonly IEnumerable<PipelineFault> Faults =
        typeof(PipelineFault).GetFields().Select(field => field.GetValue(null)).OfType<PipelineFault>();

    [Fact]
    public void Every_finding_is_documented_with_its_status_and_no_other() =>
        Row()
            .Matches(Page)
            .Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}")
            .Should().BeEquivalentTo(Faults.Select(fault => $"{fault.Id} {fault.Status.ToString().ToLowerInvariant()}"));

    [Fact]
    public void Words_of_findings_are_unique_and_in_kebab_case() =>
        Faults.Select(fault => fault.Id).Should().OnlyHaveUniqueItems().And.OnlyContain(id => Kebab().IsMatch(id));

    [GeneratedRegex(
        @"^\| `([a-z-]+)` \| (fail|warn)\b", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();

    [GeneratedRegex("^[a-z]+(-[a-z]+)*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Kebab();
}
