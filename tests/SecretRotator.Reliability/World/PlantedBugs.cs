using System.Collections.Concurrent;
using SecretRotator.Backends;
using SecretRotator.Bitbucket;

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
        ["set-before-stage"] = new SetBeforeStage(),
        ["revoked-while-targets-are-in-doubt"] = new RevokedWhileTargetsAreInDoubt(),
        ["issue-repeated"] = new IssueRepeated(),
        ["proven-from-memory"] = new ProvenFromMemory(),
        ["disabled-before-delivery"] = new DisabledBeforeDelivery(),
        ["orphan-not-looked-for"] = new OrphanNotLookedFor(),
        ["settles-ignored"] = new SettlesIgnored(),
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

    // The backend gets the value before any vault has it.
    private sealed class SetBeforeStage : PlantedBugs
    {
        public override ICredentialBackend Of(ICredentialBackend backend) => new Hasty(backend);

        private sealed class Hasty(ICredentialBackend inner) : BackendAsItIs(inner)
        {
            public override SecretValue Prepare(SecretValue current, SecretValue generated)
            {
                var made = base.Prepare(current, generated);
                _ = SetAsync(new RotationId("hasty"), made, CancellationToken.None);
                return made;
            }
        }
    }

    // A target that was refused is reason enough to end the new credential, whatever the other targets hold.
    private sealed class RevokedWhileTargetsAreInDoubt : PlantedBugs
    {
        private Func<Task> _revoke = () => Task.CompletedTask;

        public override ICredentialBackend Of(ICredentialBackend backend) => new Noting(backend, this);

        public override IVariableStore Of(IVariableStore variables) => new Rash(variables, this);

        private sealed class Noting(ICredentialBackend inner, RevokedWhileTargetsAreInDoubt bug) : BackendAsItIs(inner)
        {
            public override async Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation)
            {
                var slot = SlotOf(staged);
                await base.SetAsync(rotation, staged, cancellation);
                bug._revoke = () => DisableAsync(slot, default, CancellationToken.None);
            }
        }

        private sealed class Rash(IVariableStore inner, RevokedWhileTargetsAreInDoubt bug) : VariablesAsTheyAre(inner)
        {
            public override IVariableStore Under(Lease lease) => new Rash(Inner.Under(lease), bug);

            public override async Task<PutEnd> PutAsync(
                VariableScope scope, ObservedVariable variable, SecretValue value, CancellationToken cancellation)
            {
                try
                {
                    return await base.PutAsync(scope, variable, value, cancellation);
                }
                catch (RemoteFailureException)
                {
                    await bug._revoke();
                    throw;
                }
            }
        }
    }

    // A creation without an answer is made again.
    private sealed class IssueRepeated : PlantedBugs
    {
        public override ICredentialBackend Of(ICredentialBackend backend) => new Stubborn(backend);

        private sealed class Stubborn(ICredentialBackend inner) : BackendAsItIs(inner)
        {
            public override async Task<SecretValue> IssueAsync(RotationId rotation, SecretValue current, CancellationToken cancellation)
            {
                try
                {
                    return await base.IssueAsync(rotation, current, cancellation);
                }
                catch (RemoteFailureException lost) when (lost.Effect == Effect.Unknown)
                {
                    return await base.IssueAsync(rotation, current, cancellation);
                }
            }
        }
    }

    // What is proven and compared is what the process remembers, over a vault that keeps something else.
    private sealed class ProvenFromMemory : PlantedBugs
    {
        public override ISecretVault Of(ISecretVault vault) => new Cutting(vault);

        private sealed class Cutting(ISecretVault inner) : VaultAsItIs(inner)
        {
            private SecretValue? _remembered;

            public override Task<ClaimResult> ClaimAsync(string path, ClaimRequest request, CancellationToken cancellation)
            {
                if (request.StagesLater || request.TakeOver is not null)
                    return base.ClaimAsync(path, request, cancellation);
                _remembered = request.Candidate.Copy();
                return base.ClaimAsync(path, request with { Candidate = Cut(request.Candidate) }, cancellation);
            }

            public override Task StageAsync(Claim claim, SecretValue candidate, CancellationToken cancellation) =>
                base.StageAsync(claim, Cut(_remembered = candidate.Copy()), cancellation);

            public override async Task<SecretVersion?> ReadStagedAsync(Claim claim, CancellationToken cancellation) =>
                await base.ReadStagedAsync(claim, cancellation) is { } staged && _remembered is { } remembered
                    ? staged with { Value = remembered.Copy() }
                    : null;

            // The last character of the last field.
            private static SecretValue Cut(SecretValue whole) => SecretValue.FromText(whole.RevealText()[..^3] + "\"}");
        }
    }

    // The old credential ends as soon as there is a new one.
    private sealed class DisabledBeforeDelivery : PlantedBugs
    {
        public override ICredentialBackend Of(ICredentialBackend backend) => new Tidy(backend);

        private sealed class Tidy(ICredentialBackend inner) : BackendAsItIs(inner)
        {
            private SlotId _old;

            public override Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation)
            {
                _old = SlotOf(current);
                return base.InspectAsync(current, cancellation);
            }

            public override async Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation)
            {
                await base.SetAsync(rotation, staged, cancellation);
                await DisableAsync(_old, SlotOf(staged), cancellation);
            }
        }
    }

    // Whatever a run left that died after it had asked for a credential is not looked for.
    private sealed class OrphanNotLookedFor : PlantedBugs
    {
        public override ICredentialBackend Of(ICredentialBackend backend) => new Blind(backend);

        private sealed class Blind(ICredentialBackend inner) : BackendAsItIs(inner)
        {
            public override async Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation)
            {
                var seen = await base.InspectAsync(current, cancellation);
                return seen with { Slots = [.. seen.Slots.Where(slot => slot.Id == SlotOf(current))] };
            }
        }
    }

    // An unanswered write is taken for settled at once.
    private sealed class SettlesIgnored : PlantedBugs
    {
        public override ManagedSecret Of(ManagedSecret secret) => secret.Backend is ModelBackendDefinition backend
            ? secret with { Backend = backend with { ClaimsToSettleAtOnce = true } }
            : secret;
    }

    private abstract class BackendAsItIs(ICredentialBackend inner) : ICredentialBackend
    {
        public SlotId SlotOf(SecretValue credential) => inner.SlotOf(credential);

        public virtual Task<BackendState> InspectAsync(SecretValue current, CancellationToken cancellation) =>
            inner.InspectAsync(current, cancellation);

        public Task<Proof> ProveAsync(SecretValue credential, CancellationToken cancellation) => inner.ProveAsync(credential, cancellation);

        public virtual SecretValue Prepare(SecretValue current, SecretValue generated) => inner.Prepare(current, generated);

        public virtual Task SetAsync(RotationId rotation, SecretValue staged, CancellationToken cancellation) =>
            inner.SetAsync(rotation, staged, cancellation);

        public virtual Task<SecretValue> IssueAsync(RotationId rotation, SecretValue current, CancellationToken cancellation) =>
            inner.IssueAsync(rotation, current, cancellation);

        public Task DisableAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) =>
            inner.DisableAsync(slot, inUse, cancellation);

        public Task EnableAsync(SlotId slot, SecretValue credential, CancellationToken cancellation) =>
            inner.EnableAsync(slot, credential, cancellation);

        public Task DeleteAsync(SlotId slot, SlotId inUse, CancellationToken cancellation) => inner.DeleteAsync(slot, inUse, cancellation);
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

        public virtual Task StageAsync(Claim claim, SecretValue candidate, CancellationToken cancellation) =>
            inner.StageAsync(claim, candidate, cancellation);

        public virtual Task<SecretVersion?> ReadStagedAsync(Claim claim, CancellationToken cancellation) =>
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
