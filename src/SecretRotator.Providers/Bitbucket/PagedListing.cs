using System.Net;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>Asks for one page of a listing.</summary>
internal delegate Task<Page<T>> AskForPage<T>(string address, int pagelen, int page, CancellationToken cancellation);

/// <summary>Reads a listing to its end, or fails: half of a listing would look like missing variables.</summary>
/// <remarks>
/// <para>Bitbucket's <c>next</c> may point at an internal address, may be missing with more to come, and may be there
/// on the last page. So pages are asked for by number until <c>size</c> is reached, or, where there is no size, until
/// a page is short; <c>next</c> is never followed.</para>
/// <para>Someone may change the list between two pages. Then sizes or entries disagree, and it is read once more.</para>
/// </remarks>
internal sealed class PagedListing<T>(
    BitbucketCalls calls, BitbucketCall call, AskForPage<T> ask, string address, Func<T, string?> id, int mostPages = 100)
    where T : class
{
    /// <summary>Entries of a full page; Bitbucket gives no more.</summary>
    public const int PageLength = 100;

    private const int UnaskedPageLength = 10;

    private string _address = address;

    /// <summary>All entries, each with an id of its own.</summary>
    /// <exception cref="RemoteFailureException">Refused, unanswered, or not certainly complete.</exception>
    public async Task<ImmutableArray<T>> ReadAsync(CancellationToken cancellation)
    {
        var (entries, flaw) = await ReadOnceAsync(cancellation);
        if (flaw is not null)
            (entries, flaw) = await ReadOnceAsync(cancellation);
        return flaw is null ? entries : throw call.Incomplete(flaw);
    }

    private async Task<(ImmutableArray<T> Entries, string? Flaw)> ReadOnceAsync(CancellationToken cancellation)
    {
        var entries = ImmutableArray.CreateBuilder<T>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int? size = null;
        for (var number = 1; number <= mostPages; number++)
        {
            var page = await PageAsync(number, cancellation);
            if (number > 1 && page.Size != size)
                return ([], "its size changed between two pages");
            size = page.Size;
            foreach (var entry in page.Values!)
            {
                if (entry is null || id(entry) is not { } known)
                    return ([], "an entry has no id");
                if (!seen.Add(known))
                    return ([], "an entry came twice");
                entries.Add(entry);
            }
            if (entries.Count == size || (size is null && IsLast(page)))
                return (entries.ToImmutable(), null);
            if (entries.Count > size || page.Values.Count == 0)
                return ([], $"it names {size} entries and holds {entries.Count}");
        }
        return ([], $"it doesn't end after {mostPages} pages");
    }

    // Without a size: a server that says nothing of its page length may have given ten unasked.
    private static bool IsLast(Page<T> page) =>
        page.Values!.Count == 0 || (page.Values.Count < (page.Pagelen ?? UnaskedPageLength) && page.Next is null);

    private async Task<Page<T>> PageAsync(int number, CancellationToken cancellation)
    {
        // Some servers of some scopes wanted a slash at the end: on 404 the first page is asked for once with it.
        return await calls.RunAsync(
            call,
            async token =>
            {
                try
                {
                    return Checked(await ask(_address, PageLength, number, token), number);
                }
                catch (RefusedAnswer refused) when (refused.Status == HttpStatusCode.NotFound && number == 1 && !_address.EndsWith('/'))
                {
                    _address += "/";
                }
                await calls.AdmitAsync(call, token);
                return Checked(await ask(_address, PageLength, number, token), number);
            },
            cancellation);
    }

    private static Page<T> Checked(Page<T>? page, int number)
    {
        if (page?.Values is null)
            throw new GarbledAnswer("a page without values");
        if (page.Number is { } said && said != number)
            throw new GarbledAnswer($"page {said} came for page {number}");
        return page;
    }
}
