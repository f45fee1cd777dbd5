namespace SecretRotator.Sandbox;

/// <summary>The sandbox can't do what it was asked to. The message is written for the person who asked, and says what to do.</summary>
/// <param name="message">What happened and what to do next.</param>
/// <param name="inner">The cause, or null.</param>
public sealed class SandboxFailureException(string message, Exception? inner = null) : Exception(message, inner);
