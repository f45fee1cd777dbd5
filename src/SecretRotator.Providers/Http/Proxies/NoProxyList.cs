using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace SecretRotator.Providers.Http;

/// <summary>
/// Who is reached without a proxy, as <c>NO_PROXY</c> says it: names with all that is below them, addresses, networks
/// (<c>10.0.0.0/8</c>), each with a port if it is meant for that port only; <c>*</c> for every host.
/// </summary>
/// <remarks>
/// The same list works for curl and the cloud's command lines, which read it so. What .NET makes of it is narrower:
/// no networks, no <c>*</c>, no ports, and <c>acme.example</c> doesn't match <c>git.acme.example</c>.
/// </remarks>
internal sealed class NoProxyList
{
    private readonly ImmutableArray<Entry> _entries;

    private NoProxyList(ImmutableArray<Entry> entries) => _entries = entries;

    /// <summary>Which entries can't be read, by their place, from 1: they cover no one.</summary>
    public ImmutableArray<int> Unreadable => [.. _entries.Index().Where(each => !each.Item.IsReadable).Select(each => each.Index + 1)];

    /// <summary>Reads a list, with commas or blanks between its entries.</summary>
    public static NoProxyList Parse(string text) =>
        new([.. text.Split([',', ' ', '\t', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(Entry.Parse)]);

    /// <summary>Whether an address is reached without a proxy.</summary>
    public bool Covers(Uri address) => _entries.Any(entry => entry.Covers(address));

    /// <param name="Name">The name in lower case without leading dots, empty where a network is meant.</param>
    /// <param name="Network">The network, or null.</param>
    /// <param name="Port">The port that it is meant for, or null for all.</param>
    private sealed record Entry(string Name, IPNetwork? Network, int? Port)
    {
        public static Entry Parse(string text)
        {
            if (NetworkIn(text) is { } network)
                return new("", network, null);
            if (IsAddress(text, out var address))
                return new("", Single(address), null);
            var colon = text.LastIndexOf(':');
            int? port = colon >= 0
                && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
            var host = port is null ? text : text[..colon];
            return IsAddress(host, out var literal)
                ? new("", Single(literal), port)
                : new((host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host).TrimStart('.').ToLowerInvariant(), null, port);
        }

        // A name, * or nothing but a dot. A * elsewhere (10.*), an address with http:// and a network that is none are ignored by curl
        // silently.
        public bool IsReadable =>
            Network is not null || Name == "*" || Name.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.');

        public bool Covers(Uri address)
        {
            if (Port is { } port && port != address.Port)
                return false;
            var host = address.IdnHost.ToLowerInvariant();
            if (Network is { } network)
                return IPAddress.TryParse(host, out var literal)
                    && network.Contains(literal.IsIPv4MappedToIPv6 ? literal.MapToIPv4() : literal);
            return Name == "*" || (Name.Length > 0 && (host == Name || host.EndsWith("." + Name, StringComparison.Ordinal)));
        }

        // Whatever follows the prefix is dropped, as other programs do: .NET refuses 10.1.2.3/8.
        private static IPNetwork? NetworkIn(string text)
        {
            if (text.Split('/') is not [var start, var length]
                || !IsAddress(start, out var address)
                || !byte.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
                || prefix > address.GetAddressBytes().Length * 8)
                return null;
            var bytes = address.GetAddressBytes();
            for (var bit = (int)prefix; bit < bytes.Length * 8; bit++)
                bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
            return new IPNetwork(new IPAddress(bytes), prefix);
        }

        // .NET takes 10 and 10.1 for addresses too, of which no one thinks.
        private static bool IsAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
            IPAddress.TryParse(text, out address) && (text.Count('.') == 3 || text.Contains(':'));

        private static IPNetwork Single(IPAddress address) => new(address, address.GetAddressBytes().Length * 8);
    }
}
