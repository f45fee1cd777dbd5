using System.Diagnostics;
using SecretRotator.Tests.Processes;

namespace SecretRotator.Reliability.Processes;

/// <summary>How the program under test is started: the published binary, or what was built, through <c>dotnet</c>.</summary>
/// <param name="Command">The words before its own arguments.</param>
internal sealed record RotatorProgram(IReadOnlyList<string> Command)
{
    private const string ShortPausesWord = "with-short-pauses";

    private static readonly string[] Inherited = ["PATH", "HOME", "DOTNET_ROOT", "TMPDIR"];

    /// <summary>What was built, in this program: pauses are shorter than in the published binary, by <see cref="ShortPauses"/>.</summary>
    public static RotatorProgram WithShortPauses { get; } = new(["dotnet", typeof(RotatorProgram).Assembly.Location, ShortPausesWord]);

    /// <summary>The published binary, or where <paramref name="binary"/> is null what was built.</summary>
    public static RotatorProgram Of(string? binary) =>
        new(binary is null ? ["dotnet", Path.Combine(AppContext.BaseDirectory, "secret-rotator.dll")] : [Path.GetFullPath(binary)]);

    /// <summary>Runs the whole program where this process was started as <see cref="WithShortPauses"/>; else answers null.</summary>
    public static Task<int>? RunHere(string[] arguments) => arguments is [ShortPausesWord, .. var own]
        ? SecretRotator.Program.RunAsync(own, new ShortPauses(TimeProvider.System))
        : null;

    /// <summary>Starts it.</summary>
    /// <param name="folder">Its current directory, with the inventory.</param>
    /// <param name="environment">Its environment, besides the bare minimum.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="before">Words that go before the command, such as those of <c>unshare</c>.</param>
    public Running Start(
        string folder, IReadOnlyDictionary<string, string> environment, IEnumerable<string> arguments, IReadOnlyList<string>? before = null)
    {
        string[] words = [.. before ?? [], .. Command, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment.Clear();
        foreach (var name in Inherited)
        {
            if (System.Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;
        }

        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new Running(Process.Start(start)!);
    }

    /// <summary>The program while it runs.</summary>
    internal sealed class Running : IDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _said = new();
        private readonly Task _out;
        private readonly Task _error;

        public Running(Process process)
        {
            _process = process;
            process.StandardInput.Close();
            _out = ReadAsync(process.StandardOutput);
            _error = ReadAsync(process.StandardError);
        }

        /// <summary>Its number.</summary>
        public int Id => _process.Id;

        /// <summary>Whether it has ended.</summary>
        public bool HasEnded => _process.HasExited;

        /// <summary>Everything that it has said so far.</summary>
        public string Said
        {
            get
            {
                lock (_said)
                    return _said.ToString();
            }
        }

        /// <summary>Waits for its end; null where it doesn't end in time, and then it is killed.</summary>
        public async Task<int?> EndAsync(TimeSpan limit)
        {
            try
            {
                await _process.WaitForExitAsync().WaitAsync(limit);
                await Task.WhenAll(_out, _error);
                return _process.ExitCode;
            }
            catch (TimeoutException)
            {
                _process.Kill(entireProcessTree: true);
                return null;
            }
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            _process.Dispose();
        }

        private async Task ReadAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (_said)
                    _said.Append(line).Append('\n');
            }
        }
    }
}
