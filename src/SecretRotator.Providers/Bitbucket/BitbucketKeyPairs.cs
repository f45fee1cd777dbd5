using SecretRotator.Bitbucket;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>The SSH key pairs of repositories' pipelines in Bitbucket Cloud, each as the one variable of its scope.</summary>
internal sealed class BitbucketKeyPairs(IBitbucketApi api, BitbucketCalls calls)
{
    /// <summary>The pair, or nothing where the repository has none.</summary>
    public async Task<ImmutableArray<ObservedVariable>> ListAsync(
        VariableScope.SshKeyPair scope, BitbucketCall call, CancellationToken cancellation)
    {
        try
        {
            var entry = await calls.RunAsync(call, token => api.GetKeyPairAsync(AddressOf(scope), token), cancellation);
            return SshPublicKey.Parse(entry?.PublicKey) is { } key
                ? [Observed(key)]
                : throw call.Incomplete("the key pair has no public key");
        }
        catch (RemoteFailureException missing) when (missing.Kind == FailureKind.NotFound)
        {
            // Bitbucket answers 404 for a repository that may not be seen as well.
            if (await new BitbucketRepositories(api, calls).RunPipelinesAsync(scope.InRepository(), cancellation) is null)
                throw;
            return [];
        }
    }

    /// <summary>Creates or changes the pair. The public key is taken from the private one, so that they belong together.</summary>
    public async Task<CreatedVariable> PutAsync(
        VariableScope.SshKeyPair scope, BitbucketCall call, SecretValue value, CancellationToken cancellation)
    {
        var key = SshPublicKey.OfPrivate(value);
        var tries = new Tries();
        await calls.RunAsync(
            call,
            () => VariableContent.KeyPair(key, value),
            async (content, token) =>
            {
                var entry = await api.PutKeyPairAsync(AddressOf(scope), content, token);
                return SshPublicKey.Parse(entry?.PublicKey) == key ? true : throw new GarbledAnswer("it names another key, or none");
            },
            cancellation, tries);
        return new(Observed(key), tries.MayHaveHappened ? PutEnd.MayLandAgain : PutEnd.Settled);
    }

    /// <summary>Deletes the pair. One that is gone already counts as deleted.</summary>
    public Task DeleteAsync(VariableScope.SshKeyPair scope, BitbucketCall call, CancellationToken cancellation) =>
        calls.DeleteAsync(call, token => api.DeleteAsync(AddressOf(scope), token), cancellation);

    private static string AddressOf(VariableScope.SshKeyPair scope) =>
        $"{VariableAddresses.Of(scope.InRepository())}/pipelines_config/ssh/key_pair";

    private static ObservedVariable Observed(SshPublicKey key) => new(key.Fingerprint, VariableScope.SshKeyPair.Key, Secured: true);
}
