using System.Buffers.Binary;

namespace SecretRotator.Values;

/// <summary>A number modulo 2²⁵⁵ − 19, in five limbs of 51 bits; no operation branches on it.</summary>
/// <remarks>
/// Between operations every limb is below 2⁵². A product's column is then below 77 · 2¹⁰⁴, the carry out of it below
/// 2⁶⁰, and the last carry times 19 (2²⁵⁵ ≡ 19) fits into 64 bits.
/// </remarks>
internal readonly struct FieldElement
{
    private const ulong Mask = (1UL << 51) - 1;

    // Four times the modulus, limb by limb: a difference stays positive, whatever is subtracted.
    private const ulong FourTimesLowest = 4 * (Mask - 18);
    private const ulong FourTimesOther = 4 * Mask;

    private readonly ulong _0, _1, _2, _3, _4;

    private FieldElement(ulong limb0, ulong limb1, ulong limb2, ulong limb3, ulong limb4) =>
        (_0, _1, _2, _3, _4) = (limb0, limb1, limb2, limb3, limb4);

    public static FieldElement Zero => default;

    public static FieldElement One => new(1, 0, 0, 0, 0);

    public static FieldElement operator +(in FieldElement a, in FieldElement b) =>
        Carry(a._0 + b._0, a._1 + b._1, a._2 + b._2, a._3 + b._3, a._4 + b._4);

    public static FieldElement operator -(in FieldElement a, in FieldElement b) => Carry(
        a._0 + FourTimesLowest - b._0,
        a._1 + FourTimesOther - b._1,
        a._2 + FourTimesOther - b._2,
        a._3 + FourTimesOther - b._3,
        a._4 + FourTimesOther - b._4);

    public static FieldElement operator *(in FieldElement a, in FieldElement b)
    {
        var (b1, b2, b3, b4) = (19 * b._1, 19 * b._2, 19 * b._3, 19 * b._4);
        var c0 = Product(a._0, b._0) + Product(a._1, b4) + Product(a._2, b3) + Product(a._3, b2) + Product(a._4, b1);
        var c1 = Product(a._0, b._1) + Product(a._1, b._0) + Product(a._2, b4) + Product(a._3, b3) + Product(a._4, b2);
        var c2 = Product(a._0, b._2) + Product(a._1, b._1) + Product(a._2, b._0) + Product(a._3, b4) + Product(a._4, b3);
        var c3 = Product(a._0, b._3) + Product(a._1, b._2) + Product(a._2, b._1) + Product(a._3, b._0) + Product(a._4, b4);
        var c4 = Product(a._0, b._4) + Product(a._1, b._3) + Product(a._2, b._2) + Product(a._3, b._1) + Product(a._4, b._0);
        c1 += c0 >> 51;
        c2 += c1 >> 51;
        c3 += c2 >> 51;
        c4 += c3 >> 51;
        return Carry(
            Low(c0) + (19 * (ulong)(c4 >> 51)),
            Low(c1),
            Low(c2),
            Low(c3),
            Low(c4));
    }

    /// <summary>The number whose 32 little-endian bytes are in <paramref name="hex"/>.</summary>
    public static FieldElement FromHex(string hex)
    {
        ReadOnlySpan<byte> bytes = Convert.FromHexString(hex);
        var (w0, w1) = (BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
        var (w2, w3) = (BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
        return new(
            w0 & Mask,
            ((w0 >> 51) | (w1 << 13)) & Mask,
            ((w1 >> 38) | (w2 << 26)) & Mask,
            ((w2 >> 25) | (w3 << 39)) & Mask,
            (w3 >> 12) & Mask);
    }

    /// <summary><paramref name="one"/> where <paramref name="bit"/> is 1, <paramref name="zero"/> where it is 0.</summary>
    public static FieldElement Select(int bit, in FieldElement one, in FieldElement zero)
    {
        var mask = 0UL - (ulong)bit;
        return new(
            zero._0 ^ (mask & (one._0 ^ zero._0)),
            zero._1 ^ (mask & (one._1 ^ zero._1)),
            zero._2 ^ (mask & (one._2 ^ zero._2)),
            zero._3 ^ (mask & (one._3 ^ zero._3)),
            zero._4 ^ (mask & (one._4 ^ zero._4)));
    }

    /// <summary>The inverse, as the power p − 2 (Fermat): bits 254 to 5 of that exponent are ones, and the rest is 01011.</summary>
    public FieldElement Invert()
    {
        var result = One;
        for (var bit = 254; bit >= 0; bit--)
        {
            result *= result;
            if (bit is not (2 or 4))
                result *= this;
        }

        return result;
    }

    /// <summary>The one representation below the modulus, as 32 little-endian bytes.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        var n = Carry(_0, _1, _2, _3, _4);
        // One if n ≥ p, since then n + 19 reaches 2²⁵⁵.
        var over = (n._0 + 19) >> 51;
        over = (n._1 + over) >> 51;
        over = (n._2 + over) >> 51;
        over = (n._3 + over) >> 51;
        over = (n._4 + over) >> 51;
        var l0 = n._0 + (19 * over);
        var l1 = n._1 + (l0 >> 51);
        var l2 = n._2 + (l1 >> 51);
        var l3 = n._3 + (l2 >> 51);
        var l4 = n._4 + (l3 >> 51);
        (l0, l1, l2, l3, l4) = (l0 & Mask, l1 & Mask, l2 & Mask, l3 & Mask, l4 & Mask);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, l0 | (l1 << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], (l1 >> 13) | (l2 << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], (l2 >> 26) | (l3 << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], (l3 >> 39) | (l4 << 12));
    }

    private static UInt128 Product(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return new UInt128(high, low);
    }

    private static ulong Low(UInt128 column) => (ulong)column & Mask;

    private static FieldElement Carry(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        l1 += l0 >> 51;
        l2 += l1 >> 51;
        l3 += l2 >> 51;
        l4 += l3 >> 51;
        return new((l0 & Mask) + (19 * (l4 >> 51)), l1 & Mask, l2 & Mask, l3 & Mask, l4 & Mask);
    }
}
