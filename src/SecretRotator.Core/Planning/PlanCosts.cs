using SecretRotator.Attestations;

namespace SecretRotator.Planning;

/// <summary>Counts the calls that observing and acting cost, before they are made.</summary>
internal sealed class PlanCosts(RotationInventory inventory, Observation observation, Func<string, VaultCosts> costs)
{
    /// <summary>Atlassian lists at most 100 variables a page.</summary>
    private const int VariablesPerPage = 100;

    // Its start, five looks, its steps and its log: a pipeline that has ended within a minute. A slower one costs a look more every half a
    // minute.
    private const int CallsOfAnAttestation = 8;

    /// <summary>Those that wait for a runner, then those that run: Bitbucket filters by one state a call.</summary>
    private const int CallsToListRunning = 2;

    // The current version, and the old one.
    private const int ReadsOfAnOldCredential = 2;

    /// <summary>
    /// One listing for each scope that isn't left out, one listing of environments for each repository that has such a target in one, one
    /// listing of the home repository where claims are kept there, one question for each pipeline that holds a claim,
    /// the lists of pipelines where they matter, one description for each secret, and a look at each old credential that is to be ended.
    /// </summary>
    public CallCost OfObserving(ImmutableArray<ManagedSecret> secrets)
    {
        var scopes = secrets.SelectMany(s => s.Targets).Select(t => t.Scope).Distinct().Where(scope => !IsLeftOut(scope)).ToList();
        var repositories = scopes.OfType<VariableScope.Environment>().Select(e => (e.WorkspaceSlug, e.Slug)).Distinct().Count();
        return new(
            Bitbucket: scopes.Sum(OfListing) + repositories + OfClaims(secrets)
                + secrets.Count(secret => observation.DescriptionOf(secret)?.Open?.Holder is Holder.Pipeline)
                + (observation.Running.Count * CallsToListRunning),
            Vault: secrets.Sum(s => costs(s.Vault).Describe) + (observation.OldCredentials.Count * ReadsOfAnOldCredential))
        {
            Backend = observation.OldCredentials.Count,
        };
    }

    /// <summary>Bitbucket calls of listing the claims that are kept there, whatever else is listed.</summary>
    public int OfClaims(ImmutableArray<ManagedSecret> secrets) =>
        secrets.Any(secret => costs(secret.Vault).ClaimBitbucketCalls > 0) ? OfListing(inventory.Home) : 0;

    /// <summary>
    /// What is listed to judge a secret, with its Bitbucket calls: scopes, the environments of their repositories, and pipelines where they
    /// matter. Secrets that need the same share it.
    /// </summary>
    public IEnumerable<(object What, int Calls)> ToObserve(ManagedSecret secret, Decision decision)
    {
        foreach (var scope in secret.Targets.Select(t => t.Scope).Distinct())
        {
            yield return (scope, OfListing(scope));
            if (scope is VariableScope.Environment environment)
                yield return ((environment.WorkspaceSlug, environment.Slug), 1);
        }

        if (!(secret.Wait is not null && decision is Decision.Due or Decision.Forced)
            && !(secret.Grace is GracePolicy.UntilPipelinesFinish && RetiresFirst(secret)))
            yield break;
        foreach (var repository in PipelineRepositories.Of(secret, inventory))
            yield return ((CallsToListRunning, repository), CallsToListRunning);
    }

    /// <summary>Whether a scope of it is not listed, so that it can't be judged.</summary>
    public bool IsLeftOut(ManagedSecret secret) => secret.Targets.Any(target => IsLeftOut(target.Scope));

    /// <summary>
    /// The calls of one secret: a PUT for each target, the claim's, and the vault's; where no new value is made, one more
    /// listing of each scope, under the claim. Where a request of an earlier delivery may still be under way, a target is
    /// deleted and created instead of put. Where it waits for idle pipelines, they are listed again under the claim. Nothing
    /// where nothing is done.
    /// </summary>
    public CallCost OfActing(ManagedSecret secret, Decision decision)
    {
        if (!decision.IsStarted)
            return default;
        var vault = costs(secret.Vault);
        if (decision is Decision.Retire)
            return new CallCost(vault.ClaimBitbucketCalls, vault.Deliver) + OfRetiringAtBackend(secret, vault);
        var takesOver = decision is Decision.Unfinished && vault.ClaimBitbucketCalls > 0;
        return OfBackend(secret, decision, vault) + new CallCost(
            Bitbucket: secret.Targets.Length + Replaced(secret, decision) + vault.ClaimBitbucketCalls + (takesOver ? 1 : 0)
                + (MakesValue(secret, decision) ? 0 : secret.Targets.Select(t => t.Scope).Distinct().Sum(OfListing))
                + (decision is Decision.Due && secret.Wait is not null ? CallsToListRunning * RepositoriesSeenOf(secret) : 0),
            Vault: decision switch
            {
                Decision.Redeliver or Decision.Adopt =>
                    vault.Deliver + OfMarking(secret, decision) + (secret.Value is ValuePolicy.VaultManaged ? vault.Describe : 0),
                Decision.Unfinished unfinished => vault.Resume + (unfinished.Open.Staged ? 0 : OfMarking(secret, decision)),
                _ =>
                    (secret.Value is ValuePolicy.VaultManaged ? vault.RotateByVault ?? vault.Rotate : vault.Rotate)
                        + OfMarking(secret, decision) + (MakesValue(secret, decision) && RetiresFirst(secret) ? vault.Retire : 0)
                        + (observation.DescriptionOf(secret)?.Hold is null ? 0 : vault.Lift),
            });
    }

    /// <summary>A rotation whose value is an old version's, which is looked up and read besides.</summary>
    public CallCost OfRestoring(ManagedSecret secret, Decision decision) =>
        decision.IsStarted ? OfActing(secret, decision) + new CallCost(0, costs(secret.Vault).ListVersions + 1) : default;

    /// <summary>The calls of all items, one listing of each scope that they touch, and one pipeline for each place that attests.</summary>
    public CallCost OfActing(ImmutableArray<PlanItem> items)
    {
        var delivering = items.Where(i => i.Decision is { IsStarted: true } and not Decision.Retire).Select(i => i.Secret).ToList();
        var listings = delivering.SelectMany(secret => secret.Targets).Select(target => target.Scope).Distinct().Sum(OfListing);
        var proofs = CallsOfAnAttestation * delivering.SelectMany(secret => AttestationPlace.Of(secret, inventory.Attestation)).Distinct()
            .Count();
        return items.Aggregate(new CallCost(listings + proofs, 0), (sum, item) => sum + item.Cost);
    }

    /// <summary>What verifies a delivery, with its Bitbucket calls: listings of scopes, and pipelines. Secrets that need the same share it,
    /// and so wait for each other.</summary>
    public IEnumerable<(object What, int Calls)> ToVerify(ManagedSecret secret, Decision decision) => decision is Decision.Retire
        ? []
        :
        [
            .. secret.Targets.Select(t => t.Scope).Distinct().Select(scope => ((object)scope, OfListing(scope))),
            .. AttestationPlace.Of(secret, inventory.Attestation).Select(place => ((object)place, CallsOfAnAttestation)),
        ];

    /// <summary>Bitbucket calls of undoing what is done with a secret: a write for each target, and a listing of each scope.</summary>
    public int OfUndoing(ManagedSecret secret, Decision decision) => decision is Decision.Retire
        ? 0
        : secret.Targets.Length + secret.Targets.Select(t => t.Scope).Distinct().Sum(OfListing);

    // CHECK looks and proves the current credential, SET or ISSUE, PROVE; its staged version is read back once more. Where the value is
    // issued, CHECK reads the old version too; where it is set, the secret is described just before.
    private CallCost OfBackend(ManagedSecret secret, Decision decision, VaultCosts vault) => (secret.Backend, decision) switch
    {
        (null, _) => default,
        (_, Decision.Redeliver or Decision.Adopt) => new CallCost(0, 0) { Backend = 1 },
        (var backend, _) => new CallCost(0, 1 + (backend.Traits.Family == BackendFamily.Issue ? vault.StagesLater : vault.Describe))
        {
            Backend = 4,
        }
            + (MakesValue(secret, decision) && RetiresFirst(secret)
                ? OfRetiringAtBackend(secret, vault) + new CallCost(0, backend.Traits.Family == BackendFamily.Issue ? 1 : 0)
                : default),
    };

    // The old version is read; its last use is looked up; it is disabled and proven to be refused; later it is deleted. The secret is
    // described before each of the two.
    private static CallCost OfRetiringAtBackend(ManagedSecret secret, VaultCosts vault) => secret.Backend is not { } backend
        ? default
        : new CallCost(0, 1 + (vault.Describe * (backend.Traits.Family == BackendFamily.Issue ? 2 : 1)))
        {
            Backend = 2 + (backend.Traits.TellsLastUse ? 1 : 0) + (backend.Traits.Family == BackendFamily.Issue ? 1 : 0),
        };

    private static bool MakesValue(ManagedSecret secret, Decision decision) =>
        decision is Decision.Due or Decision.Forced && secret.Value is not ValuePolicy.VaultManaged;

    // A workspace variable matters to every repository that was seen, since all of the inventory's were asked for it.
    private int RepositoriesSeenOf(ManagedSecret secret) => IsLeftOut(secret)
        ? PipelineRepositories.Of(secret, inventory).Length
        : observation.Running.Keys.Count(repository => secret.Targets.Any(
        target => target.Scope.InRepository() is { } own ? own == repository : target.Scope.WorkspaceSlug == repository.WorkspaceSlug));

    private bool RetiresFirst(ManagedSecret secret) => secret.Grace is not null && observation.DescriptionOf(secret)?.Grace is not null;

    // Whether a repository that answers 404 for its key pair can be seen at all is asked besides.
    private int OfListing(VariableScope scope) => observation.Scopes.GetValueOrDefault(scope) is ScopeObservation.Listed listed
        ? scope is VariableScope.SshKeyPair && listed.Variables.IsEmpty
            ? 2
            : Math.Max(1, (listed.Variables.Length + VariablesPerPage - 1) / VariablesPerPage)
        : 1;

    private bool IsLeftOut(VariableScope scope) => observation.Scopes.GetValueOrDefault(scope) is ScopeObservation.LeftOut;

    // A delivery that deletes variables is marked before; a mark that exists is removed at the end.
    private int OfMarking(ManagedSecret secret, Decision decision)
    {
        var vault = costs(secret.Vault);
        var marks = (!MakesValue(secret, decision) && Replaced(secret, decision) > 0 ? 1 : 0)
            + (observation.DescriptionOf(secret)?.Delivering is null ? 0 : 1);
        return marks * (vault.MarkDelivering + vault.EndDelivering);
    }

    // The variables that are deleted to be created anew.
    private int Replaced(ManagedSecret secret, Decision decision) => MayReplace(secret, decision)
        ? secret.Targets.Count(target => target.Scope is not VariableScope.SshKeyPair
            && TargetsDigest.UuidOf(target, observation.Scopes) is not null)
        : 0;

    private bool MayReplace(ManagedSecret secret, Decision decision) => decision is Decision.Unfinished
        || (observation.DescriptionOf(secret) is { } seen && observation.At < seen.UnsettledUntil(inventory.Limits));
}
