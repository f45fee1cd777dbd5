using SecretRotator.Configuration;

namespace SecretRotator.Doctor.AllowLists;

/// <summary>The address ranges that Atlassian publishes at https://ip-ranges.atlassian.com, or a copy of them. Nothing in it is trusted: it
/// opens firewalls.</summary>
/// <param name="SyncToken">Which state of the list it is, or <c>unknown</c>.</param>
/// <param name="CreationDate">When it was made, as it says, or <c>unknown</c>.</param>
/// <param name="Entries">The ranges.</param>
internal sealed record PublishedRanges(string SyncToken, string CreationDate, ImmutableArray<PublishedRange> Entries)
{
    /// <summary>Bytes of the list; the real one has some hundred thousand.</summary>
    public const int MaximumBytes = 4 * 1024 * 1024;

    private const int MaximumEntries = 50_000;
    private const int MaximumDepth = 8;

    // Atlassian's own largest blocks are a /21 and a /36. Wider than these is a mistake or worse.
    private const int WidestIPv4 = 12;
    private const int WidestIPv6 = 24;

    private static readonly ImmutableArray<AddressBlock> NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
            "::/8", "fc00::/7", "fe80::/9", "ff00::/8",
        }.Select(text => AddressBlock.Parse(text)!),
    ];

    /// <summary>Reads the list.</summary>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <param name="utf8">The whole of it.</param>
    /// <exception cref="UsageException">It isn't such a list, or has a range in it that no allow-list should have.</exception>
    public static PublishedRanges Parse(string source, ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaximumDepth });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("items", out var items)
                || items.ValueKind != JsonValueKind.Array)
                throw Refuse(source, "It has no list of \"items\".");
            if (items.GetArrayLength() > MaximumEntries)
                throw Refuse(source, $"It has {items.GetArrayLength()} items; more than {MaximumEntries} are not looked at.");
            return new PublishedRanges(
                Word(root, "syncToken"), Word(root, "creationDate"),
                [.. items.EnumerateArray().Select((item, i) => Entry(source, item, i + 1))]);
        }
        catch (JsonException error)
        {
            throw Refuse(source, $"It isn't JSON from line {(error.LineNumber ?? 0) + 1} on.");
        }
        catch (InvalidOperationException)
        {
            throw Refuse(source, "It holds text that isn't Unicode.");
        }
    }

    private static PublishedRange Entry(string source, JsonElement item, int number)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("cidr", out var cidr) || cidr.ValueKind != JsonValueKind.String)
            throw Refuse(source, $"Its item {number} has no \"cidr\".");
        var text = cidr.GetString()!;
        if (AddressBlock.Parse(text) is not { } block)
            throw Refuse(source, $"Its item {number} has a \"cidr\" that is no block of addresses: {Quoted.Of(text)}.");
        if (block.Prefix < (block.IsIPv6 ? WidestIPv6 : WidestIPv4))
            throw Refuse(
                source, $"Its item {number}, {block}, is far wider than any range of Atlassian, and would admit a large part of the "
                    + "internet.");
        if (NotPublic.Any(other => other.IsIPv6 == block.IsIPv6 && other.First <= block.First && block.Last <= other.Last))
            throw Refuse(source, $"Its item {number}, {block}, is no public range, so it isn't Atlassian's.");
        return new PublishedRange(block, Words(item, "product"), Words(item, "direction"), Words(item, "region"));
    }

    private static ImmutableArray<string> Words(
        JsonElement item, string name) => !item.TryGetProperty(name, out var value) ? [] : value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array =>
                [.. value.EnumerateArray().Where(each => each.ValueKind == JsonValueKind.String).Select(each => each.GetString()!)],
            _ => [],
        };

    // It goes into comments of scripts.
    private static string Word(JsonElement root, string name)
    {
        var text = !root.TryGetProperty(name, out var value) ? "" : value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetRawText(),
            _ => "",
        };
        return text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ':' or '+' or '_')
            ? text
            : "unknown";
    }

    private static UsageException Refuse(string source, string what) =>
        new($"This isn't the list of address ranges that Atlassian publishes. {what}",
            "Take it from https://ip-ranges.atlassian.com. No rules were written.", source);
}

/// <summary>One published range.</summary>
/// <param name="Block">Its addresses.</param>
/// <param name="Products">Whose they are, such as <c>bitbucket</c>.</param>
/// <param name="Directions"><c>egress</c> where Atlassian calls from them, <c>ingress</c> where it answers at them.</param>
/// <param name="Regions">Where they are, such as <c>us-east-1</c>, or <c>global</c>.</param>
internal sealed record PublishedRange(
    AddressBlock Block, ImmutableArray<string> Products, ImmutableArray<string> Directions, ImmutableArray<string> Regions);
