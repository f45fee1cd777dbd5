using System.Globalization;
using Amazon.Runtime.Internal.Transform;

namespace Amazon.IdentityManagement.Model;

/// <summary>Times in answers, in UTC.</summary>
internal static class Time
{
    /// <summary>The time that the current element holds; null where it is empty.</summary>
    /// <exception cref="FormatException">It is no time.</exception>
    public static DateTime? Read(XmlUnmarshallerContext context) =>
        context.ReadText() is { Length: > 0 } text
            ? DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal)
            : null;
}
