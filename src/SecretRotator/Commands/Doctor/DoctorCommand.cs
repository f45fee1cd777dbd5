using System.Collections.Immutable;
using System.CommandLine;
using SecretRotator.Configuration;
using SecretRotator.Doctor;
using SecretRotator.Hosting;
using SecretRotator.Log;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>Tells what is wrong and how to fix it. Unlike every other command it goes on where something is broken.</summary>
internal static class DoctorCommand
{
    public static async Task<ExitCode> RunAsync(Terminal terminal, DoctorRequest request, ISessionFactory world, Interruption interruption)
    {
        using var watch = interruption.Watch(terminal, undoes: false);
        var examination = await world.RunDoctorAsync(request, watch.Token);
        var exitCode = ExitCodes.Of(examination);
        if (request.Settings.Output == OutputFormat.Json)
            terminal.WriteJson(json => DoctorJson.Write(json, examination, exitCode));
        else
            DoctorText.Write(terminal, examination);
        return exitCode;
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="UsageException">Its options don't go together.</exception>
    public static DoctorRequest Read(RotatorSettings settings, CommandOptions options, ParseResult parsed, RunLog log) =>
        new(settings, InventoryFile.Read(settings.Inventory, settings.Providers.Registered), CommandContext.SandboxRunOf(options, parsed, now: null), log)
        {
            Offline = parsed.GetValue(options.Offline),
            LeavesValues = parsed.GetValue(options.NoValues),
            Areas = (parsed.GetValue(options.Area) ?? []).Select(word => CheckNames.Areas[word]).ToImmutableSortedSet(),
        };
}
