using System.Security.Cryptography;
using CsCheck;
using static SecretRotator.Inventory.CharacterClass;

namespace SecretRotator.Tests.Values;

public sealed class PasswordTests
{
    private static readonly CharacterClass[] All = [Lower, Upper, Digit, Symbol];

    [Fact]
    public void It_has_the_length_draws_from_its_classes_alone_and_shows_each_of_them() =>
        Gen.Select(Gen.Int[4, 80], Gen.Shuffle(All, 1, 4), Gen.String[Gen.Char['!', '~'], 0, 5], Gen.ULong)
            .Sample((length, classes, exclude, seed) =>
        {
            if (classes.Any(c => PasswordAlphabet.Of(c, exclude).Length == 0))
                return true;
            var password = Make(new(length, [.. classes], exclude, null), new SeededRandom(seed));
            return password.Length == length
                && password.All(p => classes.Any(c => PasswordAlphabet.Of(c, exclude).Contains(p)))
                && classes.All(c => PasswordAlphabet.Of(c, exclude).Any(password.Contains));
        });

    [Fact]
    public void Every_allowed_character_is_reached_at_every_place()
    {
        var random = new SeededRandom(1);
        var seen = new HashSet<(int, char)>();
        for (var i = 0; i < 4000; i++)
            seen.UnionWith(Make(new(8, [.. All], "", null), random).Select((c, at) => (at, c)));

        seen.Should().HaveCount(8 * 94);
    }

    [Theory]
    [InlineData(Lower, "")]
    [InlineData(Digit, "")]
    [InlineData(Digit, "0123")]
    [InlineData(Symbol, "'\"\\/@")]
    public void No_character_is_likelier_than_another(CharacterClass characters, string exclude)
    {
        var alphabet = PasswordAlphabet.Of(characters, exclude);
        var password = Make(new(200_000, [characters], exclude, null), new SeededRandom(2));

        ChiSquare.LooksUniform([.. alphabet.Select(c => password.Count(p => p == c))]).Should().BeTrue();
    }

    // 26 letters and 10 digits, two places, both classes: 520 passwords. A forced character, put in afterwards, would show.
    [Fact]
    public void No_password_that_meets_the_rule_is_likelier_than_another()
    {
        var random = new SeededRandom(3);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < 26_000; i++)
        {
            var password = Make(new(2, [Lower, Digit], "", null), random);
            counts[password] = counts.GetValueOrDefault(password) + 1;
        }

        (counts.Count, ChiSquare.LooksUniform(counts.Values)).Should().Be((520, true));
    }

    // 256 = 9 * 26 + 22: taking the remainder of bytes from 234 on would favour the first 22 letters.
    [Fact]
    public void Bytes_that_would_favour_some_characters_are_thrown_away() =>
        Make(new(3, [Lower], "", null), new ScriptedRandom(234, 255, 233, 0, 240, 25)).Should().Be("zaz");

    [Fact]
    public void The_chi_square_test_sees_the_bias_of_a_remainder()
    {
        var random = new SeededRandom(4);
        var bytes = new byte[200_000];
        random.Fill(bytes);

        ChiSquare.LooksUniform([.. Enumerable.Range(0, 26).Select(i => bytes.Count(b => b % 26 == i))]).Should().BeFalse();
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(8, "0123456789")]
    public void A_rule_that_no_password_meets_is_refused(int length, string exclude)
    {
        var make = () => Make(new(length, [Lower, Digit], exclude, null), new SeededRandom(5));

        make.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void A_broken_source_of_randomness_ends_in_an_error_and_not_in_a_weak_password()
    {
        var make = () => Make(new(8, [Lower, Digit], "", null), new ScriptedRandom(0));

        make.Should().Throw<CryptographicException>();
    }

    [Fact]
    public void The_classes_are_the_94_printable_ascii_characters_without_the_space() =>
        string.Concat(All.Select(c => PasswordAlphabet.Of(c, ""))).Order().Should().Equal(Enumerable.Range('!', 94).Select(c => (char)c));

    private static string Make(ValueGenerator.Password rule, IRandomSource random)
    {
        using var value = ValueFactory.Generate(rule, random);
        return value.RevealText();
    }
}
