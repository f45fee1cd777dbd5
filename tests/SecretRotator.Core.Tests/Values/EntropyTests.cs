using CsCheck;

namespace SecretRotator.Tests.Values;

public sealed class EntropyTests
{
    private static readonly CharacterClass[] AllClasses =
    [
        CharacterClass.Lower,
        CharacterClass.Upper,
        CharacterClass.Digit,
        CharacterClass.Symbol,
    ];

    [Fact]
    public void Bytes_have_eight_bits_whatever_their_form() =>
        new[] { Entropy.BitsOf(new ValueGenerator.Hex(16, null)), Entropy.BitsOf(new ValueGenerator.Base64(16, null)),
            Entropy.BitsOf(new ValueGenerator.Base64Url(16, null)) }.Should().Equal(128, 128, 128);

    [Fact]
    public void A_uuid_has_122_random_bits() => Entropy.BitsOf(new ValueGenerator.Uuid(null)).Should().Be(122);

    [Fact]
    public void An_ssh_key_is_strong_enough() =>
        Entropy.BitsOf(new ValueGenerator.SshKey(SshKeyAlgorithm.Rsa, 3072, "public", "")).Should().Be(Entropy.EnoughBits);

    [Fact]
    public void A_password_of_one_class_has_its_length_times_the_class_s_bits() =>
        Entropy.BitsOf(Password(10, [CharacterClass.Digit], "")).Should().BeApproximately(33.219, 0.001);

    [Fact]
    public void A_password_that_must_hold_every_class_has_less_than_its_alphabet_promises() =>
        Entropy.BitsOf(Password(4, AllClasses, ""))
            .Should().BeApproximately(Math.Log2(24.0 * 26 * 26 * 10 * 32), 0.0001).And
            .BeLessThan(4 * Math.Log2(94));

    [Fact]
    public void A_password_that_can_not_hold_every_class_does_not_exist() =>
        Entropy.BitsOf(Password(3, AllClasses, "")).Should().Be(double.NegativeInfinity);

    [Fact]
    public void Passwords_are_counted_as_enumerating_them_counts_them() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[0, 2]).Sample((length, lower, digits, symbols) =>
        {
            var exclude = "abcdefghijklmnopqrstuvwxyz"[lower..] + "0123456789"[digits..] + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"[symbols..];
            CharacterClass[] classes = symbols == 0
                ? [CharacterClass.Lower, CharacterClass.Digit]
                : [CharacterClass.Lower, CharacterClass.Digit, CharacterClass.Symbol];
            var alphabets = classes.Select(c => PasswordAlphabet.Of(c, exclude)).ToArray();
            var count = Texts(string.Concat(alphabets), length).Count(text => alphabets.All(alphabet => text.Any(alphabet.Contains)));
            var expected = count == 0 ? double.NegativeInfinity : Math.Log2(count);
            var bits = Entropy.BitsOf(Password(length, classes, exclude));
            return bits.Equals(expected) || Math.Abs(bits - expected) < 1e-9;
        }, iter: 150, threads: 1);

    [Fact]
    public void Classes_named_twice_and_characters_excluded_twice_count_once() =>
        Entropy.BitsOf(Password(20, [CharacterClass.Digit, CharacterClass.Digit], "0011")).Should()
            .Be(Entropy.BitsOf(Password(20, [CharacterClass.Digit], "01")));

    private static ValueGenerator.Password Password(int length, CharacterClass[] classes, string exclude) =>
        new(length, [.. classes], exclude, null);

    private static IEnumerable<string> Texts(string alphabet, int length) =>
        length == 0 ? [""] : Texts(alphabet, length - 1).SelectMany(text => alphabet.Select(c => text + c));
}
