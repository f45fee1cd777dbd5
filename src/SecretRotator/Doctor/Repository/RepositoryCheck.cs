using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.Repository;

/// <summary>
/// Whether a file that git tracks holds a secret, by the formats that issuers give theirs. Needs no network, and repeats no value.
/// </summary>
/// <param name="folder">A folder of the repository.</param>
internal sealed class RepositoryCheck(string folder) : ICheck
{
    /// <summary>Names the files, and the folders with a slash at their end, that hold examples: one a line.</summary>
    public const string IgnoreFile = ".secret-scan-ignore";

    private const string Id = "secret-in-repository";
    private const int MostFindings = 100;
    private const int MostBytes = 8 * 1024 * 1024;

    // Characters of base64 in a row; a key has lines of 64 or 70.
    private const int ShortestKey = 40;

    // As git decides whether a file is text.
    private const int LookedAt = 8000;

    /// <inheritdoc />
    public CheckArea Area => CheckArea.Repository;

    /// <inheritdoc />
    public bool NeedsNetwork => false;

    /// <inheritdoc />
    public Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<CheckResult>>(Run(cancellation));

    private ImmutableArray<CheckResult> Run(CancellationToken cancellation)
    {
        if (GitIndex.RootOf(folder) is not { } root)
            return [Unknown("This folder isn't in a git repository.")];
        List<string> files;
        string[] ignored;
        try
        {
            files = GitIndex.FilesOf(root);
            var list = Path.Combine(root, IgnoreFile);
            ignored = File.Exists(list) ? File.ReadAllLines(list).Where(line => line.Length > 0 && line[0] != '#').ToArray() : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return [Unknown("Git's list of files can't be read.")];
        }

        var (read, left) = (0, 0);
        var findings = ImmutableArray.CreateBuilder<CheckResult>();
        foreach (var file in files.Where(file => !ignored.Any(each => Covers(each, file))))
        {
            cancellation.ThrowIfCancellationRequested();
            if (TextOf(Path.Combine(root, file)) is not { } text)
            {
                left++;
                continue;
            }

            read++;
            findings.AddRange(In(text, file));
            if (findings.Count >= MostFindings)
                break;
        }

        return findings.Count > 0
            ? [.. findings.Take(MostFindings)]
            : [CheckResult.Pass(
                Area, Id,
                $"{HumanText.Count(read, "file")} that git tracks, and no secret by its issuer's format"
                    + $"{(left == 0 ? "" : $"; {left} more are binary, missing or too large")}.")];
    }

    private IEnumerable<CheckResult> In(string text, string file)
    {
        var (line, counted) = (1, 0);
        foreach (var (index, kind) in SecretLiteral.KnownShapesIn(text).Where(each => !IsBareHeader(text, each.Index)))
        {
            line += text.AsSpan(counted, index - counted).Count('\n');
            counted = index;
            yield return CheckResult.Fail(
                Area, Id, $"This looks like {kind}.",
                "Everyone who can read the repository has it, and its history keeps it after it is deleted.",
                $"Replace it wherever it is in use, then delete it here. A file of examples goes into {IgnoreFile}.") with
            {
                File = PrintableText.Of(file),
                Line = line,
                Column = index - text.AsSpan(0, index).LastIndexOf('\n'),
            };
        }
    }

    // Code that reads and writes keys holds their first line, and no key.
    private static bool IsBareHeader(string text, int index)
    {
        const string dashes = "-----";
        if (!text.AsSpan(index).StartsWith(dashes))
            return false;
        var end = text.IndexOf(dashes, index + dashes.Length, StringComparison.Ordinal) + dashes.Length;
        var body = text.AsSpan(end, Math.Min(ShortestKey * 3, text.Length - end));
        var run = 0;
        foreach (var letter in body)
            if ((run = char.IsAsciiLetterOrDigit(letter) || letter is '+' or '/' ? run + 1 : 0) == ShortestKey)
                return false;
        return true;
    }

    private static bool Covers(string ignored, string file) =>
        file == ignored || (ignored.EndsWith('/') && file.StartsWith(ignored, StringComparison.Ordinal));

    private static string? TextOf(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MostBytes)
                return null;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes.AsSpan(0, Math.Min(bytes.Length, LookedAt)).Contains((byte)0) ? null : Encoding.UTF8.GetString(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private CheckResult Unknown(string observed) =>
        CheckResult.Unknown(Area, Id, observed, "Whether a tracked file holds a secret can't be determined from here.");
}
