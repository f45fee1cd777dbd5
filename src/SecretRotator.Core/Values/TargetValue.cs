using System.Buffers.Text;
using SecretRotator.Bitbucket;

namespace SecretRotator.Values;

/// <summary>Takes out of a secret what one target carries.</summary>
public static class TargetValue
{
    /// <summary>The whole content, or the target's field of it, in the target's encoding. The caller disposes what it gets.</summary>
    /// <param name="target">The target.</param>
    /// <param name="content">The whole secret; the caller keeps it.</param>
    /// <exception cref="SecretContentException">The content isn't a JSON object that has the field, or no key for a key pair.</exception>
    public static SecretValue Of(VariableTarget target, SecretValue content)
    {
        var value = target.Field is { } field ? JsonSecret.Read(content, field) : content.Copy();
        if (target.Scope is VariableScope.SshKeyPair)
            return KeyOf(value);
        if (target.Encoding == TargetEncoding.None)
            return value;
        using (value)
            return value.Look(0, static (_, utf8) => InBase64(utf8));
    }

    private static SecretValue KeyOf(SecretValue value)
    {
        try
        {
            SshPublicKey.OfPrivate(value);
            return value;
        }
        catch (SecretContentException)
        {
            value.Dispose();
            throw;
        }
    }

    /// <summary>A variable as listings show it once it holds a value: a key pair under its new fingerprint, others unchanged.</summary>
    /// <param name="target">The target.</param>
    /// <param name="variable">The variable as it was listed.</param>
    /// <param name="value">What <see cref="Of"/> made.</param>
    public static ObservedVariable Holding(VariableTarget target, ObservedVariable variable, SecretValue value)
    {
        return target.Scope is VariableScope.SshKeyPair ? variable with { Uuid = SshPublicKey.OfPrivate(value).Fingerprint } : variable;
    }

    private static SecretValue InBase64(ReadOnlySpan<byte> utf8)
    {
        using var text = new SecretBuffer(Base64.GetMaxEncodedToUtf8Length(utf8.Length));
        text.AppendBase64(utf8);
        return text.ToValue();
    }
}
