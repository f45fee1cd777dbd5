using SecretRotator.Evidence;

namespace SecretRotator.Tests.Evidence;

/// <summary>
/// Folders of evidence as runs leave them, also runs that meet or are killed, while someone who may write to the folder does what he can to
/// make later runs name the wrong ones. Whatever was done: no run but the last ones can be removed without a trace.
/// </summary>
public sealed class FolderAttackTests(ITestOutputHelper output)
{
    private static readonly int Folders = Models.Effort.Of(500);

    [Fact]
    public async Task Nothing_that_runs_do_by_themselves_is_taken_for_an_attack()
    {
        var (overlaps, forks) = (0, 0);
        for (var seed = 0; seed < Folders; seed++)
        {
            var folder = new AttackedFolder(seed, attacks: false);
            await folder.LiveAsync();

            var findings = folder.Check();
            findings.Where(finding => finding.IsFailure).Should().BeEmpty($"of seed {seed}");
            overlaps += findings.Any(finding => finding is ChainFinding.Overlap) ? 1 : 0;
            forks += findings.Any(finding => finding is ChainFinding.Fork) ? 1 : 0;
        }

        output.WriteLine(
            $"{Folders} folders without an attack, {overlaps} with runs that met, {forks} with runs that could not see each other: no "
                + $"failure.");
        (overlaps, forks).Should()
            .Match<(int, int)>(counts => counts.Item1 > Folders / 10 && counts.Item2 > Folders / 10, "the simulation has to meet them");
    }

    [Fact]
    public async Task Whatever_was_planted_before_a_run_that_is_removed_afterwards_is_missed()
    {
        var attacks = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var removals = 0;
        for (var seed = 0; seed < Folders; seed++)
        {
            var folder = new AttackedFolder(seed, attacks: true);
            await folder.LiveAsync();
            foreach (var attack in folder.Attacks)
                attacks[attack] = attacks.GetValueOrDefault(attack) + 1;

            folder.TidyUp();
            folder.Check().Where(finding => finding.IsFailure).Should().BeEmpty($"what was planted changed nothing (seed {seed})");
            foreach (var run in folder.Removable())
            {
                removals++;
                folder.CheckWithout(run).Should().Contain(
                        finding => finding.IsFailure, $"run {run} of seed {seed} was removed after {string.Join(", ", folder.Attacks)}");
            }
        }

        output.WriteLine(
            $"{Folders} folders, {attacks.Values.Sum()} attacks "
                + $"({string.Join(", ", attacks.Select(each => $"{each.Value} {each.Key}"))}), {removals} removals: each was found.");
        attacks.Values.Should().HaveCount(AttackedFolder.Kinds.Length).And.OnlyContain(count => count > Folders / 10);
    }

    [Fact]
    public async Task A_run_that_was_shown_an_older_folder_is_told_as_a_fork_or_a_new_beginning()
    {
        var found = 0;
        for (var seed = 0; seed < Folders; seed++)
        {
            var folder = new AttackedFolder(seed, attacks: false) { HidesFrom = 3 };
            await folder.LiveAsync();
            if (!folder.HidWhatHadEnded)
                continue;
            found++;
            folder.Check().Should().Contain(
                    finding => finding.IsFailure
                        && (finding is ChainFinding.Fork || finding is ChainFinding.Unnamed || finding is ChainFinding.PassedOver),
                        $"of seed {seed}");
        }

        output.WriteLine($"{found} of {Folders} folders hid runs that had ended from a later one: each was found.");
        found.Should().BeGreaterThan(Folders / 4);
    }
}
