using SecretRotator.Settings;
using Serilog.Events;

namespace SecretRotator.Log;

/// <summary>Shows progress on a terminal, and nothing anywhere else. It vanishes when it is disposed.</summary>
internal sealed class ProgressDisplay : IAsyncDisposable
{
    private readonly PeriodicTimer _timer = new(TimeSpan.FromMilliseconds(100), TimeProvider.System);
    private readonly Task _showing;

    /// <summary>Begins to show progress, where that makes sense.</summary>
    public ProgressDisplay(Terminal terminal, RotatorSettings settings, ProgressModel model) =>
        _showing = IsWanted(terminal, settings) ? ShowAsync(terminal, model) : Task.CompletedTask;

    /// <summary>Whether there is someone to look at it.</summary>
    public static bool IsWanted(Terminal terminal, RotatorSettings settings) => terminal.CanRedraw && settings.LogFormat == LogFormat.Text
        && settings.LogLevel is null or LogEventLevel.Warning or LogEventLevel.Error;

    public async ValueTask DisposeAsync()
    {
        // The wait for the next tick ends with the timer.
        _timer.Dispose();
        await _showing;
    }

    private async Task ShowAsync(Terminal terminal, ProgressModel model)
    {
        do
        {
            terminal.ShowBelow(model.Lines());
        }
        while (await _timer.WaitForNextTickAsync());
        terminal.ShowBelow([]);
    }
}
