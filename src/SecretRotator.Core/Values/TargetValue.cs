using SecretRotator.Inventory;

namespace SecretRotator.Values;

/// <summary>Takes out of a secret what one target carries.</summary>
public static class TargetValue
{
    /// <summary>The whole content, or the target's field of it. The caller disposes what it gets.</summary>
    /// <param name="target">The target.</param>
    /// <param name="content">The whole secret; the caller keeps it.</param>
    /// <exception cref="SecretContentException">The content isn't a JSON object that has the field.</exception>
    public static SecretValue Of(VariableTarget target, SecretValue content)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(content);
        return target.Field is { } field ? JsonSecret.Read(content, field) : content.Copy();
    }
}
