using SecretRotator.Audit;
using SecretRotator.EvidenceStorage;
using SecretRotator.Hosting;
using SecretRotator.Notifications;
using SecretRotator.Rotation;

namespace SecretRotator.Commands;

/// <summary>Tells the receivers of the inventory how a run ended. Whatever becomes of that, the run's exit code stays what it is.</summary>
internal sealed class RunNotifier(InventoryContext context, SessionRequest request)
{
    /// <summary>Tells of a run that has a result.</summary>
    /// <param name="session">The run, whose evidence is closed.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="exitCode">What the process will answer.</param>
    /// <param name="archived">Whether the evidence reached its archive, or null where there is none.</param>
    /// <returns>What the receivers answered.</returns>
    public async Task<ImmutableArray<NotificationAnswer>> TellAsync(
        IRotationSession session, RunResult result, ExitCode exitCode, ArchiveOutcome? archived)
    {
        if (context.Inventory.Receivers.IsEmpty && context.Inventory.Heartbeat is null)
            return [];
        var rules = new NotificationRules(context.Inventory.Limits, session.CredentialEnd);
        var entries = rules.OfRun(result, await PastAsync(session));
        if (archived is not null && ExitCodes.Of(archived) == ExitCode.NeedsOperator)
            entries = entries.Insert(0, new(NotificationEvent.NeedsOperator, null, null, FailureKind.EvidenceLost));
        return await SendAsync(Whole(context, session.Now, result.Results.Length, entries) with { ExitCode = (int)exitCode });
    }

    /// <summary>Tells of a run that something stopped as a whole.</summary>
    public Task TellStoppedAsync(Exception exception) => SendAsync(
        Whole(context, context.Sessions.Now, 0, NotificationRules.OfStopped(Debugging.StoppedBy(exception))) with
        {
            ExitCode = (int)ExitCodes.Of(exception),
        });

    /// <summary>A message of everything, as it is before it is addressed.</summary>
    public static Notification Whole(InventoryContext context, Instant at, int secrets, ImmutableArray<NotificationEntry> entries) =>
        new(at, context.Inventory.Workspace, context.Command, secrets, entries)
        {
            Link = context.Settings.Pipeline?.Page,
        };

    private async Task<ImmutableArray<NotificationAnswer>> SendAsync(Notification whole)
    {
        var messages = AddressedNotification.Of(context.Inventory.Receivers, whole);
        if (context.Inventory.Heartbeat is { } heartbeat && whole is { Command: "rotate", ExitCode: (int)ExitCode.Done })
            messages = messages.Add(new(heartbeat, whole with { Entries = [] }));

        // A run that was stopped is told of as well: each message has a time limit.
        var answers = await context.Sessions.NotifyAsync(request, messages, CancellationToken.None);
        foreach (var answer in answers)
            if (answer.Failure is { } failure)
                context.Log.NotificationLost(FailureMessages.Text(failure));
        return answers;
    }

    private async Task<PastRuns> PastAsync(IRotationSession session)
    {
        if (!context.Inventory.Receivers.Any(receiver => receiver.On.Contains(NotificationEvent.Recovered)))
            return new PastRuns();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            return (await session.ReadEvidenceAsync(session.Now - NotificationRules.LooksBack, limit.Token)).Runs;
        }
        catch (Exception exception) when (!Debugging.IsFatal(exception))
        {
            context.Log.Failed(exception);
            context.Log.NotificationLost(
                "The evidence of earlier runs can't be read, so it isn't known which failures this run ended.");
            return new PastRuns();
        }
    }
}
