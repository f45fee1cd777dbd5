namespace SecretRotator.Providers.Http;

/// <summary>Says how long something was tried without success.</summary>
internal static class TriedText
{
    /// <summary>How often and for how long, such as <c>after 8 tries in 2 min 5 s</c>.</summary>
    /// <param name="tries">How often, at least 2.</param>
    /// <param name="length">From the first try to the end of the last one.</param>
    public static string Of(int tries, TimeSpan length)
    {
        var seconds = (long)Math.Round(length.TotalSeconds);
        return $"after {tries} tries in {(seconds < 60 ? "" : $"{seconds / 60} min ")}{seconds % 60} s";
    }
}
