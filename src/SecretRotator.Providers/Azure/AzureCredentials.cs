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
                Tenant(),
                Client(),
                assertion,
                Own(new ClientAssertionCredentialOptions { DisableInstanceDiscovery = IsPrivate(settings) }));
        if (settings.FederatedTokenFile is { } file)
            return new WorkloadIdentityCredential(Own(new WorkloadIdentityCredentialOptions
            {
                TenantId = Tenant(),
                ClientId = Client(),
                TokenFilePath = file,
                DisableInstanceDiscovery = IsPrivate(settings),
            }));
        if (settings.CertificatePath is { } path)
            return new ClientCertificateCredential(
                Tenant(), Client(), path, Own(new ClientCertificateCredentialOptions { DisableInstanceDiscovery = IsPrivate(settings) }));
        if (settings.ClientSecret is { } secret)
            return BySecret(secret);
        if (settings.ClientSecretSource is { } source)
            return new FetchedSecretCredential(source, BySecret);

        // The library's own chain, because it asks the metadata service only briefly.
        return new DefaultAzureCredential(AmbientOptions(settings, transport));

        string Tenant() => Needed(settings, settings.TenantId, "tenant id");

        string Client() => Needed(settings, settings.ClientId, "client id");

        ClientSecretCredential BySecret(SecretValue value)
        {
#pragma warning disable RS0030 // Azure.Identity takes nothing but text.
            var text = value.RevealText();
#pragma warning restore RS0030
            return new ClientSecretCredential(
                Tenant(), Client(), text, Own(new ClientSecretCredentialOptions { DisableInstanceDiscovery = IsPrivate(settings) }));
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
