using SecretRotator.Providers.Doctor;
using SecretRotator.Rotation;

namespace SecretRotator.Doctor.VaultAccess;

/// <summary>Whether a secret's value has the form that its entry in the inventory names. Tells names of fields, never a part of the
/// value.</summary>
internal static class ContentCheck
{
    /// <summary>What is wrong with it, or null.</summary>
    public static CheckResult? Of(ManagedSecret secret, SecretValue content)
    {
        try
        {
            foreach (var target in secret.Targets)
            {
                using var value = TargetValue.Of(target, content);
                SizeLimits.CheckVariable(target, value);
            }

            if (secret.Value is ValuePolicy.Json json)
                Replace(content, json);
            return null;
        }
        catch (SecretContentException exception)
        {
            return VaultFindings.Refused("secret-fields", secret, FailureMessages.Of(exception), exception.Hint);
        }
    }

    // The way in which a rotation will put new values in, with values that are none.
    private static void Replace(SecretValue content, ValuePolicy.Json json)
    {
        using var nothing = SecretValue.FromText("");
        JsonSecret.Replace(content, json.Fields.ToDictionary(field => field.Field, _ => nothing, StringComparer.Ordinal)).Dispose();
    }
}
