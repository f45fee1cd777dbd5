using SecretRotator.Settings;

namespace SecretRotator.Log;

/// <summary>Shows progress on a terminal, and nothing anywhere else. It vanishes when it is disposed.</summary>
internal sealed class ProgressDisplay : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private readonly Task _showing;

    private ProgressDisplay(Task showing, CancellationTokenSource end) => (_showing, _end) = (showing, end);

    /// <summary>Whether there is someone to look at it.</summary>
    public static bool IsWanted(Terminal terminal, RotatorSettings settings) =>
        terminal.CanRedraw && settings.LogFormat == LogFormat.Text && settings.LogLevel is null or LogLevel.Warning or LogLevel.Error;

    /// <summary>Begins to show progress, where that makes sense.</summary>
    public static ProgressDisplay Start(Terminal terminal, RotatorSettings settings, ProgressModel model)
    {
        var end = new CancellationTokenSource();
        return new ProgressDisplay(IsWanted(terminal, settings) ? ShowAsync(terminal, model, end.Token) : Task.CompletedTask, end);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _showing;
        _end.Dispose();
    }

    private static async Task ShowAsync(Terminal terminal, ProgressModel model, CancellationToken end)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        do
        {
            terminal.ShowBelow(model.Lines());
        }
        while (await NextAsync(timer, end));
        terminal.ShowBelow([]);
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken end)
    {
        try
        {
            return await timer.WaitForNextTickAsync(end);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
