using System.Collections.Immutable;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Planning;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Http;
using SecretRotator.Values;

namespace SecretRotator.Hosting;

/// <summary>
/// Leaves evidence of a run that could not begin, for want of an identity or of a credential: a schedule that fails every night must show to
/// whoever reads evidence, and not only to whoever reads the pipeline's log.
/// </summary>
internal static class FailedStart
{
    /// <summary>Writes it where the run's own evidence would have gone. Where that fails too, the log tells; nothing is thrown but a cancellation.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="stage">The world.</param>
    /// <param name="usual">The directory where nobody names another place.</param>
    /// <param name="listeners">Told of every record.</param>
    /// <param name="failure">Why the run could not begin.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task TellAsync(SessionRequest request, CommandEnvironment stage, string usual, ImmutableArray<IEvidenceLog> listeners, Exception failure, CancellationToken cancellation)
    {
        try
        {
            var path = await WriteAsync(request, stage, usual, listeners, failure, cancellation);
            request.Log.Notice($"The run could not begin; its evidence tells why: {path}");
        }
        catch (Exception other) when (other is UsageException or RemoteFailureException or EvidenceException)
        {
            request.Log.Notice($"The run could not begin, and no evidence of that could be kept. {other.Message}");
        }
    }

    private static async Task<string> WriteAsync(
        SessionRequest request, CommandEnvironment stage, string usual, ImmutableArray<IEvidenceLog> listeners, Exception failure, CancellationToken cancellation)
    {
        var random = new SystemRandom();
        using var network = Network.Open(stage.Settings.CaBundle, stage.Settings.Proxies);
        S3Connection Connect(S3Location location) => S3Connection.Open(
            location,
            stage.Settings.S3,
            stage.Settings.S3Identity,
            stage.Settings.Endpoints.S3,
            network.Handler,
            stage.Clock,
            random,
            stage.Time);
        using var evidence = await EvidenceOpening.OpenAsync(
            request, stage, Connect, _ => Task.FromResult(SigningKeySource.AtHand(request)), random, usual, listeners, cancellation);
        evidence.Log.Append(new EvidenceRecord.RunStarted(
            evidence.BeganAt, request.Command, ProductVersion.Text, Connections.SelfOf(stage.Settings), InventoryDigest.Of(request.Inventory))
        {
            Run = evidence.Run,
            By = Operator.Name(request.Settings),
            After = evidence.Before.After,
            Beside = evidence.Before.Beside,
        });
        await evidence.BeginAsync(cancellation);
        var cause = Debugging.Problems(failure)[0].Message;
        var closed = SigningKeySource.IsInVault(request) ? await evidence.LeaveOpenAsync(cause) : await evidence.CloseAsync(ExitCodes.Of(failure), cause);
        return closed.Archived switch
        {
            ArchiveOutcome.Stored stored => stored.Addresses[0],
            ArchiveOutcome.Missing missing => $"{closed.File} ({missing.Cause})",
            _ => closed.File,
        };
    }
}
