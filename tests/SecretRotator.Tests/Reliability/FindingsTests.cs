using SecretRotator.Reliability.Processes;

namespace SecretRotator.Tests.Reliability;

/// <summary>The judge of the experiment <c>processes</c> sees what it is there to see, and never shows a value.</summary>
public sealed class FindingsTests
{
    private const string Old = "worthless-old-value";
    private const string New = "worthless-new-value";
    private const string Third = "worthless-third-value";
    private static readonly Picture Before = Of([Version("v1", Old, current: true)], Old, Old);
    private static readonly Picture Torn = Of([Version("v1", Old, current: true), Version("v2", New, staged: true)], New, Old);

    [Fact]
    public void Targets_that_disagree_are_torn() =>
        Broken(f => f.MustAgree(Torn, "now", made: true)).Should().ContainMatch("P1 now: *the staged value*the old value*");

    [Fact]
    public void A_value_that_no_version_holds_is_lost() =>
        Broken(f => f.MustBeReadable(Of([Version("v1", Old, current: true)], New, Old), "now")).Should()
            .ContainMatch("P2 now: *another value*");

    [Fact]
    public void A_value_in_a_version_without_labels_is_lost() =>
        Broken(f => f.MustBeReadable(Of([Version("v1", Old, current: true), Version("v2", New) with { Readable =
            false }], New, Old), "now")).Should().ContainSingle();

    [Fact]
    public void A_staged_version_is_a_left_over() => Broken(f => f.MustBeClean(Torn, "now")).Should().ContainSingle();

    [Fact]
    public void A_contender_that_held_nothing_leaves_what_it_may() => Broken(f => f.MustBeClean(Torn, "now", Torn)).Should().BeEmpty();

    [Fact]
    public void A_third_value_is_no_resumption() =>
        Broken(f => f.MustEndOnSameValue(Torn, Of([Version("v1", Old), Version("v3", Third, current: true)], Third, Third))).Should()
            .ContainMatch("P4: *third value*");

    [Fact]
    public void A_variable_that_is_not_secured_is_torn()
    {
        var open = Before with { Secrets = [Before.Secrets[0] with { Targets = [Before.Secrets[0].Targets[0] with { Secured = false }] }] };

        Broken(f => f.MustAgree(open, "now", made: true)).Should().ContainMatch("*not secured*");
    }

    [Fact]
    public void What_is_broken_is_told_without_values() =>
        Broken(f =>
        {
            f.MustAgree(Torn, "now", made: true);
            f.MustBeReadable(Of([Version("v1", Old, current: true)], Third, New), "now");
        }).Should().NotContainMatch("*worthless*");

    [Fact]
    public void A_world_that_agrees_breaks_nothing() => Broken(f =>
    {
        f.MustAgree(Before, "now", made: true);
        f.MustBeReadable(Before, "now");
        f.MustBeClean(Before, "now");
    }).Should().BeEmpty();

    private static IReadOnlyList<string> Broken(Action<Findings> judge)
    {
        var findings = new Findings(Before);
        judge(findings);
        return findings.Broken;
    }

    private static VersionPicture Version(string id, string content, bool current = false, bool staged = false) =>
        new(id, content, current, Readable: true, staged, HoldsClaim: false, WasCurrent: false);

    private static Picture Of(ImmutableArray<VersionPicture> versions, params string[] held) => new(
        [new SecretPicture(
            "one", MayBeMarked: true, versions,
            [.. held.Select(
                (value, i) => new TargetPicture(
                    $"target-{i}", MayBeCreated: false, 1, value, Secured: true, [.. versions.Select(v => v.Content)]))])],
        [],
        string.Join('\n', held));
}
