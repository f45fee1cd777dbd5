using System.Collections;
using SecretRotator.Providers;

namespace SecretRotator.Settings;

/// <summary>The one place that reads the process's environment.</summary>
internal static class ProcessEnvironment
{
    private static readonly ImmutableArray<string> OfBitbucket =
        ["BITBUCKET_ACCESS_TOKEN", "BITBUCKET_API_TOKEN", "BITBUCKET_OAUTH_CLIENT_SECRET", "BITBUCKET_STEP_OIDC_TOKEN"];

    /// <summary>All variables that aren't empty.</summary>
    public static IReadOnlyDictionary<string, string> Read()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
#pragma warning disable RS0030 // This is where settings come from.
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
#pragma warning restore RS0030
            if (variable is { Key: string name, Value: string { Length: > 0 } value })
                variables[name] = value;
        return variables;
    }

    /// <summary>
    /// The same. Those that hold a secret of this program's are out of its environment then: a program that a
    /// library starts for credentials (<c>az</c>, a profile's <c>credential_process</c>) doesn't inherit them.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Take(IReadOnlyList<IVaultProvider> providers)
    {
        var variables = Read();
        foreach (var name in variables.Keys)
            if (OfBitbucket.Contains(name, StringComparer.OrdinalIgnoreCase)
                || SettingsReader.HoldsSecret(name, providers)
                || providers.Any(provider => provider.SecretVariables.Contains(name, StringComparer.OrdinalIgnoreCase)))
                Environment.SetEnvironmentVariable(name, null);
        return variables;
    }
}
