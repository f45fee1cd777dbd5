using System.Text.RegularExpressions;
using SecretRotator.Doctor.Connectivity;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Doctor;

/// <summary><c>docs/doctor.md</c> explains every id that the checks' code can answer with.</summary>
public sealed class DoctorDocsTests
{
    // The literal beside the area or the finding's kind is the id.
    private static readonly Regex Ids = new(
        """(?:VaultFindings\.(?:Fail|Warn|Refused)\(\s*|CheckArea\.\w+,\s+|\(\s*(?:check\.)?Area,\s+|Pass\(\s*"""
            + """|const string (?:Id|Reached|Pipelines) = )"([a-z]+(?:-[a-z]+)*)"[,;]?""",
        RegexOptions.CultureInvariant,
        TimeSpan.FromSeconds(10));

    [Fact]
    public void Every_id_is_explained()
    {
        var documented = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "doctor.md"));
        var code = string.Join('\n', RepositoryFiles.Sources()
            .Where(file => Path.GetFileName(Path.GetDirectoryName(file)) is "Doctor" or "BitbucketAccess" or "VaultAccess" or "Connectivity"
                or "Hosting")
            .Select(File.ReadAllText)
            .Where(text => text.Contains("CheckResult", StringComparison.Ordinal)));

        var ids = Ids.Matches(code).Select(match => match.Groups[1].Value)
            .Concat(Enum.GetValues<Hop>().Select(WireNames.Of)).Distinct(StringComparer.Ordinal).ToList();

        ids.Should().Contain(
                [
                    "inventory",
                    "credential",
                    "scopes",
                    "clock-skew",
                    "proxy",
                    "other-rotation",
                    "check-broken",
                    "secret-fields",
                    "call-budget",
                    "ca-bundle",
                    "secret-readable",
                ], "the pattern finds them");
        ids.Where(id => !documented.Contains($"`{id}`")).Should().BeEmpty();
    }

    [Fact]
    public void The_error_that_pipelines_show_for_a_lost_runner_can_be_found() =>
        File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "troubleshooting.md")).Should().Contain("Runner disconnected");
}
