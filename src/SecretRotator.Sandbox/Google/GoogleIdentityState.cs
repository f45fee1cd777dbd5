using System.Security.Cryptography;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Sandbox.Google;

/// <summary>The identities of all projects: whom they trust, their service accounts, and the access tokens that were given.</summary>
internal sealed class GoogleIdentityState
{
    /// <summary>Providers of workload identity pools, by their resource name (<c>projects/…</c>).</summary>
    public SortedDictionary<string, GooglePoolProviderState> Providers { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Service accounts by e-mail address.</summary>
    public SortedDictionary<string, GoogleAccountState> Accounts { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Refresh tokens of people who logged in with gcloud, by their text, with the person's e-mail address.</summary>
    public SortedDictionary<string, string> RefreshTokens { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Access tokens by their text.</summary>
    public SortedDictionary<string, GoogleTokenState> Tokens { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The account of the machine that has a metadata server.</summary>
    public string MachineAccount { get; set; } = "123456789012-compute@developer.gserviceaccount.com";

    /// <summary>Gives a token, which Google's services then take, and forgets those that have ended.</summary>
    public static string Give(SandboxState state, GoogleTokenState token, SandboxClock clock)
    {
        var (known, taken) = (state.GoogleIdentity.Tokens, state.Google.AccessTokens);
        foreach (var over in known.Where(each => each.Value.Ends <= clock.Real).Select(each => each.Key).ToList())
        {
            known.Remove(over);
            taken.Remove(over);
        }

        var text = "ya29.sandbox-" + RandomNumberGenerator.GetHexString(48, lowercase: true);
        known[text] = token;
        taken[text] = token.Ends;
        return text;
    }

    /// <summary>Who made a request, by its bearer token; null where it has none that is valid.</summary>
    public GoogleTokenState? CallerOf(SandboxRequest request, SandboxClock clock) =>
        Tokens.GetValueOrDefault(request.Bearer ?? "") is { } token && token.Ends > clock.Real ? token : null;
}

/// <summary>A provider of a workload identity pool: which tokens it admits.</summary>
internal sealed class GooglePoolProviderState
{
    public string Issuer { get; set; } = "";

    /// <summary>The audiences that it allows.</summary>
    public List<string> Audiences { get; set; } = [];

    /// <summary>The repository that its attribute condition names, with braces; null for any.</summary>
    public string? Repository { get; set; }

    /// <summary>The deployment environment that it names, with braces; null for any.</summary>
    public string? Environment { get; set; }

    public bool Disabled { get; set; }

    /// <summary>A provider that admits steps like this one: any of the same repository and environment.</summary>
    public static GooglePoolProviderState Trusting(StepToken step) => new()
    {
        Issuer = step.Issuer,
        Audiences = [step.Audience],
        Repository = $"{{{step.RepositoryUuid}}}",
        Environment = step.EnvironmentUuid is { } environment ? $"{{{environment}}}" : null,
    };
}

internal sealed class GoogleAccountState
{
    /// <summary>The principals and sets of them that may act as it (roles/iam.workloadIdentityUser,
    /// …/serviceAccountTokenCreator).</summary>
    public List<string> ActedAsBy { get; set; } = [];

    /// <summary>The public halves of its keys as SubjectPublicKeyInfo in base64, by key id.</summary>
    public SortedDictionary<string, string> Keys { get; set; } = new(StringComparer.Ordinal);
}

internal sealed class GoogleTokenState
{
    /// <summary>Whose it is: <c>principal://…</c>, <c>serviceAccount:EMAIL</c> or <c>user:EMAIL</c>.</summary>
    public string Principal { get; set; } = "";

    /// <summary>The sets that the principal is in: <c>principalSet://…/attribute.NAME/VALUE</c>.</summary>
    public List<string> Sets { get; set; } = [];

    public DateTimeOffset Ends { get; set; }

    /// <summary>Whether a binding to one of these members holds for it.</summary>
    public bool IsOneOf(IEnumerable<string> members) => members.Any(member => member == Principal || Sets.Contains(member));
}
