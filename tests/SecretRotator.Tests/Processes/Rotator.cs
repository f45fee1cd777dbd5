using System.Diagnostics;

namespace SecretRotator.Tests.Processes;

/// <summary>How a process ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Out">What it wrote to stdout.</param>
/// <param name="Error">What it wrote to stderr.</param>
internal sealed record Ended(int ExitCode, string Out, string Error);

/// <summary>Runs the built program as a process of its own, in a directory of its own, with nothing of this process's environment but the bare minimum.</summary>
internal sealed class Rotator : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly string[] Inherited = ["PATH", "HOME", "DOTNET_ROOT", "TMPDIR", "TEMP", "SystemRoot"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rotator-");

    /// <summary>The program's current directory.</summary>
    public string Folder => _directory.FullName;

    /// <summary>Variables that the program sees besides.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>A path in the program's directory.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="TimeoutException">It didn't end; it was killed.</exception>
    public async Task<Ended> RunAsync(params string[] arguments)
    {
        using var running = Start(arguments);
        return await running.EndAsync();
    }

    /// <summary>Starts it.</summary>
    public Running Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "secret-rotator.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var inherited = Inherited.Select(name => (name, value: System.Environment.GetEnvironmentVariable(name))).Where(each => each.value is not null).ToArray();
        start.Environment.Clear();
        foreach (var (name, value) in inherited)
            start.Environment[name] = value;
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return new Running(Process.Start(start)!);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>The program while it runs.</summary>
    internal sealed class Running : IDisposable
    {
        private readonly Process _process;
        private readonly Task<string> _out;
        private readonly Task<string> _error;

        public Running(Process process)
        {
            _process = process;
            _process.StandardInput.Close();
            _out = process.StandardOutput.ReadToEndAsync();
            _error = process.StandardError.ReadToEndAsync();
        }

        /// <summary>Its process number.</summary>
        public int Id => _process.Id;

        /// <summary>Waits for its end, killing it when it takes too long.</summary>
        public async Task<Ended> EndAsync()
        {
            using var limit = new CancellationTokenSource(Limit);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                throw new TimeoutException($"The program did not end within {Limit}. It said: {await _out}{await _error}");
            }

            return new Ended(_process.ExitCode, await _out, await _error);
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            _process.Dispose();
        }
    }
}
