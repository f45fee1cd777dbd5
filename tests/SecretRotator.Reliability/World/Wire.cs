namespace SecretRotator.Reliability.World;

/// <summary>Chooses what becomes of requests.</summary>
internal interface INature
{
    /// <summary>Called once for each request, when it is sent.</summary>
    Treatment Treat(Request request);
}

/// <summary>Sees everything that happens to a request.</summary>
internal interface IWitness
{
    /// <summary>A request was sent.</summary>
    void Sent(Request request, Treatment treatment);

    /// <summary>A request took effect. Late: its sender has given it up, or died.</summary>
    void TookEffect(Request request, bool late);
}

/// <summary>
/// What lies between the machines and the services. A request takes effect at one instant, later than it was sent and
/// before its answer arrives; in between everything else goes on.
/// </summary>
internal sealed class Wire(VirtualTime time, INature nature, IWitness witness)
{
    /// <summary>Sends a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="effect">What the service does, and its answer.</param>
    /// <param name="refusal">The service's answer when it refuses: an answer, or what a client makes of it.</param>
    /// <param name="silence">What the client makes of a connection that drops.</param>
    /// <param name="patience">How long the client waits where nothing comes; null where it sees to that itself.</param>
    /// <param name="cancellation">Stops waiting. The request goes on.</param>
    public Task<T> SendAsync<T>(
        Request request, Func<T> effect, Func<Fate, T> refusal, Func<Exception> silence, Duration? patience, CancellationToken cancellation)
    {
        var from = request.From;
        var answer = new TaskCompletionSource<T>();
        if (from.IsDead)
            return answer.Task;
        request.Number = ++from.Requests;
        var treatment = nature.Treat(request);
        if (request.Settles is { } settles)
            treatment = treatment with { Hold = Duration.Min(treatment.Hold, settles - treatment.There - Duration.FromSeconds(1)) };
        witness.Sent(request, treatment);
        if (treatment.Fate == Fate.DiesBefore)
        {
            from.Die();
            return answer.Task;
        }

        cancellation.Register(() => answer.TrySetCanceled(cancellation));
        time.After(treatment.Fate == Fate.Late ? treatment.Hold : treatment.There, Arrive);
        if (treatment.Fate == Fate.Late && patience is { } limit)
            time.After(limit, () => from.Receive(() => answer.TrySetException(silence())));
        return answer.Task;

        void Arrive()
        {
            var result = treatment.Fate switch
            {
                Fate.Busy or Fate.Denied or Fate.Held => Try(() => refusal(treatment.Fate)),
                Fate.Dropped => new(default, silence()),
                _ => TakeEffect(),
            };
            if (treatment.Fate == Fate.Late)
                return;
            if (treatment.Fate == Fate.Held)
                time.After(treatment.Hold, () => TakeEffect());
            if (treatment.Fate == Fate.Lost)
                result = new(default, silence());
            if (treatment.Fate == Fate.DiesAfter)
                from.Die();
            time.After(treatment.Back, () => from.Receive(() => result.Give(answer)));
        }

        Result<T> TakeEffect()
        {
            var result = Try(effect);
            witness.TookEffect(request, from.IsDead || from.HasEnded || answer.Task.IsCompleted);
            return result;
        }
    }

    private static Result<T> Try<T>(Func<T> act)
    {
        try
        {
            return new(act(), null);
        }
        catch (Exception refused)
        {
            return new(default, refused);
        }
    }

    private readonly record struct Result<T>(T? Answer, Exception? Failure)
    {
        public void Give(TaskCompletionSource<T> waiting)
        {
            if (Failure is null)
                waiting.TrySetResult(Answer!);
            else
                waiting.TrySetException(Failure);
        }
    }
}
