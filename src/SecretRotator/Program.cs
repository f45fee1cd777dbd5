using SecretRotator.Commands;
using SecretRotator.Hosting;
using SecretRotator.Providers;
using SecretRotator.Settings;

namespace SecretRotator;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        ProcessMemory.Seal();
        var environment = ProcessEnvironment.Take(VaultProviders.All);
        var terminal = Terminal.OfProcess(
            noColour: environment.ContainsKey("NO_COLOR"),
            dumb: environment.GetValueOrDefault("TERM") == "dumb",
            environment.GetValueOrDefault("COLUMNS"));
        var interruption = new Interruption(exitCode => Environment.Exit((int)exitCode));
        var sessions = new SessionFactory(TimeProvider.System, VaultProviders.All);
        var runner = new CommandRunner(terminal, environment, Directory.GetCurrentDirectory(), sessions, interruption);
        return (int)await runner.RunAsync(arguments);
    }
}
