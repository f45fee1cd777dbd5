using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace SecretRotator.Providers.Azure;

/// <summary>Makes the credential that the settings ask for. Nothing is asked before the first call to a vault.</summary>
internal static class AzureCredentials
{
    /// <summary>The credential that comes first in <see cref="AzureSettings"/>, or else the ambient identity's.</summary>
    /// <exception cref="ArgumentException">A credential is given without tenant or client id.</exception>
    public static TokenCredential Make(AzureSettings settings, HttpPipelineTransport transport, IRandomSource random, TimeProvider time)
    {
        if (settings.ClientAssertion is { } assertion)
            return new ClientAssertionCredential(
                Needed(settings, settings.TenantId, "tenant id"),
                Needed(settings, settings.ClientId, "client id"),
                assertion,
                Own(new ClientAssertionCredentialOptions { DisableInstanceDiscovery = IsPrivate(settings) }));
        if (settings.FederatedTokenFile is { } file)
            return new WorkloadIdentityCredential(Own(new WorkloadIdentityCredentialOptions
            {
                TenantId = Needed(settings, settings.TenantId, "tenant id"),
                ClientId = Needed(settings, settings.ClientId, "client id"),
                TokenFilePath = file,
                DisableInstanceDiscovery = IsPrivate(settings),
            }));
        if (settings.CertificatePath is { } path)
            return new ClientCertificateCredential(
                Needed(settings, settings.TenantId, "tenant id"),
                Needed(settings, settings.ClientId, "client id"),
                path,
                Own(new ClientCertificateCredentialOptions { DisableInstanceDiscovery = IsPrivate(settings) }));
        if (settings.ClientSecret is { } secret)
            return BySecret(secret);
        return settings.ClientSecretSource is { } source ? new FetchedSecretCredential(source, BySecret) : Ambient(settings, transport);

        ClientSecretCredential BySecret(SecretValue value)
        {
#pragma warning disable RS0030 // Azure.Identity takes nothing but text.
            var text = value.RevealText();
#pragma warning restore RS0030
            return new ClientSecretCredential(
                Needed(settings, settings.TenantId, "tenant id"),
                Needed(settings, settings.ClientId, "client id"),
                text,
                Own(new ClientSecretCredentialOptions { DisableInstanceDiscovery = IsPrivate(settings) }));
        }

        T Own<T>(T options)
            where T : TokenCredentialOptions
        {
            options.RetryPolicy = new AzureRetry(time, random);
            return Prepared(options, settings, transport);
        }
    }

    /// <summary>Switches off whatever the library would tell to others, and sends its calls the way that the settings ask for.</summary>
    public static T Quiet<T>(T options, HttpPipelineTransport transport)
        where T : ClientOptions
    {
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsLoggingContentEnabled = false;
        options.Diagnostics.IsTelemetryEnabled = false;
        options.Diagnostics.IsDistributedTracingEnabled = false;
        options.Transport = transport;
        return options;
    }

    // The library's own chain, because it asks the metadata service only briefly.
    private static DefaultAzureCredential Ambient(AzureSettings settings, HttpPipelineTransport transport) =>
        new(AmbientOptions(settings, transport));

    /// <summary>What the ambient identity may be: nothing that a job can't use, and no program unless the settings ask for it.</summary>
    public static DefaultAzureCredentialOptions AmbientOptions(AzureSettings settings, HttpPipelineTransport transport)
    {
        var options = Prepared(
            new DefaultAzureCredentialOptions
            {
                ExcludeEnvironmentCredential = true,
                ExcludeVisualStudioCredential = true,
                ExcludeVisualStudioCodeCredential = true,
                ExcludeAzureCliCredential = !settings.UseCli,
                ExcludeAzurePowerShellCredential = true,
                ExcludeAzureDeveloperCliCredential = true,
                ExcludeInteractiveBrowserCredential = true,
                ExcludeBrokerCredential = true,
                DisableInstanceDiscovery = IsPrivate(settings),
            },
            settings,
            transport);
        if (settings.TenantId is { } tenant)
            options.TenantId = tenant;
        if (settings.ClientId is { } client)
            (options.ManagedIdentityClientId, options.WorkloadIdentityClientId) = (client, client);
        return options;
    }

    private static T Prepared<T>(T options, AzureSettings settings, HttpPipelineTransport transport)
        where T : TokenCredentialOptions
    {
        if (settings.AuthorityHost is { } host)
            options.AuthorityHost = host;
        return Quiet(options, transport);
    }

    // An authority of one's own isn't known to Microsoft's directory of authorities.
    private static bool IsPrivate(AzureSettings settings) => settings.AuthorityHost is { IsLoopback: true };

    private static string Needed(AzureSettings settings, string? value, string what) =>
        string.IsNullOrWhiteSpace(value)
            ? throw new ArgumentException($"A credential for Azure needs the {what}.", nameof(settings))
            : value;
}
