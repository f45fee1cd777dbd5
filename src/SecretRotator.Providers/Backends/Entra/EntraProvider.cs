using Refit;
using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Azure;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Backends.Entra;

/// <summary>Client secrets of applications in Microsoft Entra.</summary>
internal sealed class EntraProvider : IBackendProvider
{
    private static readonly Uri PublicGraph = new("https://graph.microsoft.com/");

    private static readonly Duration LeastReserve = Duration.FromDays(30);

    /// <inheritdoc />
    public KeyTable Keys => EntraGrammar.Keys;

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems) =>
        EntraGrammar.Read(mapping, problems);

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections)
    {
        var definition = (EntraDefinition)secret.Backend!;
        var settings = connections.Settings.SettingsOf<AzureSettings>();
        var tenant = definition.Tenant ?? settings.TenantId ?? throw new UsageException(
            $"The tenant of the application {definition.Application} isn't known.",
            "Write \"tenant\" into the backend of the inventory, or set AZURE_TENANT_ID.");

        // What reaches Key Vault reaches Graph and Entra, as the same identity and over the same connections.
        var azure = (AzureVaultFactory)connections.Vaults.FactoryOf(new AzureVaultDefinition(secret.Name, PublicGraph));
        var graph = settings.GraphEndpoint ?? PublicGraph;

        // A stand-in on this machine takes the public cloud's tokens.
        var scope = new Uri(graph.IsLoopback ? PublicGraph : graph, ".default").AbsoluteUri;
        var reach = new EntraReach(
            tenant,
            azure.ClientOf(settings.AuthorityHost ?? AzureProvider.Entra),
            RestService.ForGenerated<IGraphApi>(azure.ClientOf(graph)),
            graph,
            scope);
        return new EntraBackend(
            definition,
            reach,
            definition.Validity ?? UsualLifetime(secret.RotateEvery),
            new GraphCalls(definition, azure.Credential, scope, connections.Random, connections.Time),
            connections.Clock);
    }

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings)
    {
        var azure = settings.SettingsOf<AzureSettings>();
        yield return new("Microsoft Graph", azure.GraphEndpoint ?? PublicGraph);
        yield return new("Microsoft Entra", azure.AuthorityHost ?? AzureProvider.Entra);
    }

    // A rotation may come late, and a grace is shorter than the period.
    private static Duration UsualLifetime(Period rotateEvery)
    {
        var period = PeriodText.Most(rotateEvery);
        return period + Duration.Max(period, LeastReserve);
    }
}

/// <summary>How Entra and Graph are reached for one application.</summary>
/// <param name="Tenant">The directory that the application is registered in.</param>
/// <param name="Entra">Reaches Entra's authority.</param>
/// <param name="Graph">Reaches Graph.</param>
/// <param name="GraphAddress">Where Graph answers.</param>
/// <param name="Scope">What tokens are asked for: Graph's default scope, in the same cloud.</param>
internal sealed record EntraReach(string Tenant, HttpClient Entra, IGraphApi Graph, Uri GraphAddress, string Scope);
