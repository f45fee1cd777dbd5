using SecretRotator.Evidence;

namespace SecretRotator.Rotation;

/// <summary>The evidence of one rotation: every step is written before it is done and again when it is done or has failed.</summary>
internal sealed class RotationJournal(IEvidenceLog log, IClock clock, string secret, RotationId rotation)
{
    /// <summary>
    /// While something is put back or finished, evidence that can't be written doesn't stop it. Otherwise no step
    /// begins once evidence was lost. The first loss is kept in <see cref="Lost"/> and reported in the end.
    /// </summary>
    public bool IsForgiving { get; set; }

    public EvidenceException? Lost { get; private set; }

    public RotationId Rotation => rotation;

    public Task DoAsync(RotationStep step, string? target, Func<Task> act, string? detail = null) =>
        DoAsync<object?>(step, target, async () =>
        {
            await act().ConfigureAwait(false);
            return null;
        }, _ => detail);

    public async Task<T> DoAsync<T>(RotationStep step, string? target, Func<Task<T>> act, Func<T, string?> detail)
    {
        Write(step, StepState.Begun, target, null);
        T result;
        try
        {
            result = await act().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            Write(step, StepState.Failed, target, FailureMessages.Describe(failure), FailureMessages.Of(failure));
            throw;
        }

        Write(step, StepState.Done, target, detail(result));
        return result;
    }

    /// <summary>Writes a record. Only the beginning of a step may fail: what an act did is never forgotten over its record.</summary>
    /// <exception cref="EvidenceException">The step can't be recorded, so it must not begin.</exception>
    public void Write(RotationStep step, StepState state, string? target, string? detail, Failure? failure = null)
    {
        try
        {
            log.Append(
                new EvidenceRecord.Step(clock.GetCurrentInstant(), secret, rotation, step, state, target, detail) { Failure = failure });
        }
        catch (EvidenceException lost)
        {
            Lost ??= lost;
        }

        if (state == StepState.Begun && !IsForgiving && Lost is not null)
            throw Lost;
    }
}
