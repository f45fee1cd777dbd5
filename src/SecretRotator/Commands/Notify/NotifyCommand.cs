using System.CommandLine;
using SecretRotator.Configuration;
using SecretRotator.Notifications;

namespace SecretRotator.Commands;

/// <summary>The command about those who are told of runs.</summary>
internal static class NotifyCommand
{
    /// <summary>Declares it, and what is below it.</summary>
    public static Command Create(CommandRunner runner) => new CommandWithExamples(
        "notify",
        "Asks the receivers of notifications.",
        "secret-rotator notify test")
    {
        CreateTest(runner),
    };

    private static Command CreateTest(CommandRunner runner)
    {
        var only = SharedOptions.Names("--only", "NAME...", "Only these receivers.");
        var command = new CommandWithExamples(
            "test",
            "Sends each receiver a message that is marked as a test, and says what each answered. The heartbeat isn't called.",
            "secret-rotator notify test",
            "secret-rotator notify test --only on-call")
        {
            only,
        };
        return runner.WithInventory(command, context => RunAsync(context, context.Value(only) ?? []));
    }

    private static async Task<ExitCode> RunAsync(InventoryContext context, string[] only)
    {
        var receivers = context.Inventory.Receivers;
        if (receivers.IsEmpty)
            throw new UsageException("The inventory has no receivers.", "Declare them under \"notify\": docs/notifications.md.");
        if (only.Except(receivers.Select(receiver => receiver.Name), StringComparer.Ordinal).ToList() is [var unknown, ..])
            throw new UsageException(
                $"The inventory has no receiver {Quoted.Of(unknown)}.",
                $"It has: {string.Join(", ", receivers.Select(receiver => receiver.Name))}.");
        using var watch = context.Interruption.Watch(context.Terminal, undoes: false);
        var test = RunNotifier.Whole(context, context.Sessions.Now, 0, []) with { IsTest = true };
        var answers = await context.Sessions.NotifyAsync(
            context.SessionRequest(),
            [
                .. receivers.Where(receiver => only.Length == 0 || only.Contains(receiver.Name, StringComparer.Ordinal))
                    .Select(receiver => new AddressedNotification(receiver, test)),
            ],
            watch.Token);
        watch.Token.ThrowIfCancellationRequested();
        var exitCode = answers.Any(answer => answer.Failure is not null) ? ExitCode.Found : ExitCode.Done;
        context.Show(
            json => ResultContext.Write(json, new NotifyTestJson(answers, exitCode)),
            terminal => NotificationsView.WriteText(terminal, answers));
        return exitCode;
    }
}

/// <summary>What notify test writes with --output json. docs/json.md explains it to people.</summary>
internal sealed class NotifyTestJson : ResultJson
{
    private readonly ImmutableArray<NotificationAnswer> _answers;

    internal NotifyTestJson(ImmutableArray<NotificationAnswer> answers, ExitCode exitCode)
        : base("notify test", exitCode) => _answers = answers;

    public IEnumerable<NotificationAnswerJson> Notifications => _answers.Select(answer => new NotificationAnswerJson(answer));
}
