namespace SecretRotator.Tests.Planning;

/// <summary>A rollback takes what is printed: a whole id, the beginning of one, or <c>previous</c>.</summary>
public sealed class VersionChoiceTests
{
    private static readonly ImmutableArray<ListedVersion> Versions =
    [
        new(new("4c9cce31-0000"), PlanningScenario.Noon, VersionPlace.Current),
        new(new("eabf858d-0000"), PlanningScenario.Noon - Duration.FromDays(30), VersionPlace.Previous),
        new(new("eabf0000-1111"), PlanningScenario.Noon - Duration.FromDays(60), VersionPlace.Older),
        new(new("77aa"), PlanningScenario.Noon - Duration.FromDays(90), VersionPlace.Older),
        new(new("77aa0000-1111"), PlanningScenario.Noon - Duration.FromDays(91), VersionPlace.Disabled),
        new(new("99999999-1111"), PlanningScenario.Noon, VersionPlace.Staged),
    ];

    [Theory]
    [InlineData("eabf858d-0000", "eabf858d-0000")]
    [InlineData("eabf8", "eabf858d-0000")]
    [InlineData("eabf0", "eabf0000-1111")]
    [InlineData("previous", "eabf858d-0000")]
    [InlineData("77aa", "77aa")]
    public void A_version_is_found_by_its_id_by_a_unique_beginning_and_as_the_previous_one(string text, string version) =>
        VersionChoice.Of(text, "db", Versions).Should().Be((new VersionId(version), null));

    [Theory]
    [InlineData("ffff", "db has no version ffff: its vault has 6 versions, and none has an id that begins so.")]
    [InlineData("eabf", "2 versions begin with eabf: eabf858d-0000, eabf0000-1111.")]
    [InlineData("4c9c", "4c9cce31-0000 is the current version already.")]
    [InlineData("77aa0", "Version 77aa0000-1111 is disabled in the vault, so its value can't be read.")]
    [InlineData("9999", "Version 99999999-1111 is only staged: no target was ever meant to keep it.")]
    [InlineData("EABF8", "db has no version EABF8: its vault has 6 versions, and none has an id that begins so.")]
    public void Whatever_else_is_named_is_told_as_what_it_is(string text, string why)
    {
        var (version, refused) = VersionChoice.Of(text, "db", Versions);

        version.Should().BeNull();
        refused!.Why.Should().Be(why);
        refused.Hint.Should().EndWith("secret-rotator versions db");
    }

    [Fact]
    public void Where_the_vault_names_no_previous_version_there_is_none() =>
        VersionChoice.Of("previous", "db", [Versions[0], Versions[2]]).Refused!.Why.Should()
            .Be("The vault names no version as the previous one.");
}
