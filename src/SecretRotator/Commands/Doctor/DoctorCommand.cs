using System.CommandLine;
using SecretRotator.Doctor;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Commands;

/// <summary>Tells what is wrong and how to fix it. Unlike every other command it goes on where something is broken.</summary>
internal static class DoctorCommand
{
    private static readonly string[] AreaWords = [.. Enum.GetValues<CheckArea>().Select(WireNames.Of).Order(StringComparer.Ordinal)];

    /// <summary>Declares it, and the commands below it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var offline = new Option<bool>("--offline") { Description = "Skip the checks that need the network." };
        var noValues = new Option<bool>("--no-values") { Description = "Read no secret value: checks that need one report unknown." };
        var area = SharedOptions.Names("--area", "AREA...", $"Only these areas: {string.Join(", ", AreaWords)}.");
        area.AcceptOnlyFromAmong(AreaWords);
        var command = new CommandWithExamples(
            "doctor",
            "Tells what is wrong with identity, permissions, network, runner and pipeline file, and how to fix it. Writes nothing.",
            "secret-rotator doctor",
            "secret-rotator doctor --offline",
            "secret-rotator doctor --area bitbucket network --output json")
        {
            offline, noValues, area, runner.Options.Parallelism,
            DoctorTrustCommand.Create(runner),
            AllowListCommand.Create(runner),
        };
        return runner.Online(command, context => RunAsync(context, new DoctorRequest(
            context.Settings,
            context.ReadInventory(),
            context.SandboxRun(now: null), context.Log)
        {
            Offline = context.Value(offline),
            LeavesValues = context.Value(noValues),
            Areas = [.. context.Value(area) ?? []],
        }));
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, DoctorRequest request)
    {
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        var report = await context.Sessions.RunDoctorAsync(request, watch.Token);
        var exitCode = ExitCodes.Of(report);
        context.Show(
            json => ResultContext.Write(json, new DoctorJson(report, exitCode)), terminal => DoctorView.WriteText(terminal, report));
        return exitCode;
    }
}
