using CsCheck;
using SecretRotator.Configuration;
using SecretRotator.Providers;

namespace SecretRotator.Tests.Configuration;

public sealed class InventoryPropertyTests
{
    [Fact]
    public void Random_bytes_get_an_answer_and_no_exception() =>
        Gen.Byte.Array[0, 400]
            .Sample(bytes => IsSound(InventoryParser.Parse("rotation.yaml", bytes, InventoryKinds.All)), iter: 1_000, threads: 1);

    [Fact]
    public void Random_marks_of_YAML_get_an_answer_and_no_exception() =>
        Gen.OneOf(
            "-", "- ", ":", ": ", "?", "? ", ",", "[", "]", "{", "}", "#", "&a ", "*a ", "!", "!!x ", "|", ">", "'", "\"", "%", "@", "`",
            "\n", "\n  ", "  ", "\\", "a", "b: ", "---\n", "...\n", "<<: ", "\\x", "1")
            .Array[0, 60].Select(parts => string.Concat(parts))
            .Sample(text => IsSound(SampleInventory.Read(text)), iter: 8_000, threads: 1);

    [Fact]
    public void A_mutated_sample_gets_an_answer_and_no_exception() =>
        InventoryMutations.OfSample.Sample(
            text => IsSound(InventoryParser.Parse("rotation.yaml", Encoding.UTF8.GetBytes(text), InventoryKinds.All)), iter: 1_000,
            threads: 1);

    // Either an inventory or problems, each at a place, in order, on one printable line.
    private static void IsSound(InventoryResult result)
    {
        (result.Inventory is null).Should().Be(!result.Problems.IsEmpty);
        result.Problems.Length.Should().BeLessThanOrEqualTo(ProblemList.Shown + 1);
        var shown = result.Problems.Take(ProblemList.Shown).ToList();
        shown.Should().Equal(shown.OrderBy(p => p.Line).ThenBy(p => p.Column));
        foreach (var problem in result.Problems)
            (problem.ToString().EnumerateRunes().All(Quoted.IsPrintable) && problem.What.Length > 0 && !problem.What.EndsWith('.')
                && problem.WriteInstead.EndsWith('.') && problem.ToString().Length < 1_000).Should().BeTrue(problem.ToString());
    }
}
