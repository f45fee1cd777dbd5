using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Backends.Program;

/// <summary>How one call of a program ended.</summary>
/// <param name="ExitCode">Its exit code; null where it was killed.</param>
/// <param name="Answer">What it wrote to its standard output, to be wiped.</param>
/// <param name="Said">What it wrote to its standard error; empty where that is too much, and where it was killed.</param>
internal sealed record ProgramEnd(int? ExitCode, SecretValue Answer, byte[] Said) : IDisposable
{
    /// <summary>Why it was killed, as the end of a sentence; null where it ended by itself.</summary>
    public string? KilledBecause { get; init; }

    /// <inheritdoc />
    public void Dispose()
    {
        Answer.Dispose();
        CryptographicOperations.ZeroMemory(Said);
    }
}

/// <summary>Runs a program for one call: a session of its own, a clean environment, and an end for it and all that it started.</summary>
internal static partial class ProgramProcess
{
    /// <summary>How much it may write to its standard output.</summary>
    public const int MostAnswer = 256 * 1024;

    private const int MostSaid = 64 * 1024;
    private const int KillSignal = 9;

    // Puts the program into a session of its own: Ctrl+C in a terminal isn't its concern, and what it starts can be killed with it.
    private static readonly string? SessionStarter =
        new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(File.Exists);

    // No credential is in any of these. What else a program needs is in its arguments, or in the request.
    private static readonly HashSet<string> Inherited = new(StringComparer.OrdinalIgnoreCase)
    {
        "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "SystemRoot", "TEMP", "TMP", "PATHEXT", "USERPROFILE", "ComSpec",
    };

    /// <summary>Runs it.</summary>
    /// <param name="file">The program's whole path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="request">What it reads.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="time">Measures that.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <exception cref="OperationCanceledException">Cancelled before it was started.</exception>
    /// <exception cref="Win32Exception">It can't be started.</exception>
    public static async Task<ProgramEnd> RunAsync(
        string file, IEnumerable<string> arguments, string folder, SecretValue request, TimeSpan limit, TimeProvider time,
        CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var process = Start(file, arguments, folder);
        using var timer = new CancellationTokenSource(limit, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        using var answer = new WipedBody();
        using var said = new WipedBody();
        var pipes = Task.WhenAll(
            WriteAsync(process, request),
            ReadAsync(process.StandardOutput.BaseStream, answer, MostAnswer, stop),
            ReadAsync(process.StandardError.BaseStream, said, MostSaid, overflow: null));
        string? because = null;
        try
        {
            await process.WaitForExitAsync(stop.Token);

            // What it left running may hold its output open.
            Kill(process);
            await pipes.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            because = cancellation.IsCancellationRequested ? "the run was stopped"
                : timer.IsCancellationRequested
                ? string.Create(CultureInfo.InvariantCulture, $"it took longer than {limit.TotalSeconds:0.#} s")
                : $"it wrote more than {MostAnswer / 1024} KiB";
            Kill(process);
        }

        return because is not null
            ? new ProgramEnd(ExitCode: null, SecretValue.FromUtf8([]), []) { KilledBecause = because }
            : new ProgramEnd(process.ExitCode, Taken(answer), said.Length > MostSaid ? [] : Bytes(said));
    }

    private static Process Start(string file, IEnumerable<string> arguments, string folder)
    {
        var start = new ProcessStartInfo(SessionStarter ?? file)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (SessionStarter is not null)
            start.ArgumentList.Add(file);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(name => !Inherited.Contains(name)).ToList())
            start.Environment.Remove(name);
        return Process.Start(start)!;
    }

    // A program that ends without having read everything has closed the pipe: its exit code tells the rest.
    private static async Task WriteAsync(Process process, SecretValue request)
    {
        try
        {
#pragma warning disable RS0030 // It is sent to the program.
            await request.Reveal(process.StandardInput.BaseStream, static (pipe, utf8) => pipe.WriteAsync(utf8).AsTask());
#pragma warning restore RS0030
            process.StandardInput.Close();
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
        }
    }

    // What is over the limit is read and dropped, so that the program doesn't wait for a reader.
    private static async Task ReadAsync(Stream pipe, WipedBody into, int most, CancellationTokenSource? overflow)
    {
        try
        {
            while (into.Length <= most)
            {
                if (!await into.FillAsync(pipe, CancellationToken.None))
                    return;
            }

            if (overflow is not null)
                await overflow.CancelAsync();
            await pipe.CopyToAsync(Stream.Null);
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
        }
    }

    private static SecretValue Taken(WipedBody body)
    {
        var bytes = Bytes(body);
        var value = SecretValue.FromUtf8(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return value;
    }

    private static byte[] Bytes(WipedBody body)
    {
        var bytes = GC.AllocateUninitializedArray<byte>((int)body.Length, pinned: true);
        body.ReadExactly(bytes);
        return bytes;
    }

    // The session's processes are one group, which outlives its first process; without one, those that descend from it.
    private static void Kill(Process process)
    {
        if (SessionStarter is not null)
            _ = SendSignal(-process.Id, KillSignal);
        try
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);
}
