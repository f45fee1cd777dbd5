using SecretRotator.Audit;
using SecretRotator.Settings;

namespace SecretRotator.Reports;

/// <summary>The files that <c>--report</c> names. They are begun before anything is done, so that a name that can't be written to stops
/// nothing half-way.</summary>
internal sealed class ReportFiles : IDisposable
{
    private const string What = "The report";

    private readonly ImmutableArray<(string Path, OutputFormat Format, PrivateFile File)> _files;

    private ReportFiles(ImmutableArray<(string, OutputFormat, PrivateFile)> files) => _files = files;

    /// <summary>Their paths.</summary>
    public ImmutableArray<string> Paths => [.. _files.Select(file => file.Path)];

    /// <summary>Begins them.</summary>
    /// <exception cref="UsageException">A name tells no format, or can't be written to.</exception>
    public static ReportFiles Begin(IReadOnlyCollection<string> paths)
    {
        var unknown = paths.Where(path => ReportFormats.OfFile(path) is null)
            .Select(path => new Problem($"--report {path}: the name tells no format.", $"Let it end in one of {ReportFormats.Endings}."))
            .ToImmutableArray();
        if (unknown.Length > 0)
            throw new UsageException(unknown);
        var files = ImmutableArray.CreateBuilder<(string, OutputFormat, PrivateFile)>();
        try
        {
            foreach (var path in paths.Distinct(StringComparer.Ordinal))
                files.Add((path, ReportFormats.OfFile(path)!.Value, PrivateFile.Begin(path, What)));
        }
        catch
        {
            foreach (var (_, _, file) in files)
                file.Dispose();
            throw;
        }

        return new ReportFiles(files.ToImmutable());
    }

    /// <summary>Writes the report into all of them.</summary>
    /// <exception cref="UsageException">One can't be written.</exception>
    public void Write(AuditReport report)
    {
        foreach (var (_, format, file) in _files)
            file.Keep(What, stream => ReportFormats.Write(stream, report, format));
    }

    public void Dispose()
    {
        foreach (var (_, _, file) in _files)
            file.Dispose();
    }
}
