
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Hosting;
using SecretRotator.Log;
using SecretRotator.Planning;
using SecretRotator.Reports;
using SecretRotator.Settings;

namespace SecretRotator.Commands;

/// <summary>What the two commands that change something have in common: progress, evidence with its end, a table of outcomes.</summary>
internal static class RotationCommandRunner
{
    public static async Task<ExitCode> RunAsync(CommandContext context, string command, Func<IRotationSession, CancellationToken, Task<RunResult>> run)
    {
        var request = context.SessionRequest(command);
        using var reports = ReportFiles.Begin(context.Value(context.Options.Report) ?? []);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: true);
        var progress = new ProgressModel();
        await using var rotator = await context.World.OpenRotationAsync(request, [progress, context.Log, context.Telemetry], watch.Token);
        RunResult result;
        try
        {
            await using (ProgressDisplay.Start(context.Terminal, context.Settings, progress))
                result = await run(rotator, watch.Token);
        }
        catch (Exception exception) when (!Debugging.IsFatal(exception))
        {
            // The one that is under way says more than one about its evidence.
            _ = await CloseAsync(rotator, ExitCodes.Of(exception), Debugging.StoppedBy(exception));
            throw;
        }

        // From here on the run is over. Its evidence is closed once, whatever becomes of the telling.
        context.Telemetry.Planned(result.Plan);
        var exitCode = ExitCodes.Of(result);
        var (closed, last) = await CloseAsync(rotator, exitCode, stopped: null);
        // The first loss tells why; the later ones only that there was one.
        var lost = result.LostEvidence ?? last;
        exitCode = ExitCodes.Worst(
        [
            exitCode,
            lost is null ? ExitCode.Done : ExitCode.Unexpected,
            closed?.Archived is { } archived ? ExitCodes.Of(archived) : ExitCode.Done,
            await ReportAsync(context, rotator, result, reports),
        ]);
        var view = new RunView(command, result, exitCode, rotator.Evidence, lost, rotator.Sandbox) { Signature = closed?.Signature, Archived = closed?.Archived };
        if (context.Settings.Output == OutputFormat.Json)
            context.Terminal.WriteJson(json => RunJson.Write(json, view));
        else
            RunText.Write(context.Terminal, view);
        return exitCode;
    }

    // Looking again costs calls, so it is only done for whoever asks for a report, and for the secrets of the run. The outcome stands
    // and must be told: a report that can't be made is told with it, and changes nothing of what was done.
    private static async Task<ExitCode> ReportAsync(CommandContext context, IRotationSession rotator, RunResult result, ReportFiles reports)
    {
        if (reports.Paths.IsEmpty)
            return ExitCode.Done;
        try
        {
            var covered = new PlanRequest { Only = [.. result.Plan.Items.Select(item => item.Secret.Name)] };
            await ReportMaker.TellAsync(context, rotator, covered, reports, CancellationToken.None);
            return ExitCode.Done;
        }
        catch (Exception exception) when (!Debugging.IsFatal(exception))
        {
            context.Log.Failed(exception);
            context.Log.Notice($"{Debugging.Problems(exception)[0].Message} The run itself is over; make the report anew: secret-rotator report");
            return ExitCode.Unexpected;
        }
    }

    private static async Task<(ClosedEvidence? Closed, string? Lost)> CloseAsync(IRotationSession rotator, ExitCode exitCode, Failure? stopped)
    {
        try
        {
            return (await rotator.EndAsync(exitCode, stopped), null);
        }
        catch (EvidenceException exception)
        {
            return (null, exception.Message);
        }
    }
}
