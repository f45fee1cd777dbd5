using System.Diagnostics;
using SharpFuzz;

namespace SecretRotator.Reliability.Fuzzing;

/// <summary>
/// Makes a copy of this program in which the product's assemblies count the branches that they take. Nothing but NuGet
/// is needed for that: SharpFuzz rewrites the assemblies, and the loop is this program's own.
/// </summary>
internal sealed class Instrumentation : IDisposable
{
    private static readonly ImmutableArray<string> Counted =
        [
            "SecretRotator.Core.dll",
            "SecretRotator.Configuration.dll",
            "SecretRotator.Providers.dll",
            "SecretRotator.Sandbox.dll",
            "secret-rotator.dll",
            "AWSSDK.SecretsManager.dll",
        ];

    private readonly DirectoryInfo _copy = Directory.CreateTempSubdirectory("secret-rotator-fuzz-");

    public Instrumentation()
    {
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_copy.FullName, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        foreach (var assembly in Counted)
            Fuzzer.Instrument(Path.Combine(_copy.FullName, assembly), _ => true, Options.Value);
    }

    /// <summary>Runs the copy to its end and answers its exit code.</summary>
    public async Task<int> RunAsync(IEnumerable<string> arguments, TextWriter output, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(
            Path.Combine(_copy.FullName, "reliability"), arguments)
        { RedirectStandardOutput = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
                await output.WriteLineAsync(line.AsMemory(), cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    public void Dispose() => _copy.Delete(recursive: true);
}
