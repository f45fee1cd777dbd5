using System.Collections.Concurrent;
using System.Collections.Immutable;
using SecretRotator.Backends;
using SecretRotator.Bitbucket;
using SecretRotator.Inventory;
using SecretRotator.Vaults;

namespace SecretRotator.Reliability.World;

/// <summary>Mistakes that a product could have, planted between it and its adapters, so that it is known that the experiments would find
/// them.</summary>
internal abstract class PlantedBugs
{
    /// <summary>The product as it is.</summary>
    public static PlantedBugs None { get; } = new Nothing();

    /// <summary>All of them, by the name that <c>--bug</c> takes.</summary>
    public static IReadOnlyDictionary<string, PlantedBugs> ByName { get; } = new SortedDictionary<string, PlantedBugs>(
        StringComparer.Ordinal)
    {
        ["none"] = None,
        ["undo-registered-after-the-act"] = new UndoRegisteredAfterTheAct(),
        ["promote-without-compare-and-set"] = new PromoteWithoutCompareAndSet(),
        ["claim-without-looking-again"] = new ClaimWithoutLookingAgain(),
        ["post-retried-blindly"] = new PostRetriedBlindly(),
        ["late-requests-forgotten"] = new LateRequestsForgotten(),
        ["lease-asked-once"] = new LeaseAskedOnce(),
        ["deleted-without-a-mark"] = new DeletedWithoutAMark(),
        ["hold-forgotten"] = new HoldForgotten(),
    };

    /// <summary>What the product gets in place of its variables.</summary>
    public virtual IVariableStore Of(IVariableStore variables) => variables;

    /// <summary>What the product gets in place of a vault.</summary>
    public virtual ISecretVault Of(ISecretVault vault) => vault;

    /// <summary>What the product gets in place of a backend.</summary>
    public virtual ICredentialBackend Of(ICredentialBackend backend) => backend;

    /// <summary>What the inventory says in place of the truth.</summary>
    public virtual ManagedSecret Of(ManagedSecret secret) => secret;

    private sealed class Nothing : PlantedBugs;

    // Where the undo is registered once the answer is there, a lost answer counts as "nothing was changed".
    private sealed class UndoRegisteredAfterTheAct : PlantedBugs
    {
        public override IVariableStore Of(IVariableStore variables) => new Optimist(variables);

        private sealed class Optimist(IVariableStore inner) : VariablesAsTheyAre(inner)
        {
            public override IVariableStore Under(Lease lease) => new Optimist(Inner.Under(lease));

            public override async Task<PutEnd> PutAsync(
                VariableScope scope, ObservedVariable variable, SecretValue value, CancellationToken cancellation)
            {
                try
                {
                    return await base.PutAsync(scope, variable, value, cancellation);
                }
                catch (RemoteFailureException lost)
                {
                    throw lost.With(Effect.Rejected);
                }
            }
        }
    }

    // Whatever is current is taken for what was current under the claim.
    private sealed class PromoteWithoutCompareAndSet : PlantedBugs
    {
        public override ISecretVault Of(ISecretVault vault) => new Careless(vault);

        private sealed class Careless(ISecretVault inner) : VaultAsItIs(inner)
        {
            public override async Task<VersionId> PromoteAsync(Claim claim, DeliveryMark mark, CancellationToken cancellation) =>
                await base.PromoteAsync(claim with { Base = (await DescribeAsync(claim.Path, cancellation)).Current }, mark, cancellation);
        }
    }

    // What was seen before the claim is taken for what holds under it.
    private sealed class ClaimWithoutLookingAgain : PlantedBugs
    {
        public override ISecretVault Of(ISecretVault vault) => new Trusting(vault);

        private sealed class Trusting(ISecretVault inner) : VaultAsItIs(inner)
        {
            private readonly ConcurrentDictionary<string, SecretDescription> _seen = new(StringComparer.Ordinal);

            public override async Task<ClaimResult> ClaimAsync(string path, ClaimRequest request, CancellationToken cancellation)
            {
                var result = await base.ClaimAsync(path, request, cancellation);
                return result is ClaimResult.Won won ? won with { Seen = null } : result;
            }

            public override async Task<SecretDescription> DescribeAsync(string path, CancellationToken cancellation) =>
                _seen.TryGetValue(path, out var seen) ? seen : _seen[path] = await base.DescribeAsync(path, cancellation);
        }
    }

    // A creation without an answer is made again, and what is there already is taken for someone else's.
    private sealed class PostRetriedBlindly : PlantedBugs
    {
        public override IVariableStore Of(IVariableStore variables) => new Stubborn(variables);

        private sealed class Stubborn(IVariableStore inner) : VariablesAsTheyAre(inner)
        {
            public override IVariableStore Under(Lease lease) => new Stubborn(Inner.Under(lease));

            public override async Task<CreatedVariable> CreateAsync(
                VariableScope scope, string key, SecretValue value, CancellationToken cancellation)
            {
                var created = await base.CreateAsync(scope, key, value, cancellation);
                return created.End == PutEnd.Settled
                    ? created
                    : throw new RemoteFailureException(FailureKind.Conflict, Effect.Rejected, $"The key {key} exists already.");
            }
        }
    }

    // An answer settles everything, whatever was sent before it.
    private sealed class LateRequestsForgotten : PlantedBugs
    {
        public override IVariableStore Of(IVariableStore variables) => new Forgetful(variables);

        private sealed class Forgetful(IVariableStore inner) : VariablesAsTheyAre(inner)
        {
            public override IVariableStore Under(Lease lease) => new Forgetful(Inner.Under(lease));

            public override async Task<PutEnd> PutAsync(
                VariableScope scope, ObservedVariable variable, SecretValue value, CancellationToken cancellation)
            {
                await base.PutAsync(scope, variable, value, cancellation);
                return PutEnd.Settled;
            }
        }
    }

    // The lease is asked before a call, and not again before each of its tries.
    private sealed class LeaseAskedOnce : PlantedBugs
    {
        public override IVariableStore Of(IVariableStore variables) => new Sleeper(variables, null);

        private sealed class Sleeper(IVariableStore inner, Lease? lease) : VariablesAsTheyAre(inner)
        {
            public override IVariableStore Under(Lease held) => new Sleeper(Inner, held);

            public override Task<PutEnd> PutAsync(
                VariableScope scope, ObservedVariable variable, SecretValue value, CancellationToken cancellation)
            {
                lease?.ThrowIfOver();
                return base.PutAsync(scope, variable, value, cancellation);
            }
        }
    }

    // What is deleted to be created anew is known to no one but to the run that deletes it.
    private sealed class DeletedWithoutAMark : PlantedBugs
    {
        public override ISecretVault Of(ISecretVault vault) => new Silent(vault);

        private sealed class Silent(ISecretVault inner) : VaultAsItIs(inner)
        {
            public override Task MarkDeliveringAsync(Claim claim, DeliveringMark mark, CancellationToken cancellation) =>
                Task.CompletedTask;
        }
    }

    // A rollback that doesn't say that it was one.
    private sealed class HoldForgotten : PlantedBugs
    {
        public override ISecretVault Of(ISecretVault vault) => new Silent(vault);

        private sealed class Silent(ISecretVault inner) : VaultAsItIs(inner)
        {
            public override Task<ClaimResult> ClaimAsync(string path, ClaimRequest request, CancellationToken cancellation) =>
                base.ClaimAsync(path, request with { Hold = null }, cancellation);
        }
    }

    private abstract class VariablesAsTheyAre(IVariableStore inner) : IVariableStore
    {
        protected IVariableStore Inner => inner;

        public abstract IVariableStore Under(Lease lease);

        public Task<ImmutableArray<ObservedVariable>> ListAsync(VariableScope scope, CancellationToken cancellation) =>
            inner.ListAsync(scope, cancellation);

        public virtual Task<PutEnd> PutAsync(
            VariableScope scope, ObservedVariable variable, SecretValue value, CancellationToken cancellation) =>
            inner.PutAsync(scope, variable, value, cancellation);

        public virtual Task<CreatedVariable> CreateAsync(
            VariableScope scope, string key, SecretValue value, CancellationToken cancellation) =>
            inner.CreateAsync(scope, key, value, cancellation);

        public Task DeleteAsync(VariableScope scope, string uuid, CancellationToken cancellation) =>
            inner.DeleteAsync(scope, uuid, cancellation);
    }

    private abstract class VaultAsItIs(ISecretVault inner) : ISecretVault
    {
        public VaultCosts Costs => inner.Costs;

        public virtual Task<SecretDescription> DescribeAsync(string path, CancellationToken cancellation) =>
            inner.DescribeAsync(path, cancellation);

        public Task<ImmutableArray<ListedVersion>> ListVersionsAsync(string path, CancellationToken cancellation) =>
            inner.ListVersionsAsync(path, cancellation);

        public Task<SecretVersion> ReadAsync(string path, VersionId version, CancellationToken cancellation) =>
            inner.ReadAsync(path, version, cancellation);

        public virtual Task<ClaimResult> ClaimAsync(string path, ClaimRequest request, CancellationToken cancellation) =>
            inner.ClaimAsync(path, request, cancellation);

        public Task StageAsync(Claim claim, SecretValue candidate, CancellationToken cancellation) =>
            inner.StageAsync(claim, candidate, cancellation);

        public Task<SecretVersion?> ReadStagedAsync(Claim claim, CancellationToken cancellation) =>
            inner.ReadStagedAsync(claim, cancellation);

        public virtual Task MarkDeliveringAsync(Claim claim, DeliveringMark mark, CancellationToken cancellation) =>
            inner.MarkDeliveringAsync(claim, mark, cancellation);

        public virtual Task<VersionId> PromoteAsync(Claim claim, DeliveryMark mark, CancellationToken cancellation) =>
            inner.PromoteAsync(claim, mark, cancellation);

        public Task FinishAsync(Claim claim, DeliveryMark mark, bool promoted, CancellationToken cancellation) =>
            inner.FinishAsync(claim, mark, promoted, cancellation);

        public Task MarkDisabledAsync(Claim claim, GraceMark mark, CancellationToken cancellation) =>
            inner.MarkDisabledAsync(claim, mark, cancellation);

        public Task RetireAsync(Claim claim, VersionId version, CancellationToken cancellation) =>
            inner.RetireAsync(claim, version, cancellation);

        public Task DiscardAsync(Claim claim, CancellationToken cancellation) => inner.DiscardAsync(claim, cancellation);
    }
}
