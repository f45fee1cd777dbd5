using System.Collections.Concurrent;

namespace SecretRotator.Reliability.Servers;

/// <summary>Reads a credential and logs in with it, ten times a second, until it is told to stop.</summary>
/// <param name="name">What it reads.</param>
/// <param name="read">Reads it; null where there is none.</param>
/// <param name="logIn">Logs in.</param>
internal sealed class LoginLoop(string name, Func<Task<string?>> read, Func<string, Task<LoginEnd>> logIn) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _refused = new();
    private Task _running = Task.CompletedTask;
    private int _begun;
    private int _ended;
    private int _accepted;
    private int _unavailable;

    /// <summary>How many logins were accepted.</summary>
    public int Accepted => _accepted;

    /// <summary>How many logins got no answer, or had nothing to log in with.</summary>
    public int Unavailable => _unavailable;

    /// <summary>The logins that the server refused.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    /// <summary>Begins.</summary>
    public LoginLoop Start()
    {
        _running = RunAsync();
        return this;
    }

    /// <summary>Waits until every login that has begun by now has ended, and one more.</summary>
    public async Task PassAsync()
    {
        for (var wanted = Volatile.Read(ref _begun) + 1; Volatile.Read(ref _ended) < wanted && !_running.IsCompleted;)
            await Task.Delay(5);
        if (_running.IsFaulted)
            await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Pause);
        while (!_stop.IsCancellationRequested)
        {
            Interlocked.Increment(ref _begun);
            var end = await read() is { } content ? await logIn(content) : LoginEnd.Unavailable;
            switch (end)
            {
                case LoginEnd.Accepted:
                    _accepted++;
                    break;
                case LoginEnd.Refused:
                    _refused.Enqueue($"a login with {name} is refused");
                    break;
                default:
                    _unavailable++;
                    break;
            }

            Interlocked.Increment(ref _ended);
            await timer.WaitForNextTickAsync();
        }
    }
}
