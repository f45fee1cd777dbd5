using System.Diagnostics;

namespace SecretRotator.Tests.Processes;

/// <summary>The scripts of <c>completion</c> in the shells that they are for.</summary>
public sealed class CompletionProcessTests : IDisposable
{
    private static readonly string[] Bash = ["bash", "-c", """
        source script; COMP_LINE=$1; COMP_POINT=${#1}; read -ra COMP_WORDS <<< "$1"; [[ $1 == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _secret_rotator; printf '%s\n' "${COMPREPLY[@]}"
        """, "bash"];

    private static readonly string[] Fish = ["fish", "--no-config", "-c", "source script; complete -C $argv[1]"];

    // The completion system needs a terminal: what it would be given is printed.
    private static readonly string[] Zsh = ["zsh", "-f", "-c", """
        compdef() {}; source ./script; compadd() { print -l -- "${(@P)2}" }; _files() {}
        words=(${=1}); [[ $1 == *' ' ]] && words+=(''); CURRENT=${#words}; _secret_rotator
        """, "zsh"];

    private readonly Rotator _rotator = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task A_shell_completes_commands_options_words_and_the_secrets_of_the_inventory(string shell)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("PATH")!.Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, shell))), $"There is no {shell}.");
        File.Copy(RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"));
        await File.WriteAllTextAsync(_rotator.PathOf("script"), (await _rotator.RunAsync("completion", shell)).Out, Cancellation);
        var program = _rotator.PathOf("secret-rotator");
        await File.WriteAllTextAsync(
            program, $"#!/bin/sh\nexec dotnet \"{Path.Combine(AppContext.BaseDirectory, "secret-rotator.dll")}\" \"$@\"\n", Cancellation);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var completed = await Task.WhenAll(
            CompleteAsync(shell, "secret-rotator ro"),
            CompleteAsync(shell, "secret-rotator plan --onl"),
            CompleteAsync(shell, "secret-rotator plan --only payments"),
            CompleteAsync(shell, "secret-rotator schedules "));

        completed.Should().Equal("rollback rotate", "--only", "payments-db payments-webhook", "apply plan");
    }

    public void Dispose() => _rotator.Dispose();

    private async Task<string> CompleteAsync(string shell, string line)
    {
        var command = shell switch { "bash" => Bash, "zsh" => Zsh, _ => Fish };
        var start = new ProcessStartInfo(command[0], [.. command[1..], line])
        {
            WorkingDirectory = _rotator.Folder,
            RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = $"{_rotator.Folder}:{start.Environment["PATH"]}";
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync(Cancellation);
        return string.Join(' ', said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }
}
