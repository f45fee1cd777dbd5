namespace SecretRotator.Sandbox;

/// <summary>The two times of the sandbox.</summary>
/// <param name="Now">The time that secrets and variables live in; set so that rotation windows are open.</param>
/// <param name="Real">The machine's time, by which signatures and tokens are judged.</param>
internal sealed record SandboxClock(DateTimeOffset Now, DateTimeOffset Real);
