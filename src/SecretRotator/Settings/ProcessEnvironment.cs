using System.Collections;

namespace SecretRotator.Settings;

/// <summary>The one place that reads the process's environment.</summary>
internal static class ProcessEnvironment
{
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
}
