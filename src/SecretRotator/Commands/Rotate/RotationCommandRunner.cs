using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Hosting;
using SecretRotator.Log;
using SecretRotator.Planning;
using SecretRotator.Reports;

namespace SecretRotator.Commands;

/// <summary>Runs <c>rotate</c> and <c>rollback</c>: shows progress, closes the evidence whatever happens, and tells the outcome.</summary>
internal static class RotationCommandRunner
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="context">The command.</param>
    /// <param name="run">Rotates or rolls back.</param>
    public static async Task<ExitCode> RunAsync(InventoryContext context, Func<IRotationSession, CancellationToken, Task<RunResult>> run)
    {
        var request = context.SessionRequest();
        using var reports = ReportFiles.Begin(context.Value(context.Options.Report) ?? []);
        using var watch = context.Interruption.Watch(context.Terminal, undoes: true);
        var progress = new ProgressModel(() => context.Sessions.Now);
        context.Log.CallsWait = progress.CallsWait;
        var notifier = new RunNotifier(context, request);
        await using var session = await OpenAsync(context, request, progress, notifier, watch.Token);
        progress.CallsLeft = () => session.CallsLeft;
        RunResult result;
        try
        {
            await using (new ProgressDisplay(context.Terminal, context.Settings, progress))
                result = await run(session, watch.Token);
        }
        catch (Exception exception) when (!Debugging.IsFatal(exception))
        {
            // The exception that ended the run says more than a second one about its evidence.
            _ = await CloseAsync(session, ExitCodes.Of(exception), Debugging.StoppedBy(exception));
            await notifier.TellStoppedAsync(exception);
            throw;
        }

        // From here on the run is over. Its evidence is closed once, whatever becomes of the telling.
        context.Telemetry.Planned(result.Plan);
        var exitCode = ExitCodes.Of(result);
        var (closed, last) = await CloseAsync(session, exitCode, stopped: null);
        // The first loss tells why; the later ones only that there was one.
        var lost = result.LostEvidence ?? last;
        exitCode = ExitCodes.Worst(
        [
            exitCode,
            lost is null ? ExitCode.Done : ExitCode.Unexpected,
            closed?.Archived is { } archived ? ExitCodes.Of(archived) : ExitCode.Done,
            await ReportAsync(context, session, result, reports),
        ]);
        var view = new RunView(context.Command, result, exitCode, session.Evidence, lost, session.Sandbox)
        {
            Signature = closed?.Signature,
            Archived = closed?.Archived,
            Notifications = await notifier.TellAsync(session, result, exitCode, closed?.Archived),
        };
        context.Show(json => ResultContext.Write(json, new RunJson(view)), view.WriteText);
        return exitCode;
    }

    private static async Task<IRotationSession> OpenAsync(
        InventoryContext context, SessionRequest request, ProgressModel progress, RunNotifier notifier, CancellationToken cancellation)
    {
        try
        {
            return await context.Sessions.OpenRotationAsync(request, [progress, context.Log, context.Telemetry], cancellation);
        }
        catch (Exception exception) when (!Debugging.IsFatal(exception))
        {
            await notifier.TellStoppedAsync(exception);
            throw;
        }
    }

    // To observe again costs calls: it is done only where a report is asked for, and for the secrets of the run. Whatever becomes of the
    // report, the outcome of the run must be told.
    private static async Task<ExitCode> ReportAsync(
        InventoryContext context, IRotationSession session, RunResult result, ReportFiles reports)
    {
        if (reports.Paths.IsEmpty)
            return ExitCode.Done;
        try
        {
            var covered = new PlanRequest { Only = [.. result.Plan.Items.Select(item => item.Secret.Name)] };
            await ReportMaker.MakeAsync(context, session, covered, reports, readsEvidence: true, CancellationToken.None);
            return ExitCode.Done;
        }
        catch (Exception exception) when (!Debugging.IsFatal(exception))
        {
            context.Log.Failed(exception);
            var cause = Debugging.Problems(exception)[0].Message;
            context.Log.Notice($"{cause} The run itself is over; make the report again: secret-rotator report");
            return ExitCode.Unexpected;
        }
    }

    private static async Task<(ClosedEvidence? Closed, string? Lost)> CloseAsync(
        IRotationSession session, ExitCode exitCode, Failure? stopped)
    {
        try
        {
            return (await session.EndAsync(exitCode, stopped), null);
        }
        catch (EvidenceException exception)
        {
            return (null, exception.Message);
        }
    }
}
