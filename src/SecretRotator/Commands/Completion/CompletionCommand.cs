using System.CommandLine;

namespace SecretRotator.Commands;

/// <summary>Writes the script by which a shell completes this program: it asks the program, by the directive <c>[suggest]</c>.</summary>
internal static class CompletionCommand
{
    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish.", HelpName = "SHELL" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new CommandWithExamples(
            "completion",
            "Writes the script by which a shell completes commands, options and the names of secrets.",
            "secret-rotator completion bash > ~/.local/share/bash-completion/completions/secret-rotator",
            "secret-rotator completion fish > ~/.config/fish/completions/secret-rotator.fish")
        {
            shell,
        };
        return runner.Offline(command, context =>
        {
            context.Terminal.WriteLine(EmbeddedText.Read($"completion/{context.Parsed.GetValue(shell)}").TrimEnd('\n'));
            return Task.FromResult(ExitCode.Done);
        });
    }
}
