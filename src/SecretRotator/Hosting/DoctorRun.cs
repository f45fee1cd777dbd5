using SecretRotator.Doctor;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;

namespace SecretRotator.Hosting;

/// <summary>Runs <c>doctor</c>.</summary>
internal static class DoctorRun
{
    /// <summary>Runs the requested checks. What is broken becomes a result.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="environment">What is checked: the real services, or the sandbox.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<DoctorReport> RunAsync(DoctorRequest request, CommandEnvironment environment, CancellationToken cancellation)
    {
        var broken = ImmutableArray<CheckResult>.Empty;
        Network network;
        try
        {
            network = Network.Open(environment.Settings.CaBundle, environment.Settings.Proxies);
        }
        catch (UsageException exception)
        {
            broken =
            [
                CheckResult.Fail(
                    CheckArea.Network, "ca-bundle", exception.Problems[0].Message,
                    "No service can be trusted by it, and no run starts. What follows was asked without it.",
                    exception.Problems[0].Hint!),
            ];
            network = Network.Open(null, environment.Settings.Proxies);
        }

        using (network)
        using (var connections = request.Inventory.Inventory is { } inventory
            ? new DoctorConnections(environment.Settings, inventory, network, environment.Clock, environment.Time, request.Log)
            : null)
        {
            // A sandbox can't start without an inventory, and the real services must not be asked in its place.
            var offline = request.Offline || (request.SandboxRun is not null && environment.Sandbox is null);
            var checks = CheckCatalog.Of(request, environment.Settings, network, connections, environment.Time)
                .Where(check => (!offline || !check.NeedsNetwork) && request.Includes(check.Area))
                .ToImmutableArray();
            var answers = await CheckRunner.AskAsync(checks, environment.Settings.Parallelism, request.Log.Failed, cancellation);
            return new DoctorReport(
                [.. broken.Where(_ => request.Includes(CheckArea.Network)).Concat(answers)
                    .OrderBy(result => result.Area)], offline, environment.Note);
        }
    }
}
