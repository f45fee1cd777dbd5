using System.Text.RegularExpressions;
using Refit;
using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Azure;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Backends.Entra;

/// <summary>Client secrets of applications in Microsoft Entra.</summary>
internal sealed partial class EntraProvider : IBackendProvider
{
    private const string Example = "5f0c2e1a-8b7d-4c3e-9a61-2d4f6b8c0e13";

    private static readonly Key Application = new("application", $"application: {Example}", Required: true);
    private static readonly Key Tenant = new("tenant", "tenant: 7a1f0e52-3c4b-4d5e-8f60-718293a4b5c6");
    private static readonly Key IdField = new("id-field", "id-field: secretId");
    private static readonly Key SecretField = new("secret-field", "secret-field: clientSecret");
    private static readonly Key Lifetime = new("lifetime", "lifetime: 180d");

    private static readonly Uri PublicGraph = new("https://graph.microsoft.com/");

    private static readonly Duration LeastReserve = Duration.FromDays(30);

    /// <summary>The keys of such a backend. There is no <c>delete-after</c>: a secret can't be disabled, only removed.</summary>
    public KeyTable Keys { get; } = new(
        "an application's secret in Entra", EntraDefinition.KindWord, Grammar.BackendKindKey, Application, Tenant, IdField, SecretField,
        Lifetime);

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems)
    {
        var known = problems.Count;
        var application = mapping.Checked(
            Application, text => Guid.TryParseExact(text, "D", out _), "is not the id of an application",
            "Write its application (client) id, which \"az ad app list --display-name NAME --query [].appId\" prints, and neither its "
                + "name nor its object id.");
        var tenant = mapping.Checked(
            Tenant, TenantName().IsMatch, "is not a tenant",
            "Write the tenant's id, which \"az account show --query tenantId\" prints, or one of its domains.");
        var lifetime = PeriodReader.Lifetime(mapping, Lifetime, problems);
        var fields = IssuedFields.Read(mapping, (IdField, "secretId"), (SecretField, "clientSecret"), problems);
        return application is null || problems.Count > known
            ? null
            : new EntraDefinition(tenant, application.ToLowerInvariant(), fields.Id, fields.Secret, lifetime)
            {
                DeleteAfter = Duration.Zero,
            };
    }

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections)
    {
        var definition = (EntraDefinition)secret.Backend!;
        var settings = connections.Vaults.Settings.SettingsOf<AzureSettings>();
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
            new GraphCalls(definition, azure.Credential, scope, connections.Vaults.Random, connections.Vaults.Time),
            connections.Vaults.Clock);
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

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9.-]{1,252}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex TenantName();
}

/// <summary>How Entra and Graph are reached for one application.</summary>
/// <param name="Tenant">The directory that the application is registered in.</param>
/// <param name="Entra">Reaches Entra's authority.</param>
/// <param name="Graph">Reaches Graph.</param>
/// <param name="GraphAddress">Where Graph answers.</param>
/// <param name="Scope">What tokens are asked for: Graph's default scope, in the same cloud.</param>
internal sealed record EntraReach(string Tenant, HttpClient Entra, IGraphApi Graph, Uri GraphAddress, string Scope);
