using System.Collections.Immutable;
using SecretRotator.Commands;
using SecretRotator.Evidence;
namespace SecretRotator;
internal sealed class Composition : ICommandWorld
{
    public Task<ILookout> OpenLookoutAsync(WorldRequest request, CancellationToken cancellation) => throw new NotSupportedException();
    public Task<IRotator> OpenRotatorAsync(WorldRequest request, ImmutableArray<IEvidenceLog> listeners, CancellationToken cancellation) => throw new NotSupportedException();
}
