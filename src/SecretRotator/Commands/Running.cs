using SecretRotator.Evidence;
using SecretRotator.Log;
using SecretRotator.Output;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>What the two commands that change something have in common: progress, evidence with its end, a table of outcomes.</summary>
internal static class Running
{
    public static async Task<ExitCode> RunAsync(CommandContext context, string command, Func<IRotator, CancellationToken, Task<RunResult>> run)
    {
        var request = context.WorldRequest(command);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: true);
        var progress = new ProgressModel();
        await using var rotator = await context.World.OpenRotatorAsync(request, [progress, context.Log, context.Telemetry], watch.Token);
        try
        {
            RunResult result;
            await using (ProgressDisplay.Start(context.Terminal, context.Settings, progress))
                result = await run(rotator, watch.Token);

            context.Telemetry.Planned(result.Plan);
            var exitCode = ExitCodes.Of(result);
            var last = Close(rotator, exitCode);
            // The first loss tells why; the later ones only that there was one.
            var lost = result.LostEvidence ?? last;
            exitCode = ExitCodes.Worst([exitCode, lost is null ? ExitCode.Done : ExitCode.Unexpected]);
            var view = new RunView(command, result, exitCode, rotator.Evidence, lost, rotator.Sandbox);
            if (context.Settings.Output == OutputFormat.Json)
                context.Terminal.WriteJson(json => RunJson.Write(json, view));
            else
                RunText.Write(context.Terminal, view);
            return exitCode;
        }
        catch (Exception exception) when (!Debugging.IsFatal(exception))
        {
            // The one that is under way says more than one about its evidence.
            _ = Close(rotator, ExitCodes.Of(exception));
            throw;
        }
    }

    private static string? Close(IRotator rotator, ExitCode exitCode)
    {
        try
        {
            rotator.End(exitCode);
            return null;
        }
        catch (EvidenceException exception)
        {
            return exception.Message;
        }
    }
}
