namespace SecretRotator.Tests.Models;

/// <summary>How hard tests try that go through many cases: all where <c>SECRET_ROTATOR_TESTS_TRIES=all</c> asks for them, as
/// <c>.ci/run</c> does, and a tenth elsewhere.</summary>
internal static class Effort
{
    /// <summary>How far apart the cases are that are tried.</summary>
    public static readonly int Stride = Environment.GetEnvironmentVariable("SECRET_ROTATOR_TESTS_TRIES") == "all" ? 1 : 10;

    /// <summary>How many of so many tries are made.</summary>
    public static int Of(int tries) => tries / Stride;
}
