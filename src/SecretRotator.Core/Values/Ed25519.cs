using System.Security.Cryptography;

namespace SecretRotator.Values;

/// <summary>Derives Ed25519 public keys (RFC 8032, section 5.1.5). Nothing is signed here, and .NET has no Ed25519 of its own.</summary>
/// <remarks>
/// The scalar's bits decide over no branch and no memory address: each of the 255 steps doubles, adds and then selects.
/// The addition formulas are complete, so they serve for doubling as well and know no special cases.
/// </remarks>
internal static class Ed25519
{
    /// <summary>Bytes of a seed, and of a public key.</summary>
    public const int KeyLength = 32;

    private static readonly FieldElement TwiceD =
        FieldElement.FromHex("59f1b226949bd6eb56b183829a14e00030d1f3eef2808e19e7fcdf56dcd90624");

    private static readonly Point Base = Point.FromAffine(
        FieldElement.FromHex("1ad5258f602d56c9b2a7259560c72c695cdcd6fd31e2a4c0fe536ecdd3366921"),
        FieldElement.FromHex("5866666666666666666666666666666666666666666666666666666666666666"));

    /// <summary>Writes the public key that belongs to a seed.</summary>
    /// <param name="seed">The private key: 32 random bytes.</param>
    /// <param name="publicKey">Takes 32 bytes.</param>
    public static void PublicKeyOf(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        Span<byte> scalar = stackalloc byte[SHA512.HashSizeInBytes];
        try
        {
            SHA512.HashData(seed, scalar);
            scalar[0] &= 0b1111_1000;
            scalar[31] &= 0b0111_1111;
            scalar[31] |= 0b0100_0000;
            MultiplyBase(scalar[..KeyLength]).Encode(publicKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    private static Point MultiplyBase(ReadOnlySpan<byte> scalar)
    {
        var result = Point.Neutral;
        for (var bit = 254; bit >= 0; bit--)
        {
            var doubled = Point.Add(result, result);
            var added = Point.Add(doubled, Base);
            result = Point.Select((scalar[bit / 8] >> (bit % 8)) & 1, added, doubled);
        }

        return result;
    }

    /// <summary>A point of the curve in extended coordinates (RFC 8032, section 5.1.4): x = X/Z, y = Y/Z, x·y = T/Z.</summary>
    private readonly record struct Point(FieldElement X, FieldElement Y, FieldElement Z, FieldElement T)
    {
        public static Point Neutral { get; } = new(FieldElement.Zero, FieldElement.One, FieldElement.One, FieldElement.Zero);

        public static Point FromAffine(FieldElement x, FieldElement y) => new(x, y, FieldElement.One, x * y);

        public static Point Add(in Point left, in Point right)
        {
            var a = (left.Y - left.X) * (right.Y - right.X);
            var b = (left.Y + left.X) * (right.Y + right.X);
            var c = left.T * TwiceD * right.T;
            var d = left.Z * (right.Z + right.Z);
            var (e, f, g, h) = (b - a, d - c, d + c, b + a);
            return new(e * f, g * h, f * g, e * h);
        }

        /// <summary><paramref name="one"/> where <paramref name="bit"/> is 1, <paramref name="zero"/> where it is 0.</summary>
        public static Point Select(int bit, in Point one, in Point zero) => new(
            FieldElement.Select(bit, one.X, zero.X),
            FieldElement.Select(bit, one.Y, zero.Y),
            FieldElement.Select(bit, one.Z, zero.Z),
            FieldElement.Select(bit, one.T, zero.T));

        /// <summary>Little-endian y, with the lowest bit of x as the highest bit.</summary>
        public void Encode(Span<byte> bytes)
        {
            var inverse = Z.Invert();
            Span<byte> x = stackalloc byte[KeyLength];
            (X * inverse).CopyTo(x);
            (Y * inverse).CopyTo(bytes);
            bytes[31] |= (byte)(x[0] << 7);
        }
    }
}
