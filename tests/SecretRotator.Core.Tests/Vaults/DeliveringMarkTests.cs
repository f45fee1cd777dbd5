namespace SecretRotator.Tests.Vaults;

public sealed class DeliveringMarkTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 6, 17, 12, 0);
    private static readonly RotationId Rotation = new("0b6f4a3e-0000-8000-8000-000000000001");
    private static readonly VariableTarget Target = new(Inventories.Production, "DB_PASSWORD", null, MayCreate: false);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(25)]
    [InlineData(26)]
    [InlineData(500)]
    public void A_mark_fits_a_tag_of_both_vaults_and_is_read_as_it_was_written(int targets)
    {
        var deleted = Enumerable.Range(1, targets).Select(number => Target with { Variable = $"KEY_{number}" }).ToList();
        var mark = DeliveringMark.Of(Rotation, Noon, deleted);

        mark.Format().Length.Should().BeLessThanOrEqualTo(256);
        mark.Format().Should().MatchRegex("^[0-9A-Za-z +=._:/@-]*$", "these are the characters that AWS takes in a tag");
        DeliveringMark.Parse(mark.Format()).Should().Be(mark);
        deleted.Should().OnlyContain(target => mark.Deletes(target));
    }

    [Fact]
    public void A_mark_names_a_variable_by_its_scope_and_key_and_nothing_else()
    {
        var mark = DeliveringMark.Of(Rotation, Noon, [Target]);

        mark.Deletes(Target with { Variable = "db_password", Field = "password", MayCreate = true }).Should().BeTrue();
        mark.Deletes(Target with { Variable = "DB_PASSWORDS" }).Should().BeFalse();
        mark.Deletes(Target with { Scope = Inventories.Payments }).Should().BeFalse();
    }

    [Fact]
    public void A_mark_without_deletions_names_no_variable() => DeliveringMark.Of(Rotation, Noon, []).Deletes(Target).Should().BeFalse();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("at=2026-06-17T12:00:00.000Z rotation=r")]
    [InlineData("at=yesterday rotation=r deleted=all")]
    [InlineData("at=2026-06-17T12:00:00.000Z rotation=r deleted=a b")]
    public void What_is_no_mark_is_not_read(string? text) => DeliveringMark.Parse(text).Should().BeNull();

    [Fact]
    public void What_a_delivery_sent_may_land_until_the_interval_after_its_claim_has_passed() =>
        DeliveringMark.Of(Rotation, Noon, []).UnsettledUntil(RunLimits.Default).Should().Be(Noon + Duration.FromMinutes(130));
}
