using System.Numerics;
using CsCheck;

namespace SecretRotator.Tests.Values;

public sealed class Ed25519Tests
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;

    // Random numbers, and those around 0, p and 2^255 where carries go wrong.
    private static readonly Gen<BigInteger> Number = Gen.OneOf(
        Gen.Byte.Array[32].Select(bytes => new BigInteger(bytes, isUnsigned: true) % BigInteger.Pow(2, 255)),
        Gen.Int[0, 40].Select(n => new BigInteger(n)),
        Gen.Int[-40, 18].Select(n => P + n));

    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")]
    [InlineData(
        "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
        "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e")]
    [InlineData(
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf")]
    public void Public_keys_are_those_of_RFC_8032(string seed, string publicKey)
    {
        var derived = new byte[Ed25519.KeyLength];
        Ed25519.PublicKeyOf(Convert.FromHexString(seed), derived);

        Convert.ToHexStringLower(derived).Should().Be(publicKey);
    }

    [Fact]
    public void Field_arithmetic_agrees_with_big_integers() => Gen.Select(Number, Number).Sample((a, b) =>
    {
        var (x, y) = (Element(a), Element(b));
        return Value(x + y) == Modulo(a + b)
            && Value(x - y) == Modulo(a - b)
            && Value(x * y) == Modulo(a * b)
            && Value(x * y * (x + y) - y) == Modulo((a * b * (a + b)) - b);
    }, iter: 5000);

    [Fact]
    public void Inversion_agrees_with_big_integers() =>
        Number.Sample(a => Value(Element(a).Invert()) == BigInteger.ModPow(a, P - 2, P), iter: 200);

    [Fact]
    public void Selection_takes_the_one_or_the_other() => Gen.Select(Number, Number).Sample((a, b) =>
        Value(FieldElement.Select(1, Element(a), Element(b))) == Modulo(a)
            && Value(FieldElement.Select(0, Element(a), Element(b))) == Modulo(b));

    private static FieldElement Element(BigInteger number)
    {
        var bytes = new byte[32];
        number.TryWriteBytes(bytes, out _, isUnsigned: true);
        return FieldElement.FromHex(Convert.ToHexString(bytes));
    }

    private static BigInteger Value(FieldElement element)
    {
        var bytes = new byte[32];
        element.CopyTo(bytes);
        return new BigInteger(bytes, isUnsigned: true);
    }

    private static BigInteger Modulo(BigInteger number) => ((number % P) + P) % P;
}
