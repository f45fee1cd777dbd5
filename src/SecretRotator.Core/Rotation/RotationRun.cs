using SecretRotator.Evidence;
using SecretRotator.Inventory;
using SecretRotator.Planning;

namespace SecretRotator.Rotation;

/// <summary>What the rotations of one run share.</summary>
internal sealed class RotationRun(
    RotationInventory inventory, PlanRequest request, Observation observation, Observer observer, SharedListings listings, Slots slots)
{
    private EvidenceException? _lostEvidence;

    public RotationInventory Inventory => inventory;

    public PlanRequest Request => request;

    public Observation Observation => observation;

    public Observer Observer => observer;

    public SharedListings Listings => listings;

    public Slots Slots => slots;

    /// <summary>The first evidence that could not be written after something had been changed, or null.</summary>
    public EvidenceException? LostEvidence => _lostEvidence;

    public void Note(EvidenceException? lost)
    {
        if (lost is not null)
            Interlocked.CompareExchange(ref _lostEvidence, lost, null);
    }
}
