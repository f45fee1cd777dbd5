namespace SecretRotator.Doctor.Connectivity;

/// <summary>The head of an HTTP answer; its body is never read.</summary>
/// <param name="Status">The status.</param>
/// <param name="Date">The time by the answerer's clock, or null.</param>
/// <param name="Logins">The schemes of authentication that a proxy offers, such as <c>Basic</c>.</param>
internal sealed record HttpHead(int Status, DateTimeOffset? Date, ImmutableArray<string> Logins)
{
    private const int Longest = 16 * 1024;

    /// <summary>Reads it; null where it isn't one.</summary>
    public static async Task<HttpHead?> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var bytes = new byte[Longest];
        var length = 0;
        while (length < bytes.Length && bytes.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            var count = await stream.ReadAsync(bytes.AsMemory(length), cancellation);
            if (count == 0)
                break;
            length += count;
        }

        return Parse(Encoding.Latin1.GetString(bytes, 0, length));
    }

    /// <summary>Reads what came up to the body.</summary>
    public static HttpHead? Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0 || !text.StartsWith("HTTP/1.", StringComparison.Ordinal))
            return null;
        var lines = text[..end].Split("\r\n");
        if (lines[0].Split(' ') is not [_, var code, ..]
            || !int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status is < 100 or > 599)
            return null;
        var headers = lines.Skip(1)
            .Select(line => line.Split(':', 2))
            .Where(parts => parts.Length == 2)
            .Select(parts => (Name: parts[0].Trim(), Value: parts[1].Trim()))
            .ToImmutableArray();
        return new HttpHead(
            status,
            Values("Date").Select(ReadDate).FirstOrDefault(),
            [.. Values("Proxy-Authenticate").Select(value => value.Split(' ')[0])
                .Where(scheme => scheme.Length is > 0 and <= 20 && scheme.All(char.IsAsciiLetter))
                .Distinct(StringComparer.OrdinalIgnoreCase)]);

        IEnumerable<string> Values(string name) =>
            headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value);
    }

    private static DateTimeOffset? ReadDate(string text) =>
        DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;
}
