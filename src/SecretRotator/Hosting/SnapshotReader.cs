using NodaTime;
using SecretRotator.Audit;
using SecretRotator.Planning;
using SecretRotator.Vaults;
using SecretRotator.Verification;

namespace SecretRotator.Hosting;

/// <summary>Observes, and makes of it what a command asks for. Holds readers only.</summary>
internal sealed class SnapshotReader(SessionRequest request, Connections connections, IClock clock)
{
    private readonly Func<string, IVaultReader> _vaults = connections.Vault;
    private readonly Observer _observer = new(connections.Vault, connections.Variables, connections.Holders, clock, request.Settings.Parallelism) { InFlight = connections.InFlight, Self = connections.Self };

    /// <summary>Observes what a plan rests on, and plans.</summary>
    public async Task<RotationPlan> PlanAsync(PlanRequest wanted, CancellationToken cancellation) =>
        Plan(await _observer.ObserveAsync(request.Inventory, wanted, cancellation), wanted);

    /// <summary>Observes what may hide a target as well, and compares.</summary>
    public async Task<DriftReport> CheckAsync(PlanRequest wanted, CancellationToken cancellation) => Compare(await ObserveAllAsync(wanted, cancellation), wanted);

    /// <summary>Does both with one observation.</summary>
    public async Task<Snapshot> LookAsync(PlanRequest wanted, CancellationToken cancellation)
    {
        var observation = await ObserveAllAsync(wanted, cancellation);
        return new Snapshot(request.Inventory, observation, Plan(observation, wanted), Compare(observation, wanted)) { Credential = connections.CredentialEnd };
    }

    private Task<Observation> ObserveAllAsync(PlanRequest wanted, CancellationToken cancellation) =>
        _observer.ObserveAsync(request.Inventory, wanted, DriftCheck.ScopesThatMayHide(request.Inventory, wanted), cancellation);

    private RotationPlan Plan(Observation observation, PlanRequest wanted) =>
        Planner.Plan(request.Inventory, observation, wanted, clock.GetCurrentInstant(), vault => _vaults(vault).Costs);

    private DriftReport Compare(Observation observation, PlanRequest wanted) =>
        DriftCheck.Compare(request.Inventory, observation, wanted, clock.GetCurrentInstant());
}
