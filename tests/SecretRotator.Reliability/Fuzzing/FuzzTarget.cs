namespace SecretRotator.Reliability.Fuzzing;

/// <summary>One parser, or one conversation with a service, that is fed what no one should ever send.</summary>
/// <param name="Name">Its name on the command line, and its corpus's folder.</param>
/// <param name="Seeds">Inputs to begin with, of which the first is well-formed.</param>
/// <param name="Try">
/// Feeds an input. Answers whether it was taken; false where it was refused with the one kind of error that is written
/// for it. Throws anything else where a promise was broken.
/// </param>
internal sealed record FuzzTarget(string Name, ImmutableArray<string> Seeds, Func<byte[], bool> Try);

/// <summary>A promise that an input broke, other than by an exception of the wrong kind.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);
