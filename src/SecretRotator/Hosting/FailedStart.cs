using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Planning;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Http;

namespace SecretRotator.Hosting;

/// <summary>
/// Leaves evidence of a run that could not begin because an identity or a credential is missing: a schedule that fails every night must be
/// visible in evidence, and not only in the pipeline's log.
/// </summary>
internal static class FailedStart
{
    /// <summary>Writes it where the run's own evidence would have gone. Where that fails too, the log tells.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="environment">What it was to run against.</param>
    /// <param name="listeners">Told of every record.</param>
    /// <param name="failure">Why the run could not begin.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task TellAsync(
        SessionRequest request, CommandEnvironment environment, ImmutableArray<IEvidenceLog> listeners, Exception failure,
        CancellationToken cancellation)
    {
        try
        {
            var path = await WriteAsync(request, environment, listeners, failure, cancellation);
            request.Log.Notice($"The run could not begin; its evidence tells why: {path}");
        }
        catch (Exception other) when (other is UsageException or RemoteFailureException or EvidenceException)
        {
            request.Log.Notice($"The run could not begin, and no evidence of that could be kept. {other.Message}");
        }
    }

    private static async Task<string> WriteAsync(
        SessionRequest request, CommandEnvironment environment, ImmutableArray<IEvidenceLog> listeners, Exception failure,
        CancellationToken cancellation)
    {
        var random = new SystemRandom();
        using var network = Network.Open(environment.Settings.CaBundle, environment.Settings.Proxies);
        var settings = environment.Settings;
        S3Connection Connect(S3Location location) => S3Connection.Open(
            location, settings.S3, settings.S3Identity, settings.Endpoints.S3, network.Handler, environment.Clock, random,
            environment.Time);
        using var evidence = await EvidenceOpening.OpenAsync(
            request, environment, Connect, _ => Task.FromResult(SigningKeySource.AtHand(request)), random, listeners, cancellation);
        evidence.Log.Append(new EvidenceRecord.RunStarted(
            evidence.BeganAt, request.Command, ProductVersion.Text, Connections.SelfOf(settings), InventoryDigest.Of(request.Inventory))
        {
            Run = evidence.Run,
            By = request.Settings.Operator,
            After = evidence.Before.After,
            Beside = evidence.Before.Beside,
        });
        await evidence.BeginAsync(cancellation);
        var cause = Debugging.StoppedBy(failure);
        var closed = SigningKeySource.IsInVault(request)
            ? await evidence.LeaveOpenAsync(cause)
            : await evidence.CloseAsync(ExitCodes.Of(failure), cause);
        return closed.Archived switch
        {
            ArchiveOutcome.Stored stored => stored.Addresses[0],
            ArchiveOutcome.Missing missing => $"{closed.File} ({missing.Failure.Message})",
            _ => closed.File,
        };
    }
}
