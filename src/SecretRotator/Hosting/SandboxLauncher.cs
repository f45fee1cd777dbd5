#if SANDBOX
using SecretRotator.Providers.Backends;
using SecretRotator.Sandbox;
using SecretRotator.Settings;

namespace SecretRotator.Hosting;

/// <summary>Starts the sandbox in this process and points the settings at it. No real credential goes there.</summary>
internal static class SandboxLauncher
{
    /// <summary>Starts it.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="folder">Where its state is kept.</param>
    /// <param name="real">The machine's clock.</param>
    /// <param name="time">In which the program waits and measures.</param>
    /// <param name="keepsTime">Whether its clock is left alone, whatever time the command pretends.</param>
    /// <param name="cancellation">Stops the start.</param>
    /// <exception cref="UsageException">A fault can't be read, the folder can't be used, or a database doesn't start.</exception>
    public static async Task<CommandEnvironment> StartAsync(
        SessionRequest request, string folder, IClock real, TimeProvider time, bool keepsTime, CancellationToken cancellation)
    {
        var run = request.SandboxRun!;
        try
        {
            var sandbox = await RunningSandbox.StartAsync(
                request.Inventory,
                new SandboxOptions
                {
                    StateFolder = folder,
                    Faults = run.Faults,
                    RealDatabases = run.RealDatabases,
                    Now = keepsTime ? null : run.Now,
                    KillClient = SandboxOptions.KillThisProcess,
                    Note = request.Log.Notice,
                    RealClock = real,
                },
                cancellation);
            var there = SettingsReader.ReadEnvironment(sandbox.Settings, request.Settings.Providers.Registered);
            MustStayHere(there, request.Inventory);
            var settings = request.Settings with
            {
                Endpoints = there.Endpoints,
                CaBundle = there.CaBundle,
                Proxies = there.Proxies is { } proxies ? proxies with { AlsoForLoopback = true } : null,
                Bitbucket = there.Bitbucket,
                BitbucketEmail = there.BitbucketEmail,
                BitbucketClientId = there.BitbucketClientId,
                Providers = there.Providers,
                S3 = request.Settings.S3 with { Region = there.S3.Region, Role = there.S3.Role },
                Pipeline = there.Pipeline,
                StepToken = there.StepToken,
            };
            return new CommandEnvironment(
                settings, sandbox.Clock, time, new SandboxNote(sandbox.Clock.GetCurrentInstant(), folder), sandbox);
        }
        catch (SandboxFailureException exception)
        {
            throw new UsageException(exception.Message);
        }
    }

    // A run in the sandbox must never reach a real service: a service without an address on this machine stops it.
    private static void MustStayHere(RotatorSettings there, RotationInventory inventory)
    {
        var endpoints = there.Endpoints;
        Uri?[] addresses =
        [
            endpoints.Bitbucket, endpoints.BitbucketOAuth, endpoints.S3, endpoints.Oidc,
            .. there.Providers.Endpoints(inventory).Select(endpoint => endpoint.Address),
            .. BackendProviders.EndpointsOf(inventory, there.Providers).Select(endpoint => endpoint.Address),
        ];
        if (addresses.Any(address => address is not { IsLoopback: true }))
            throw new InvalidOperationException("The sandbox leaves a service without an address on this machine.");
    }
}
#endif
