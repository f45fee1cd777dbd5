using SecretRotator.Commands;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Settings;

namespace SecretRotator;

internal static class Program
{
    private static Task<int> Main(string[] arguments) => RunAsync(arguments, TimeProvider.System);

    /// <summary>The whole program.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="time">In which it waits and measures.</param>
    internal static async Task<int> RunAsync(string[] arguments, TimeProvider time)
    {
        ProcessMemory.Seal();
        var environment = ProcessEnvironment.Take(VaultProviders.All);
        var terminal = Terminal.OfProcess(
            noColour: environment.ContainsKey("NO_COLOR"),
            dumb: environment.GetValueOrDefault("TERM") == "dumb",
            environment.GetValueOrDefault("COLUMNS"));
        var interruption = new Interruption(exitCode => Environment.Exit((int)exitCode));
        var sessions = new SessionFactory(time, VaultProviders.All);
        var runner = new CommandRunner(terminal, environment, Directory.GetCurrentDirectory(), sessions, interruption);
        return (int)await runner.RunAsync(arguments);
    }
}
