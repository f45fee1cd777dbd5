using CsCheck;

namespace SecretRotator.Tests.Values;

public sealed class ValueFactoryTests
{
    private static readonly ScriptedRandom Bytes = new(0xFB, 0xEF, 0xFF, 0x00);

    [Fact]
    public void Hex_is_written_in_lower_case() =>
        Make(new ValueGenerator.Hex(4, null), new ScriptedRandom(0xFB, 0xEF, 0xFF, 0x00)).Should().Be("fbefff00");

    [Fact]
    public void Base64_has_padding() =>
        Make(new ValueGenerator.Base64(4, null), new ScriptedRandom(0xFB, 0xEF, 0xFF, 0x00)).Should().Be("++//AA==");

    [Fact]
    public void Base64url_has_no_padding() =>
        Make(new ValueGenerator.Base64Url(4, null), new ScriptedRandom(0xFB, 0xEF, 0xFF, 0x00)).Should().Be("--__AA");

    [Fact]
    public void A_uuid_says_version_4_and_its_variant() =>
        Make(new ValueGenerator.Uuid("an identifier"), new ScriptedRandom(0xFF)).Should().Be("ffffffff-ffff-4fff-bfff-ffffffffffff");

    [Fact]
    public void A_uuid_keeps_the_order_of_its_bytes() =>
        Make(new ValueGenerator.Uuid("an identifier"), new ScriptedRandom([.. Enumerable.Range(0, 16).Select(i => (byte)i)]))
            .Should().Be("00010203-0405-4607-8809-0a0b0c0d0e0f");

    [Fact]
    public void Every_random_byte_stands_in_the_value() => Gen.Select(Gen.Int[1, 100], Gen.ULong).Sample((count, seed) =>
    {
        var expected = new byte[count];
        new SeededRandom(seed).Fill(expected);
        return Convert.FromHexString(Make(new ValueGenerator.Hex(count, null), new SeededRandom(seed))).SequenceEqual(expected)
            && Convert.FromBase64String(Make(new ValueGenerator.Base64(count, null), new SeededRandom(seed))).SequenceEqual(expected)
            && System.Buffers.Text.Base64Url.DecodeFromChars(Make(new ValueGenerator.Base64Url(count, null), new SeededRandom(seed)))
                .SequenceEqual(expected);
    });

    [Fact]
    public void The_operating_systems_generator_gives_another_value_each_time() =>
        Make(new ValueGenerator.Hex(32, null), new SystemRandom()).Should()
            .NotBe(Make(new ValueGenerator.Hex(32, null), new SystemRandom()));

    [Fact]
    public void A_key_pair_is_not_one_value()
    {
        var make = () => Make(new ValueGenerator.SshKey(SshKeyAlgorithm.Ed25519, 0, "public", ""), Bytes);

        make.Should().Throw<ArgumentException>();
    }

    private static string Make(ValueGenerator generator, IRandomSource random)
    {
        using var value = ValueFactory.Generate(generator, random);
        return value.RevealText();
    }
}
