using System.Net;
using System.Net.Sockets;

namespace SecretRotator.Doctor.AllowLists;

/// <summary>A block of addresses with a common prefix, in its canonical form: no bit is set behind the prefix, and an IPv4 address within
/// IPv6 is IPv4.</summary>
/// <param name="IsIPv6">Whether its addresses have 128 bits.</param>
/// <param name="First">Its first address as a number.</param>
/// <param name="Prefix">How many leading bits are common, 0 to 32 or 0 to 128.</param>
internal sealed record AddressBlock(bool IsIPv6, UInt128 First, int Prefix) : IComparable<AddressBlock>
{
    private const int MappedPrefix = 96;

    /// <summary>Its last address as a number.</summary>
    public UInt128 Last => First | Rest(Width(IsIPv6) - Prefix);

    /// <summary>Reads <c>104.192.136.0/21</c>, <c>2401:1d80:3000::/36</c>, or a single address; null where it is neither.</summary>
    public static AddressBlock? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var literal = slash < 0 ? text : text[..slash];

        // The platform's parser also takes "10.1" and a zone behind "%".
        if (!IPAddress.TryParse(literal, out var address) || literal.Contains('%', StringComparison.Ordinal)
            || literal.Contains('[', StringComparison.Ordinal)
            || (address.AddressFamily == AddressFamily.InterNetwork && literal.Count(c => c == '.') != 3))
            return null;
        var isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        var prefix = Width(isIPv6);
        if (slash >= 0
            && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix)
                || prefix > Width(isIPv6)))
            return null;
        UInt128 number = 0;
        foreach (var part in address.GetAddressBytes())
            number = (number << 8) | part;
        return address.IsIPv4MappedToIPv6 && prefix >= MappedPrefix
            ? Of(false, number & uint.MaxValue, prefix - MappedPrefix)
            : Of(isIPv6, number, prefix);
    }

    /// <summary>The fewest blocks with the same addresses, in order.</summary>
    public static IEnumerable<AddressBlock> Aggregate(IEnumerable<AddressBlock> blocks)
    {
        foreach (var family in blocks.GroupBy(block => block.IsIPv6).OrderBy(family => family.Key))
        {
            (UInt128 First, UInt128 Last)? open = null;
            foreach (var block in family.Order())
            {
                if (open is var (first, last) && (block.First <= last || block.First == last + 1))
                {
                    open = (first, UInt128.Max(last, block.Last));
                    continue;
                }

                foreach (var part in Split(family.Key, open))
                    yield return part;
                open = (block.First, block.Last);
            }

            foreach (var part in Split(family.Key, open))
                yield return part;
        }
    }

    /// <inheritdoc />
    public int CompareTo(AddressBlock? other) =>
        other is null ? 1 : (IsIPv6, First, Prefix).CompareTo((other.IsIPv6, other.First, other.Prefix));

    /// <summary>As firewalls write it, always with its prefix.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Width(IsIPv6) / 8];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(First >> (8 * (bytes.Length - 1 - i)));
        return $"{new IPAddress(bytes)}/{Prefix}";
    }

    // From the front, the largest block that begins here and doesn't go too far.
    private static IEnumerable<AddressBlock> Split(bool isIPv6, (UInt128 First, UInt128 Last)? range)
    {
        if (range is not var (first, last))
            yield break;
        while (true)
        {
            var free = 0;
            while (free < Width(isIPv6) && (first & Rest(free + 1)) == 0 && last - first >= Rest(free + 1))
                free++;
            var block = new AddressBlock(isIPv6, first, Width(isIPv6) - free);
            yield return block;
            if (block.Last >= last)
                yield break;
            first = block.Last + 1;
        }
    }

    private static AddressBlock Of(bool isIPv6, UInt128 number, int prefix) => new(isIPv6, number & ~Rest(Width(isIPv6) - prefix), prefix);

    private static int Width(bool isIPv6) => isIPv6 ? 128 : 32;

    // So many bits, all set.
    private static UInt128 Rest(int bits) => bits >= 128 ? UInt128.MaxValue : (UInt128.One << bits) - 1;
}
