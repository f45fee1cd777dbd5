using SecretRotator.Attestations;
using SecretRotator.Evidence;

namespace SecretRotator.Rotation;

/// <summary>What the rotations of one run share.</summary>
internal sealed class RotationRun(
    RotationInventory inventory, PlanRequest request, Observation observation, Observer observer, SharedListings listings,
    SharedAttestations attestations, SemaphoreSlim slots)
{
    private EvidenceException? _lostEvidence;

    public RotationInventory Inventory => inventory;

    public PlanRequest Request => request;

    public Observation Observation => observation;

    public Observer Observer => observer;

    public SharedListings Listings => listings;

    public SharedAttestations Attestations => attestations;

    /// <summary>How many rotations may be at work at once. One that waits for others gives its place up meanwhile.</summary>
    public SemaphoreSlim Slots => slots;

    /// <summary>The first evidence that could not be written after something had been changed, or null.</summary>
    public EvidenceException? LostEvidence => _lostEvidence;

    /// <summary>Announces a rotation before any rotation of the run begins.</summary>
    public void Expect(ManagedSecret secret)
    {
        listings.Expect(secret);
        attestations.Expect(secret);
    }

    /// <summary>Reports that a rotation needs no verification any more. May be called at any time, more than once.</summary>
    public void Leave(ManagedSecret secret)
    {
        listings.Leave(secret);
        attestations.Leave(secret);
    }

    public void Note(EvidenceException? lost)
    {
        if (lost is not null)
            Interlocked.CompareExchange(ref _lostEvidence, lost, null);
    }
}
