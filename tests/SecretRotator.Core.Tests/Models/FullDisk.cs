using SecretRotator.Evidence;

namespace SecretRotator.Tests.Models;

/// <summary>Takes so many records and loses every further one.</summary>
internal sealed class FullDisk(int room) : IEvidenceLog
{
    public List<EvidenceRecord> Records { get; } = [];

    public int Lost { get; private set; }

    public void Append(EvidenceRecord record)
    {
        lock (Records)
        {
            if (Records.Count >= room)
                throw new EvidenceException($"Record {++Lost} is lost.");
            Records.Add(record);
        }
    }
}
