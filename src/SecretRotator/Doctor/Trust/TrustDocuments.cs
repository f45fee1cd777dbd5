using SecretRotator.Providers;
using SecretRotator.Providers.Doctor;
using SecretRotator.Settings;

namespace SecretRotator.Doctor.Trust;

/// <summary>Makes the documents for a cloud, of the inventory, the settings and the step's token.</summary>
internal static class TrustDocuments
{
    /// <summary>The clouds and forms that there are documents for.</summary>
    public static IEnumerable<string> Kinds(IReadOnlyList<IVaultProvider> providers) =>
        providers.SelectMany(provider => provider.TrustKinds);

    /// <summary>Makes them. Nothing is called.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="inventory">The inventory.</param>
    /// <param name="facts">Whom to trust.</param>
    /// <param name="byPathPrefix">Whether rights may be given on path prefixes.</param>
    /// <exception cref="UsageException">The inventory has nothing that the cloud would be asked for.</exception>
    public static TrustSet Of(
        string kind, RotatorSettings settings, RotationInventory inventory, TrustFacts facts, bool byPathPrefix = false) =>
        settings.Providers.Registered.First(provider => provider.TrustKinds.Contains(kind, StringComparer.Ordinal))
            .MakeTrust(kind, new TrustRequest(settings.Providers, inventory, facts) { ByPathPrefix = byPathPrefix });

    /// <summary>Whom to trust: what the command line says, or else the step's token.</summary>
    public static TrustFacts Facts(
        RotatorSettings settings, RotationInventory inventory, Guid? workspace, Guid? repository, Guid? environment)
    {
        var token = WebToken.Read(settings.StepToken);
        return new TrustFacts(
            inventory.Workspace,
            workspace?.ToString("D") ?? token?.Uuid("workspaceUuid"),
            repository?.ToString("D") ?? token?.Uuid("repositoryUuid"),
            environment?.ToString("D") ?? token?.Uuid("deploymentEnvironmentUuid"));
    }
}
