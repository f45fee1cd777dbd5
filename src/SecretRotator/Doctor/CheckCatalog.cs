using SecretRotator.Doctor.BitbucketAccess;
using SecretRotator.Doctor.Connectivity;
using SecretRotator.Doctor.PipelineFile;
using SecretRotator.Doctor.Repository;
using SecretRotator.Doctor.Runner;
using SecretRotator.Hosting;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;
using SecretRotator.Settings;

namespace SecretRotator.Doctor;

/// <summary>Everything that <c>doctor</c> asks, in the order in which it is reported within an area.</summary>
internal static class CheckCatalog
{
    private const string UsualEvidence = "evidence";
    private static readonly TimeSpan HopLimit = TimeSpan.FromSeconds(10);

    /// <summary>Makes the checks. Nothing is asked yet.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="settings">The settings of the environment that is checked: the real services, or the sandbox.</param>
    /// <param name="network">How that environment is reached.</param>
    /// <param name="connections">Connects to Bitbucket and to vaults, or null where there is no inventory.</param>
    /// <param name="time">For limits and measures.</param>
    public static IEnumerable<ICheck> Of(
        DoctorRequest request, RotatorSettings settings, Network network, DoctorConnections? connections, TimeProvider time)
    {
        var inventory = request.Inventory.Inventory;
        yield return new InventoryCheck(settings.Inventory, request.Inventory);
        yield return new CredentialCheck(settings, inventory);
        yield return new NetworkCheck(
            NeededEndpoints.Of(settings, inventory), new EndpointProbe(network, HopLimit, time).GoAsync, settings.Parallelism, time);
        yield return RunnerCheck.OfThisMachine(EvidenceOf(settings), settings.Pipeline is not null);
        yield return new ProgramCheck(
            PipelineFileCheck.FactsOf(PipelineFileCheck.UsualPath).Calls, Environment.CurrentDirectory, settings.SearchPath,
            settings.Pipeline is not null);
        yield return new PipelineFileCheck(PipelineFileCheck.UsualPath);
        yield return new RepositoryCheck(Environment.CurrentDirectory);
        if (inventory is null || connections is null)
            yield break;
        foreach (var check in connections.Identity())
            yield return check;
        yield return connections.Bitbucket();
        foreach (var vault in inventory.Vaults.Values)
            if (connections.Vault(vault, reads: !request.LeavesValues) is { } check)
                yield return check;
        if (connections.Backends(reads: !request.LeavesValues) is { } backends)
            yield return backends;
    }

    // What goes to a bucket alone is written below the temporary directory first.
    private static string EvidenceOf(RotatorSettings settings) =>
        settings.Evidence.FirstOrDefault(place => !S3Location.IsMeantBy(place))
            ?? (settings.Evidence.IsEmpty ? UsualEvidence : Path.GetTempPath());
}
