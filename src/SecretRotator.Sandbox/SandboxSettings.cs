using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox;

/// <summary>
/// The environment variables that point a rotator at a sandbox. No stored key is among them unless the inventory needs
/// one: AWS by the step's token, Azure by the token of an AWS role, Bitbucket by what the inventory's reference leads to.
/// </summary>
internal static class SandboxSettings
{
    /// <summary>What the rotator's own settings begin with.</summary>
    public const string Prefix = "SECRET_ROTATOR__";

    /// <summary>The setting that names the file with the certificate authority.</summary>
    public const string CaBundle = Prefix + "TLS__CABUNDLE";

    /// <summary>The setting that leads to servers which speak no HTTP.</summary>
    public const string ConnectTo = Prefix + "CONNECTTO";

    /// <summary>
    /// Addresses, the certificate authority, and credentials that only a sandbox accepts: among them a new step token, good for an hour.
    /// </summary>
    public static async Task<ImmutableSortedDictionary<string, string>> OfAsync(
        SandboxHost host, ProviderContext context, CancellationToken cancellation)
    {
        var settings = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        settings.AddRange(await host.Store.ReadAsync(
            state => EmulatedProviders.All.SelectMany(provider => provider.Settings(context, state, host.TimeOf(state))).ToList(),
            cancellation));
        if (host.Servers.Count > 0)
            settings[ConnectTo] = string.Join(",", host.Servers.Select(each => $"{each.Server}={each.Address.Authority}"));
        if (host.Proxy is { } proxy)
            settings["HTTP_PROXY"] = settings["HTTPS_PROXY"] = $"http://{RefusingProxy.Login}@{proxy.Authority}";
        if (host.AuthorityPath is not null)
            settings[CaBundle] = host.AuthorityPath;
        return settings.ToImmutable();
    }
}
