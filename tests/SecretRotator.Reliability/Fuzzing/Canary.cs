namespace SecretRotator.Reliability.Fuzzing;

/// <summary>Worthless values that must not show up anywhere.</summary>
internal static class Canary
{
    /// <summary>What is sent: a value, a token.</summary>
    public const string Sent = "worthless-value-of-a-canary-7d1f";

    /// <summary>What is received: a value that a vault answers with, a token.</summary>
    public const string Received = "worthless-answer-of-a-canary-91c2";

    /// <summary>Looks for both in an error.</summary>
    /// <param name="failure">The error.</param>
    /// <param name="input">The input: where it holds a part of the received value in another place too, that may be taken for a
    /// name.</param>
    public static void MustNotBeIn(RemoteFailureException failure, byte[] input)
    {
        var said = $"{failure.Message} {failure.Hint}";
        if (Tells(said, Sent))
            throw new BrokenPromiseException("An error repeats a value that was sent.");
        if (Tells(said, Received) && IsValueOnly(Encoding.UTF8.GetString(input)))
            throw new BrokenPromiseException("An error repeats a value that was received.");
    }

    private static bool Tells(string said, string value)
    {
        for (var at = 0; at + 8 <= value.Length; at++)
            if (said.Contains(value.Substring(at, 8), StringComparison.Ordinal))
                return true;
        return false;
    }

    private static bool IsValueOnly(string input) =>
        input.Split(Received).Length == 2 && input.Contains($"\":\"{Received}\"", StringComparison.Ordinal)
            && !Tells(input.Replace(Received, "", StringComparison.Ordinal), Received);
}
