using static SecretRotator.Inventory.CharacterClass;

namespace SecretRotator.Tests.Values;

/// <summary>Faults that password generators are known for. Each test is named after what must not happen here.</summary>
public sealed class FaultsOfOthersPasswordsTests
{
    [Fact]
    public void Passwords_use_every_character_without_bias()
    {
        var password = Make(200_000, new SeededRandom(7));
        var counts = Enumerable.Range('!', 94).Select(c => password.Count(p => p == c)).ToArray();

        counts.Should().NotContain(0);
        ChiSquare.LooksUniform(counts).Should().BeTrue();
    }

    [Fact]
    public void Passwords_come_from_the_source_of_randomness_alone()
    {
        Make(32, new SeededRandom(8)).Should().Be(Make(32, new SeededRandom(8)));
        Make(32, new SeededRandom(8)).Should().NotBe(Make(32, new SeededRandom(9)));
    }

    private static string Make(int length, IRandomSource random)
    {
        using var value = ValueFactory.Generate(new ValueGenerator.Password(length, [Lower, Upper, Digit, Symbol], "", null), random);
        return value.RevealText();
    }
}
