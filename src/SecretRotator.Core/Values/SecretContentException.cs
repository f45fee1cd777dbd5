namespace SecretRotator.Values;

/// <summary>The content of a secret isn't what the inventory says. The message names fields and sizes and never shows content.</summary>
public sealed class SecretContentException : Exception
{
    /// <summary>Says what is wrong, and what to do about it.</summary>
    /// <param name="message">What is wrong, without any content.</param>
    /// <param name="hint">What to do next.</param>
    public SecretContentException(string message, string hint)
        : base(message) => Hint = hint;

    /// <summary>What to do next.</summary>
    public string Hint { get; }
}
