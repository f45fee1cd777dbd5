using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>One page of a collection: ten entries unless asked, a hundred at most, and a <c>next</c> that can't be relied on.</summary>
internal static class BitbucketPage
{
    private const int Unasked = 10;
    private const int Most = 100;

    /// <summary>The page that a request asks for.</summary>
    public static SandboxAnswer Answer<T>(
        SandboxRequest request, BitbucketRoute route, IReadOnlyList<T> all, Func<T, JsonObject> describe, bool changed = false)
    {
        var (pagelen, page) = (Number(request, "pagelen", Unasked), Number(request, "page", 1));
        if (pagelen is < 1 or > Most || page < 1)
            return BitbucketAnswers.Refused(400, "Invalid pagelen or page");
        var skip = (int)Math.Min((long)(page - 1) * pagelen, all.Count);
        var more = skip + pagelen < all.Count;
        var answer = new JsonObject
        {
            ["page"] = page,
            ["size"] = all.Count,
            ["pagelen"] = pagelen,
            ["values"] = StateDocument.List(all.Skip(skip).Take(pagelen), describe),
        };
        answer.AddKnown("next", Next(request, route, page, more));
        return SandboxAnswer.Json(200, answer) with { Changed = changed };
    }

    /// <summary>The page of what a listing shows. What it misses is missing from one listing less.</summary>
    public static SandboxAnswer Listing<T>(SandboxRequest request, BitbucketRoute route, List<T> all, Func<T, JsonObject> describe)
        where T : IListed
    {
        var seen = all.Where(each => each.HiddenListings == 0).ToList();
        foreach (var missing in all.Where(each => each.HiddenListings > 0))
            missing.HiddenListings--;
        return Answer(request, route, seen, describe, changed: seen.Count < all.Count);
    }

    // An internal address for workspaces, none for repositories, one on every page for environments: all seen.
    private static string? Next(SandboxRequest request, BitbucketRoute route, int page, bool more)
    {
        var host = request.Host.GetLeftPart(UriPartial.Authority);
        return route.Repository is null ? (more ? $"{host}/internal/rest/1.0/accounts/variables?page={page + 1}" : null)
            : route.Environment is null ? null
            : $"{host}{request.Path}?page={page + 1}";
    }

    private static int Number(SandboxRequest request, string name, int unasked) =>
        !request.Query.TryGetValue(name, out var text) ? unasked
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : -1;
}
