using System.Collections.Immutable;
using SecretRotator.Doctor;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;

namespace SecretRotator.Hosting;

/// <summary>Runs <c>doctor</c> over a world that stands.</summary>
internal static class DoctorRun
{
    /// <summary>Asks everything that is asked for. What is broken becomes an answer.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="stage">The world.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<DoctorReport> RunAsync(DoctorRequest request, CommandEnvironment stage, CancellationToken cancellation)
    {
        var broken = ImmutableArray<CheckResult>.Empty;
        Network network;
        try
        {
            network = Network.Open(stage.Settings.CaBundle, stage.Settings.Proxies);
        }
        catch (UsageException exception)
        {
            broken = [new CheckResult(CheckArea.Network, "ca-bundle", CheckStatus.Fail, exception.Problems[0].Message) { Why = "No service can be trusted by it, and no run starts. What follows was asked without it.", Fix = exception.Problems[0].Hint }];
            network = Network.Open(null, stage.Settings.Proxies);
        }

        using (network)
        using (var connections = request.Inventory.Inventory is { } inventory ? new DoctorConnections(stage.Settings, inventory, network, stage.Clock, stage.Time, request.Log) : null)
        {
            // A sandbox without an inventory doesn't stand, and the real services are nobody's rehearsal.
            var offline = request.Offline || (request.SandboxRun is not null && stage.Sandbox is null);
            var checks = CheckCatalog.Of(request, stage.Settings, network, connections, stage.Time)
                .Where(check => (!offline || !check.NeedsNetwork) && (request.Areas.IsEmpty || request.Areas.Contains(check.Area)))
                .ToImmutableArray();
            var answers = await CheckRunner.AskAsync(checks, stage.Settings.Parallelism, request.Log.Failed, cancellation);
            return new DoctorReport([.. broken.Where(_ => request.Areas.IsEmpty || request.Areas.Contains(CheckArea.Network)).Concat(answers).OrderBy(result => result.Area)], offline, stage.Note);
        }
    }
}
