using System.Diagnostics;
using System.Threading.Channels;
using SecretRotator.Commands;
using SecretRotator.Hosting;
using SecretRotator.Settings;
using SecretRotator.Tests.Output;
using Xunit.v3;

// Most of them wait: for a process, or for the place inside this one.
[assembly: Parallelization(MaxThreads = 4)]

namespace SecretRotator.Tests.Processes;

/// <summary>How a process ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Out">What it wrote to stdout.</param>
/// <param name="Error">What it wrote to stderr.</param>
internal sealed record Ended(int ExitCode, string Out, string Error);

/// <summary>
/// Runs the program in a directory of its own, with nothing of this process's environment but the bare minimum: inside this
/// process, or as a process of its own where a signal or a fault ends it.
/// </summary>
/// <remarks>
/// Inside this process a run has the current directory and the environment to itself, which is why one waits for the other. It
/// starts in a tenth of the time that a process takes, and its pauses are short.
/// </remarks>
internal sealed class Rotator : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly SemaphoreSlim Place = new(1);
    private static readonly (string Name, string Value)[] Inherited =
    [
        .. new[] { "PATH", "HOME", "DOTNET_ROOT", "TMPDIR", "TEMP", "SystemRoot" }
            .Select(name => (name, System.Environment.GetEnvironmentVariable(name)!)).Where(each => each.Item2 is not null),
    ];

    // Not the framework's own method: a run may have another folder for temporary files.
    private static readonly string Temporary = Path.GetTempPath();

    private readonly DirectoryInfo _directory = Directory.CreateDirectory(
        Path.Combine(Temporary, $"rotator-{Guid.NewGuid():N}"),
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>The program's current directory.</summary>
    public string Folder => _directory.FullName;

    /// <summary>How many times as fast pauses are inside this process: more where nothing is waited for that takes real time.</summary>
    public int PausesAreShorter { get; init; } = ShortPauses.Times;

    /// <summary>Variables that the program sees besides.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>What a person types at the terminal of a run inside this process; null where it has none.</summary>
    public IReadOnlyList<string>? Answers { get; init; }

    /// <summary>A path in the program's directory.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>The same folder, with all that stands in it, and the same variables.</summary>
    public Rotator Copy()
    {
        var copy = new Rotator();
        foreach (var (name, value) in Environment)
            copy.Environment[name] = value;
        foreach (var directory in _directory.EnumerateDirectories("*", SearchOption.AllDirectories))
            Directory.CreateDirectory(copy.PathOf(Path.GetRelativePath(Folder, directory.FullName))).UnixFileMode = directory.UnixFileMode;
        foreach (var file in _directory.EnumerateFiles("*", SearchOption.AllDirectories))
            file.CopyTo(copy.PathOf(Path.GetRelativePath(Folder, file.FullName)));
        return copy;
    }

    /// <summary>Runs it to its end: inside this process, unless a fault would outlast the run there.</summary>
    public async Task<Ended> RunAsync(params string[] arguments)
    {
        // A kill ends the process, and Amazon's SDK remembers until its end how far the clock of a host and port is off.
        if (arguments.Any(argument => argument.Contains("=kill", StringComparison.Ordinal) || argument == "clock-skew"))
            return await RunProcessAsync(arguments);
        await Place.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            return await RunHereAsync(arguments);
        }
        finally
        {
            Place.Release();
        }
    }

    private async Task<Ended> RunHereAsync(string[] arguments)
    {
        var terminal = new TestTerminal(answers: Answers);
        using var surroundings = new Surroundings(Folder, Variables());
        var runner = new CommandRunner(
            terminal.Terminal, ProcessEnvironment.Read(), Directory.GetCurrentDirectory(),
            new SessionFactory(new ShortPauses(TimeProvider.System, PausesAreShorter), VaultProviders.All),
            new Interruption(exitCode => throw new InvalidOperationException($"The run was interrupted: {exitCode}.")));
        var exitCode = await runner.RunAsync(arguments);
        return new Ended((int)exitCode, terminal.Out, terminal.Error);
    }

    /// <summary>Runs it to its end, as a process of its own.</summary>
    /// <exception cref="TimeoutException">It didn't end; it was killed.</exception>
    public async Task<Ended> RunProcessAsync(params string[] arguments)
    {
        using var running = Start(arguments);
        return await running.EndAsync();
    }

    /// <summary>Starts it as a process of its own.</summary>
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
        start.Environment.Clear();
        // It ends before optimized code would pay.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_TC_CallCounting"] = "0";
        foreach (var (name, value) in Variables())
            start.Environment[name] = value;
        return new Running(Process.Start(start)!);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private Dictionary<string, string> Variables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in Inherited)
            variables[name] = value;
        foreach (var (name, value) in Environment)
            variables[name] = value;
        return variables;
    }

    /// <summary>The current directory and the environment that a run has in this process, until it is over.</summary>
    private sealed class Surroundings : IDisposable
    {
        private readonly string _directory = Directory.GetCurrentDirectory();
        private readonly IReadOnlyDictionary<string, string> _variables = ProcessEnvironment.Read();

        public Surroundings(string directory, IReadOnlyDictionary<string, string> variables)
        {
            Directory.SetCurrentDirectory(directory);
            Set(variables);
        }

        public void Dispose()
        {
            Directory.SetCurrentDirectory(_directory);
            Set(_variables);
        }

        private static void Set(IReadOnlyDictionary<string, string> variables)
        {
            foreach (var name in ProcessEnvironment.Read().Keys.Where(name => !variables.ContainsKey(name)))
                System.Environment.SetEnvironmentVariable(name, null);
            foreach (var (name, value) in variables)
                System.Environment.SetEnvironmentVariable(name, value);
        }
    }

    /// <summary>The program while it runs.</summary>
    internal sealed class Running : IDisposable
    {
        private readonly Process _process;
        private readonly Task<string> _out;
        private readonly Task<string> _error;
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

        public Running(Process process)
        {
            _process = process;
            _process.StandardInput.Close();
            _out = process.StandardOutput.ReadToEndAsync();
            _error = ReadErrorAsync();
        }

        /// <summary>Sends it a signal, such as INT or TERM.</summary>
        public async Task SignalAsync(string signal)
        {
            using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }

        /// <summary>Waits until a line of its stderr holds some text.</summary>
        /// <exception cref="TimeoutException">It never did.</exception>
        public async Task SaysAsync(string text)
        {
            using var limit = new CancellationTokenSource(Limit);
            try
            {
                await foreach (var line in _lines.Reader.ReadAllAsync(limit.Token))
                    if (line.Contains(text, StringComparison.Ordinal))
                        return;
            }
            catch (OperationCanceledException)
            {
                // Told below.
            }

            throw new TimeoutException($"The program never said \"{text}\".");
        }

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

        private async Task<string> ReadErrorAsync()
        {
            var all = new StringBuilder();
            while (await _process.StandardError.ReadLineAsync() is { } line)
            {
                all.Append(line).Append('\n');
                await _lines.Writer.WriteAsync(line);
            }

            _lines.Writer.Complete();
            return all.ToString();
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            _process.Dispose();
        }
    }
}
