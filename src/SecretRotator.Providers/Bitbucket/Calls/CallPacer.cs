using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Bitbucket.Calls;

/// <summary>
/// Admits calls to Bitbucket in the order in which they ask, within the hourly budget of the credential, and makes
/// all of them rest when Bitbucket answers 429.
/// </summary>
/// <remarks>
/// <para>Calls that finish what was begun (an undo, a verification, the release of a claim) don't queue behind
/// others, and a part of the budget is kept for them: a rotation can always be put back.</para>
/// <para>Bitbucket counts 1,000 calls in any 60 minutes for each credential, and has burst limits below that which it
/// doesn't publish (support.atlassian.com, "API request limits"). Only access tokens get the X-RateLimit headers.</para>
/// </remarks>
/// <param name="callsPerHour">The budget, at least 1 call in any 60 minutes; above <see cref="HighestLimit"/> is taken as that.</param>
/// <param name="patience">How long rests are.</param>
/// <param name="time">For waiting and measuring.</param>
/// <param name="random">For jitter.</param>
/// <param name="waiting">Told of a wait of more than a few seconds before it begins, so that people can be told.</param>
internal sealed class CallPacer(
    int callsPerHour, CallPatience patience, TimeProvider time, IRandomSource random, Action<TimeSpan>? waiting = null) : IDisposable
{
    /// <summary>Atlassian's highest limit, in calls an hour.</summary>
    public const int HighestLimit = 10_000;

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstSpacing = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestSpacing = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NoticeableWait = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _ordinaryQueue = new(1, 1);
    private readonly SemaphoreSlim _finishingQueue = new(1, 1);
    private readonly long _start = time.GetTimestamp();
    private readonly TimeSpan[] _admissions = new TimeSpan[callsPerHour >= 1
        ? Math.Min(callsPerHour, HighestLimit)
        : throw new ArgumentOutOfRangeException(nameof(callsPerHour))];

    private int _limit = Math.Min(callsPerHour, HighestLimit);
    private long _calls;
    private long _throttled;
    private int _rests;
    private bool _nearLimit;
    private TimeSpan? _throttledSince;
    private TimeSpan _restUntil;
    private TimeSpan _spacing;
    private TimeSpan _lastAdmission = TimeSpan.MinValue / 2;

    /// <summary>Calls admitted so far.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Answers with status 429 so far.</summary>
    public long Throttled => Interlocked.Read(ref _throttled);

    /// <summary>For how long there has been no answer but 429; zero where the last answer was another one.</summary>
    public TimeSpan ThrottledFor
    {
        get
        {
            lock (_lock)
                return Now - (_throttledSince ?? Now);
        }
    }

    /// <summary>How many calls that begin something could be admitted now without waiting for the hourly window.</summary>
    public int CallsLeft
    {
        get
        {
            lock (_lock)
            {
                var now = Now;
                var used = 0;
                while (used < Math.Min(_calls, _admissions.Length) && Admission(used + 1) + Window > now)
                    used++;
                return Math.Max(0, Allowed(finishing: false) - used);
            }
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Waits for its turn, for the budget and for the end of a rest.</summary>
    /// <param name="finishing">Whether the call finishes or undoes what was begun.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task AdmitAsync(bool finishing, CancellationToken cancellation)
    {
        var queue = finishing ? _finishingQueue : _ordinaryQueue;
        await queue.WaitAsync(cancellation);
        try
        {
            while (Admit(finishing) is var wait && wait > TimeSpan.Zero)
            {
                if (wait > NoticeableWait)
                    waiting?.Invoke(wait);
                // Timers count whole milliseconds: rounded up, so that none fires early.
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), time, cancellation);
            }
        }
        finally
        {
            queue.Release();
        }
    }

    /// <summary>Notes an answer that wasn't 429, and what its headers tell of the limit.</summary>
    public void Answered(HttpResponseMessage response)
    {
        lock (_lock)
        {
            _throttledSince = null;
            _spacing = _spacing < FirstSpacing / 4 ? TimeSpan.Zero : _spacing * 0.8;
            _rests = Now >= _restUntil ? 0 : _rests;
            if (Header(response, "X-RateLimit-NearLimit") is { } near)
                _nearLimit = bool.TryParse(near, out var isNear) && isNear;
            if (int.TryParse(Header(response, "X-RateLimit-Limit"), NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
                && limit > 0)
                _limit = Math.Min(_limit, limit);
        }
    }

    /// <summary>Makes every call rest after a 429.</summary>
    /// <param name="asked">How long Bitbucket asks to wait, if it does.</param>
    public void Rest(TimeSpan? asked)
    {
        Interlocked.Increment(ref _throttled);
        lock (_lock)
        {
            var now = Now;
            _throttledSince ??= now;
            if (now >= _restUntil)
            {
                // Calls that were on their way when the rest began get their 429 during it: that is no further reason.
                _rests++;
                _spacing = _spacing == TimeSpan.Zero ? FirstSpacing : Least(_spacing * 2, LongestSpacing);
            }
            var own = Least(patience.FirstRest * Math.Pow(2, Math.Min(_rests, 16) - 1), patience.LongestRest);
            var rest = asked is { } wanted ? Least(wanted, patience.LongestRetryAfter) : (own / 2) + Jitter.Below(own / 2, random);
            _restUntil = now + rest > _restUntil ? now + rest : _restUntil;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _ordinaryQueue.Dispose();
        _finishingQueue.Dispose();
    }

    private TimeSpan Admit(bool finishing)
    {
        lock (_lock)
        {
            var now = Now;
            var allowed = Allowed(finishing);
            var earliest = _restUntil;
            if (_calls >= allowed)
                earliest = Latest(earliest, Admission(allowed) + Window);
            var spacing = _nearLimit && !finishing ? Latest(_spacing, Window / _limit) : _spacing;
            earliest = Latest(earliest, _lastAdmission + spacing);
            if (earliest > now)
                return earliest - now;
            _admissions[_calls % _admissions.Length] = now;
            _lastAdmission = now;
            _calls++;
            return TimeSpan.Zero;
        }
    }

    private int Allowed(bool finishing) => finishing ? _limit : _limit - RunLimits.UndoReserve(_limit);

    // The n-th last admission, from 1.
    private TimeSpan Admission(int last) => _admissions[(_calls - last) % _admissions.Length];

    private static TimeSpan Latest(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
