using System.Diagnostics;

namespace SecretRotator.Sandbox.Bitbucket.Pipelines;

/// <summary>Runs the script of a step in a shell of its own, which sees the step's variables and nothing else.</summary>
internal static class StepProcess
{
    private const int LongestOutput = 256 * 1024;

    /// <summary>Runs a script and hides secured values in what it printed, as Bitbucket does: by find and replace.</summary>
    /// <returns>What it printed, and whether it succeeded.</returns>
    /// <exception cref="OperationCanceledException">It was stopped, and its processes were killed.</exception>
    public static async Task<(string Log, bool Succeeded)> RunAsync(
        string script, ImmutableDictionary<string, StepVariable> variables, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-e", "-c", "exec 2>&1\n" + script },
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment.Clear();
        foreach (var variable in variables.Values)
            start.Environment[variable.Key] = variable.Value;
        using var process = Process.Start(start)!;
        try
        {
            process.StandardInput.Close();
            var output = await ReadAsync(process.StandardOutput, cancellation);
            await process.WaitForExitAsync(cancellation);
            return ($"+ {script}\n{Masked(output, variables.Values)}", process.ExitCode == 0);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static async Task<string> ReadAsync(StreamReader output, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var chunk = new char[4096];
        for (int read; (read = await output.ReadAsync(chunk, cancellation)) > 0;)
            text.Append(chunk, 0, Math.Min(read, LongestOutput - text.Length));
        return text.ToString();
    }

    private static string Masked(string text, IEnumerable<StepVariable> variables) => variables
        .Where(variable => variable.Secured && variable.Value.Length > 0)
        .OrderByDescending(variable => variable.Value.Length)
        .Aggregate(text, (masked, variable) => masked.Replace(variable.Value, "$" + variable.Key, StringComparison.Ordinal));
}
