using System.Security.Cryptography;

namespace SecretRotator.Configuration.Schedules;

/// <summary>Shows whether two schedules of a repository start the same pipeline on the same branch at the same times.</summary>
/// <param name="Value">16 hexadecimal digits.</param>
internal sealed record Fingerprint(string Value)
{
    private const int Digits = 16;

    /// <summary>The fingerprint of a schedule. It doesn't depend on who wrote the pattern.</summary>
    public static Fingerprint Of(string selector, string pipeline, string branch, string pattern) => new(
        Convert.ToHexStringLower(
            SHA256.HashData(
                Encoding.UTF8.GetBytes(string.Join('\n', selector, pipeline, branch, QuartzPattern.Normal(pattern)))))[..Digits]);

    /// <summary>The fingerprint of what a file asks for.</summary>
    public static Fingerprint Of(ScheduleDeclaration schedule) => Of("custom", schedule.Pipeline, schedule.Branch, schedule.Pattern);

    /// <summary>Reads one, or answers null where the text is none.</summary>
    public static Fingerprint? Parse(string text) => text.Length == Digits && text.All(char.IsAsciiHexDigitLower) ? new(text) : null;
}
