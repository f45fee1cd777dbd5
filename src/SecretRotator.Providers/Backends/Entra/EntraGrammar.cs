using System.Text.RegularExpressions;
using SecretRotator.Configuration;

namespace SecretRotator.Providers.Backends.Entra;

/// <summary>What <c>rotation.yaml</c> may say of an application's client secrets.</summary>
internal static partial class EntraGrammar
{
    private const string Example = "5f0c2e1a-8b7d-4c3e-9a61-2d4f6b8c0e13";

    private static readonly Key Application = new("application", $"application: {Example}", Required: true);
    private static readonly Key Tenant = new("tenant", "tenant: 7a1f0e52-3c4b-4d5e-8f60-718293a4b5c6");
    private static readonly Key IdField = new("id-field", "id-field: secretId");
    private static readonly Key SecretField = new("secret-field", "secret-field: clientSecret");
    private static readonly Key Lifetime = new("lifetime", "lifetime: 180d");

    /// <summary>The keys of such a backend. There is no <c>delete-after</c>: a secret can't be disabled, only removed.</summary>
    public static KeyTable Keys { get; } = new(
        "an application's secret in Entra", EntraDefinition.KindWord, Grammar.BackendKindKey, Application, Tenant, IdField, SecretField,
        Lifetime);

    /// <summary>Reads one.</summary>
    public static EntraDefinition? Read(MappingReader mapping, ProblemList problems)
    {
        var known = problems.Count;
        var application = mapping.Text(Application);
        if (application is not null && !Guid.TryParseExact(application.Value, "D", out _))
            problems.Add(
                application.At,
                $"{Quoted.Of(application.Value)} is not the id of an application",
                "Write its application (client) id, which \"az ad app list --display-name NAME --query [].appId\" prints, and neither its "
                    + "name nor its object id.");
        var tenant = mapping.Text(Tenant);
        if (tenant is not null && !TenantName().IsMatch(tenant.Value))
            problems.Add(
                tenant.At,
                $"{Quoted.Of(tenant.Value)} is not a tenant",
                "Write the tenant's id, which \"az account show --query tenantId\" prints, or one of its domains.");
        var lifetime = mapping.Has(Lifetime) ? PeriodReader.Lifetime(mapping, Lifetime, problems) : null;
        var fields = IssuedFields.Read(mapping, (IdField, "secretId"), (SecretField, "clientSecret"), problems);
        return application is null || problems.Count > known
            ? null
            : new EntraDefinition(
                tenant?.Value, application.Value.ToLowerInvariant(), fields.Id, fields.Secret, lifetime)
            {
                DeleteAfter = Duration.Zero,
            };
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9.-]{1,252}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex TenantName();
}
