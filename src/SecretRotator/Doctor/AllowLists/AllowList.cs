namespace SecretRotator.Doctor.AllowLists;

/// <summary>Which of the published ranges are wanted, for which ports.</summary>
/// <param name="Products">Whose, such as <c>bitbucket</c>.</param>
/// <param name="Direction"><c>egress</c>: Atlassian calls, you answer. <c>ingress</c>: you call, Atlassian answers.</param>
/// <param name="Regions">Where; empty for everywhere. What is <c>global</c> is always among them.</param>
/// <param name="Ports">TCP ports, in order.</param>
internal sealed record AllowListRequest(
    ImmutableArray<string> Products, string Direction, ImmutableArray<string> Regions, ImmutableArray<int> Ports)
{
    /// <summary>Whether the rules let Atlassian in, rather than one's own machines out.</summary>
    public bool IsInbound => Direction == "egress";
}

/// <summary>The ranges to let through, as few blocks as say it.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Source">The file or address that they come from.</param>
/// <param name="SyncToken">Which state of the list that was.</param>
/// <param name="CreationDate">When it was made.</param>
/// <param name="IPv4">Blocks of IPv4 addresses, in order.</param>
/// <param name="IPv6">Blocks of IPv6 addresses, in order.</param>
internal sealed record AllowList(
    AllowListRequest Request, string Source, string SyncToken, string CreationDate, ImmutableArray<AddressBlock> IPv4,
    ImmutableArray<AddressBlock> IPv6)
{
    private const string Everywhere = "global";

    /// <summary>What the rules are for, in a few words.</summary>
    public string Title =>
        $"Atlassian {string.Join("+", Request.Products)} {Request.Direction}"
            + (Request.Regions.IsEmpty ? "" : $" {string.Join("+", Request.Regions)}");

    /// <summary>Where the ranges come from, on one line.</summary>
    public string Origin => $"Source: {Source}, syncToken {SyncToken}, made {CreationDate}";

    /// <summary>Chooses among the published ranges.</summary>
    /// <exception cref="UsageException">None fits: an empty allow-list would block every address.</exception>
    public static AllowList Of(AllowListRequest request, string source, PublishedRanges published)
    {
        var chosen = published.Entries
            .Where(entry => entry.Products.Intersect(request.Products, StringComparer.OrdinalIgnoreCase).Any())
            .Where(entry => entry.Directions.Contains(request.Direction, StringComparer.OrdinalIgnoreCase))
            .Where(entry => request.Regions.IsEmpty
                || entry.Regions.Any(region => region == Everywhere || request.Regions.Contains(region, StringComparer.OrdinalIgnoreCase)))
            .Select(entry => entry.Block)
            .ToImmutableArray();
        if (chosen.IsEmpty)
            throw NothingFits(request, source, published);
        var blocks = AddressBlock.Aggregate(chosen).ToImmutableArray();
        return new AllowList(
            request, source, published.SyncToken, published.CreationDate, [.. blocks.Where(block => !block.IsIPv6)],
            [.. blocks.Where(block => block.IsIPv6)]);
    }

    private static UsageException NothingFits(AllowListRequest request, string source, PublishedRanges published)
    {
        var products = Known(published.Entries.SelectMany(entry => entry.Products));
        var regions = Known(published.Entries.SelectMany(entry => entry.Regions));
        return new UsageException(
        [
            new Problem(
                $"None of its {published.Entries.Length} ranges is for {string.Join(" or ", request.Products)}, "
                    + $"{request.Direction}{(request.Regions.IsEmpty ? "" : $", {string.Join(" or ", request.Regions)}")}. An empty "
                    + $"list would block every address, so no rules were written.",
                $"It has the products {products} and the regions {regions}.",
                source),
        ]);
    }

    // Words of others in a message: a few, and only such as look like words.
    private static string Known(IEnumerable<string> words) => string.Join(", ", words
        .Where(word => word.Length is > 0 and <= 40 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or ' '))
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal)
        .Take(12));
}
