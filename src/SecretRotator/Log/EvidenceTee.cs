using SecretRotator.Evidence;

namespace SecretRotator.Log;

/// <summary>Stores evidence first, then passes it to what displays it. A failure to display stops nothing.</summary>
internal sealed class EvidenceTee(IEvidenceLog evidence, ImmutableArray<IEvidenceLog> listeners) : IEvidenceLog
{
    /// <inheritdoc />
    public void Append(EvidenceRecord record)
    {
        evidence.Append(record);
        foreach (var listener in listeners)
        {
            try
            {
                listener.Append(record);
            }
            catch (IOException)
            {
                // A full disk or a closed pipe behind stderr must not break a rotation in the middle.
            }
        }
    }
}
