using System.Text.Json.Nodes;
using NodaTime.Text;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;
using SecretRotator.Providers.Bitbucket.Credentials;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>A deploy key as Bitbucket lists it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Key">The public key.</param>
/// <param name="Label">What it is called; may be empty.</param>
/// <param name="AddedAt">When it was added, or null.</param>
/// <param name="UsedAt">When it was used last, or null where it never was.</param>
internal sealed record DeployKey(long Id, SshPublicKey Key, string Label, Instant? AddedAt, Instant? UsedAt);

/// <summary>The deploy keys of repositories in Bitbucket Cloud: public SSH keys that may read one repository.</summary>
/// <param name="api">The calls.</param>
/// <param name="calls">Makes them.</param>
/// <param name="authorization">Knows the credential's scopes where Bitbucket told them.</param>
/// <param name="address">Where Bitbucket answers.</param>
internal sealed class BitbucketDeployKeys(IBitbucketApi api, BitbucketCalls calls, BitbucketAuthorization authorization, Uri address)
{
    // How often to look for a key whose creation wasn't answered: a listing may lag behind by some seconds.
    private const int Looks = 3;

    private const string Admin = "\"repository:admin\"";

    // Scopes of API tokens are apart for reading, writing and deleting; the words are those of Atlassian's description of the API.
    private static readonly ImmutableArray<string> ChangingScopes = ["write:ssh-key:bitbucket", "delete:ssh-key:bitbucket"];

    /// <summary>Bitbucket's host, which TLS proves.</summary>
    public string Host => address.Authority;

    /// <summary>All deploy keys of a repository.</summary>
    /// <exception cref="RemoteFailureException">Refused, unanswered, or not certainly complete.</exception>
    public async Task<ImmutableArray<DeployKey>> ListAsync(VariableScope.Repository repository, CancellationToken cancellation)
    {
        var call = new BitbucketCall(CallNature.Read, $"list the deploy keys of {Name(repository)}", repository)
        {
            Scopes = $"{Admin} (API token: \"admin:repository:bitbucket\")",
        };
        var entries = await new PagedListing<DeployKeyEntry>(
            calls, call, api.ListDeployKeysAsync, AddressOf(repository), entry => entry.Id?.ToString(CultureInfo.InvariantCulture))
            .ReadAsync(cancellation);
        var keys = ImmutableArray.CreateBuilder<DeployKey>(entries.Length);
        foreach (var entry in entries)
        {
            if (SshPublicKey.Parse(entry.Key) is not { } key)
                throw call.Incomplete("a deploy key has no public key");
            keys.Add(new(entry.Id!.Value, key, entry.Label ?? "", At(entry.AddedOn ?? entry.CreatedOn), At(entry.LastUsed)));
        }

        return keys.MoveToImmutable();
    }

    /// <summary>The scopes that changing deploy keys needs and the credential lacks, as far as Bitbucket has told its scopes.</summary>
    public ImmutableArray<string> MissingScopes()
    {
        var told = authorization.ScopesTold?.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries) ?? [];
        return told.Length == 0 || told.Contains("repository:admin", StringComparer.Ordinal)
            ? []
            : [.. ChangingScopes.Except(told, StringComparer.Ordinal)];
    }

    /// <summary>Adds a key to a repository unless it has it. Idempotent by the key.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer and nowhere to be seen.</exception>
    public async Task AddAsync(VariableScope.Repository repository, SshPublicKey key, string label, CancellationToken cancellation)
    {
        if (await HasAsync(repository, key, cancellation))
            return;
        var call = new BitbucketCall(CallNature.Once, $"add the deploy key {key.Fingerprint} to {Name(repository)}", repository)
        {
            Scopes = $"{Admin} (API token: \"admin:repository:bitbucket\" and \"write:ssh-key:bitbucket\")",
        };
        try
        {
            await calls.RunAsync(
                call,
                () => JsonBody.Of(new JsonObject { ["type"] = "deploy_key", ["key"] = key.Text, ["label"] = label }),
                async (content, token) =>
                {
                    var entry = await api.CreateDeployKeyAsync(AddressOf(repository), content, token);
                    return SshPublicKey.Parse(entry?.Key) == key ? true : throw new GarbledAnswer("it names another key, or none");
                },
                cancellation);
        }
        catch (RemoteFailureException failure)
            when (failure.Effect == Effect.Unknown || failure.Kind is FailureKind.Other or FailureKind.Conflict)
        {
            // Refused as it is there already: an unanswered POST of an earlier run has landed meanwhile.
            if (!await AppearsAsync(repository, key, failure.Effect == Effect.Unknown ? Looks : 1, cancellation))
                throw new RemoteFailureException(
                    failure.Failure.OrHint(
                        "Bitbucket takes no public key that an account or a workspace has, nor for up to 30 days one that such a one had. "
                            + "Look at the repository's settings under Security > Access keys."),
                    failure.InnerException);
        }
    }

    /// <summary>Deletes a key from a repository, under whatever labels it has it. Idempotent: gone is done.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    public async Task RemoveAsync(VariableScope.Repository repository, string fingerprint, CancellationToken cancellation)
    {
        foreach (var listed in (await ListAsync(repository, cancellation)).Where(each => each.Key.Fingerprint == fingerprint))
        {
            var call = new BitbucketCall(
                CallNature.Repeatable, $"delete the deploy key {fingerprint} of {Name(repository)}", repository, Finishing: true)
            {
                Scopes = $"{Admin} (API token: \"admin:repository:bitbucket\" and \"delete:ssh-key:bitbucket\")",
            };
            await calls.DeleteAsync(
                call,
                token => api.DeleteAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{AddressOf(repository)}/{listed.Id}"), token),
                cancellation);
        }
    }

    private async Task<bool> AppearsAsync(
        VariableScope.Repository repository, SshPublicKey key, int looks, CancellationToken cancellation)
    {
        for (var look = 1; look <= looks; look++)
        {
            if (look > 1)
                await calls.PauseAsync(look, cancellation);
            try
            {
                if (await HasAsync(repository, key, cancellation))
                    return true;
            }
            catch (RemoteFailureException)
            {
                // What isn't seen isn't known: the POST stays unanswered, or refused.
            }
        }

        return false;
    }

    private async Task<bool> HasAsync(VariableScope.Repository repository, SshPublicKey key, CancellationToken cancellation) =>
        (await ListAsync(repository, cancellation)).Any(listed => listed.Key == key);

    private static string AddressOf(VariableScope.Repository repository) =>
        $"{VariableAddresses.Of(repository)}/deploy-keys";

    private static string Name(VariableScope.Repository repository) => $"{repository.WorkspaceSlug}/{repository.Slug}";

    private static Instant? At(string? text) =>
        text is not null && OffsetDateTimePattern.ExtendedIso.Parse(text) is { Success: true, Value: var at } ? at.ToInstant() : null;
}
