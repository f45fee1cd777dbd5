using SecretRotator.Audit;
using SecretRotator.Configuration;
using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

/// <summary>What <c>controls</c> says.</summary>
public sealed class ControlsTests
{
    private const string Two = "[ { id: ACME 1, title: Renewed, facts: [period, age] }, { id: ACME 2, title: Owned, facts: [ownership] } ]";

    [Fact]
    public void An_inventory_without_controls_has_the_usual_ones() =>
        Read(Text).Inventory!.Controls.Should().Equal(Control.Usual);

    [Fact]
    public void Those_of_the_inventory_stand_in_place_of_the_usual_ones() =>
        With(Two).Select(control => (control.Id, control.Title)).Should().Equal(("ACME 1", "Renewed"), ("ACME 2", "Owned"));

    [Fact]
    public void Facts_keep_the_order_of_the_file() =>
        With(Two)[0].Facts.Should().Equal(ControlFact.Period, ControlFact.Age);

    [Fact]
    public void Every_fact_has_the_word_that_reports_use() =>
        Grammar.FactWords.Entries.Should().Equal(Enum.GetValues<ControlFact>().Select(fact => (WireNames.Of(fact), fact)));

    [Theory]
    [InlineData(
        "ACME 1", 11,
        "\"controls\" must be a list. Write for example \"controls: [ { id: PCI DSS 4.0 8.6.3, title: Passwords change periodically, "
            + "facts: [age, period] } ]\".")]
    [InlineData(
        "[]", 11,
        "\"controls\" has no items. Write \"controls: [ { id: PCI DSS 4.0 8.6.3, title: Passwords change periodically, facts: [age, "
            + "period] } ]\", or delete the line.")]
    [InlineData("[ age ]", 13, "Found a plain text where a control is expected. Write \"key: value\" pairs. Known keys: id, title, facts.")]
    [InlineData("[ { title: t, facts: [age] } ]", 13, "The key \"id\" is missing in a control. Add \"id: PCI DSS 4.0 8.6.3\".")]
    [InlineData(
        "[ { id: A, facts: [age] } ]", 13, "The key \"title\" is missing in a control. Add \"title: Passwords change periodically\".")]
    [InlineData("[ { id: A, title: t } ]", 13, "The key \"facts\" is missing in a control. Add \"facts: [age, period]\".")]
    [InlineData(
        "[ { id: 8.6, title: t, facts: [age] } ]", 19,
        "\"id\" must be a text, and \"8.6\" without quotes is a number. Write it in quotes.")]
    [InlineData(
        "[ { id: A, title: t, fact: [age], facts: [age] } ]", 32,
        "Unknown key \"fact\" in a control. Did you mean \"facts\"? Known keys: id, title, facts.")]
    [InlineData("[ { id: A, title: t, facts: [] } ]", 39, "\"facts\" has no items. Write \"facts: [age, period]\".")]
    [InlineData(
        "[ { id: A, title: t, facts: [age, perid] } ]", 45,
        "\"perid\" is not a fact of a report. Did you mean \"period\"? Write one of: age, period, strength, protection, history, "
            + "verification, exceptions, coverage, ownership, integrity.")]
    [InlineData("[ { id: A, title: t, facts: [age, age] } ]", 45, "The fact \"age\" appears twice. Delete one of the two.")]
    [InlineData(
        "[ { id: A, title: t, facts: [age] }, { id: a, title: u, facts: [age] } ]", 54,
        "There is a control \"a\" already, on line 2. Name all its facts in one entry, and delete the other.")]
    public void What_is_wrong_with_a_control_is_said_at_its_place(string controls, int column, string problem) =>
        Problems("version: 1", $"version: 1\ncontrols: {controls}").Should().Equal($"rotation.yaml:2:{column}: {problem}");

    [Fact]
    public void All_that_is_wrong_with_controls_is_said_at_once() =>
        Problems("version: 1", "version: 1\ncontrols: [ { id: A, facts: [agee] }, { id: A, title: t, facts: [age, age] } ]").Should()
            .HaveCount(4);

    [Fact]
    public void Controls_change_no_digest_of_an_inventory() =>
        InventoryDigest.Of(Accepted("version: 1", $"version: 1\ncontrols: {Two}")).Should().Be(InventoryDigest.Of(Read(Text).Inventory!));

    private static ImmutableArray<Control> With(string controls) => Accepted("version: 1", $"version: 1\ncontrols: {controls}").Controls;
}
