using SecretRotator.Evidence;

namespace SecretRotator.Tests.Models;

/// <summary>Keeps evidence in memory; something happens before the records that a test waits for.</summary>
internal sealed class OnRecord(List<EvidenceRecord> records, Func<EvidenceRecord, bool> isMeant, Action happens) : IEvidenceLog
{
    public void Append(EvidenceRecord record)
    {
        lock (records)
        {
            if (isMeant(record))
                happens();
            records.Add(record);
        }
    }
}
