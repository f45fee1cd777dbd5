namespace SecretRotator.Tests.Models;

/// <summary>How hard property tests try.</summary>
internal static class Effort
{
    /// <summary>A tenth of the usual tries where every mutant runs every test, the usual number elsewhere.</summary>
    public static int Of(int tries) =>
#if MUTATION
        tries / 10;
#else
        tries;
#endif
}
