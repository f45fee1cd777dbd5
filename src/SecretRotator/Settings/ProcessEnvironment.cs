using System.Collections;

namespace SecretRotator.Settings;

/// <summary>The one place that reads the process's environment.</summary>
internal static class ProcessEnvironment
{
    // The last one isn't a secret: it tells Azure's library to use credentials that the settings leave out, such as those of a program.
    private static readonly HashSet<string> Taken = new(StringComparer.OrdinalIgnoreCase)
    {
        "SECRET_ROTATOR__SIGNING__KEY", "SECRET_ROTATOR__AZURE__CLIENTSECRET", "AZURE_CLIENT_SECRET",
        "BITBUCKET_ACCESS_TOKEN", "BITBUCKET_API_TOKEN", "BITBUCKET_OAUTH_CLIENT_SECRET", "BITBUCKET_STEP_OIDC_TOKEN",
        "AZURE_TOKEN_CREDENTIALS",
    };

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
    public static IReadOnlyDictionary<string, string> Take()
    {
        var variables = Read();
        foreach (var name in variables.Keys.Where(Taken.Contains))
            Environment.SetEnvironmentVariable(name, null);
        return variables;
    }
}
