using System.Security.Cryptography;
using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Attestations;

/// <summary>
/// The attestations of a run: one pipeline for each place, after the last rotation of the run that needs it has
/// distributed. A rotation that ends early leaves, so that no one waits for it. What is still running when the run is
/// cancelled or gives up is stopped.
/// </summary>
/// <param name="pipelines">Runs them.</param>
/// <param name="policy">What the inventory says; null where it asks for none.</param>
/// <param name="run">The run.</param>
/// <param name="random">Where nonces come from.</param>
/// <param name="time">Waits between looks.</param>
/// <param name="firstLook">How long a pipeline is left alone before it is asked how far it is.</param>
/// <param name="cancellation">Ends the waiting of all.</param>
internal sealed class SharedAttestations(
    IPipelines pipelines, AttestationPolicy? policy, RunId run, IRandomSource random, TimeProvider time, TimeSpan firstLook,
    CancellationToken cancellation)
    : IAsyncDisposable
{
    // An idle queue and a small step take some ten seconds; half a minute more or less doesn't matter to a slow one.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private const double Growth = 1.5;

    private readonly Lock _lock = new();
    private readonly Dictionary<AttestationPlace, Expected> _places = [];
    private readonly List<Task> _running = [];
    private readonly List<byte[]> _nonces = [];

    private sealed class Expected
    {
        public HashSet<string> Missing { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Keys { get; } = new(StringComparer.Ordinal);

        public TaskCompletionSource<Attestation> Attestation { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The inventory's policy; null where no target asks for an attestation.</summary>
    public AttestationPolicy? Policy => policy;

    /// <summary>Announces a rotation before any rotation of the run begins.</summary>
    public void Expect(ManagedSecret secret)
    {
        lock (_lock)
        {
            foreach (var place in AttestationPlace.Of(secret, policy))
            {
                if (!_places.TryGetValue(place, out var expected))
                    _places.Add(place, expected = new Expected());
                expected.Missing.Add(secret.Name);
            }
        }
    }

    /// <summary>Asks for answers at every place of a secret, once it has distributed.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="keys">The keys to answer for, as Bitbucket writes them, by their place.</param>
    public void Ask(ManagedSecret secret, ILookup<AttestationPlace, string> keys) => Arrive(secret, keys);

    /// <summary>What the pipeline of a place said, which every rotation that needs it has asked or left.</summary>
    /// <exception cref="VerificationFailedException">It said nothing that could be read, or could not be run.</exception>
    public Task<Attestation> OfAsync(AttestationPlace place, CancellationToken stop)
    {
        lock (_lock)
            return _places[place].Attestation.Task.WaitAsync(stop);
    }

    /// <summary>Reports that a rotation will not distribute, or no longer needs an answer. May be called at any time, more than
    /// once.</summary>
    public void Leave(ManagedSecret secret) => Arrive(secret, keys: null);

    /// <summary>Waits until nothing runs any more, and wipes the nonces.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_lock)
            running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(false);
        foreach (var nonce in _nonces)
            CryptographicOperations.ZeroMemory(nonce);
    }

    private void Arrive(ManagedSecret secret, ILookup<AttestationPlace, string>? keys)
    {
        foreach (var place in AttestationPlace.Of(secret, policy))
        {
            lock (_lock)
            {
                if (!_places.TryGetValue(place, out var expected) || !expected.Missing.Remove(secret.Name))
                    continue;
                expected.Keys.UnionWith(keys?[place] ?? []);
                if (expected.Missing.Count == 0 && expected.Keys.Count > 0)
                    _running.Add(ProveAsync(place, expected));
            }
        }
    }

    // Belongs to no single rotation: it ends with the run, or by its limit.
    private async Task ProveAsync(AttestationPlace place, Expected expected)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            expected.Attestation.SetResult(await RunAsync(place, [.. expected.Keys]).ConfigureAwait(false));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            expected.Attestation.SetException(failure is VerificationFailedException or OperationCanceledException
                ? failure
                : new VerificationFailedException(
                    FailureMessages.Of(failure).After($"What pipelines of {place} see could not be proven.")));
            _ = expected.Attestation.Task.Exception;
        }
    }

    private async Task<Attestation> RunAsync(AttestationPlace place, ImmutableArray<string> keys)
    {
        var nonce = NewNonce();
        using var text = SecretValue.FromText(Convert.ToHexStringLower(nonce));
        var order = new PipelineOrder(place.Repository, policy!.Branch, AttestationStep.PipelineOf(policy, place), run, keys, text);
        var started = await pipelines.StartAsync(order, cancellation).ConfigureAwait(false);
        var ended = await WaitAsync(started).ConfigureAwait(false);
        if (ended.Result is not ("SUCCESSFUL" or "FAILED"))
            throw new VerificationFailedException($"What pipelines of {place} see could not be proven: {started} ended as {ended.Result}.");
        var answers = AttestationAnswers.Read(await pipelines.ReadLogAsync(started, cancellation).ConfigureAwait(false));
        return ended.Succeeded
            ? new Attestation(started, nonce, answers)
            : throw new VerificationFailedException(
                $"What pipelines of {place} see could not be proven: {started} failed. {answers.Trouble ?? "Its log says why."}");
    }

    private async Task<PipelineProgress> WaitAsync(StartedPipeline started)
    {
        var begin = time.GetTimestamp();
        var pause = firstLook;
        try
        {
            while (true)
            {
                await Task.Delay(pause, time, cancellation).ConfigureAwait(false);
                var seen = await pipelines.LookAsync(started, cancellation).ConfigureAwait(false);
                if (seen.Result is not null)
                    return seen;
                var left = policy!.Limit.ToTimeSpan() - time.GetElapsedTime(begin);
                if (left <= TimeSpan.Zero)
                {
                    throw new VerificationFailedException(
                        $"The {started} didn't end within {policy.Limit.TotalMinutes:0.#} minutes (attestation.limit); it was "
                            + $"{seen.Stage} at the last look, and was told to stop. Free the runner or the environment it waits for, "
                            + "or raise the limit.");
                }

                pause = Least(Least(pause * Growth, LongestPause), left);
            }
        }
        catch
        {
            await StopAsync(started).ConfigureAwait(false);
            throw;
        }
    }

    // It changes nothing and its nonce is used up, so one that can't be stopped does no harm.
    private async Task StopAsync(StartedPipeline started)
    {
        try
        {
            await pipelines.StopAsync(started, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RemoteFailureException)
        {
        }
    }

    private byte[] NewNonce()
    {
        var nonce = GC.AllocateUninitializedArray<byte>(AttestationStep.NonceBytes, pinned: true);
        random.Fill(nonce);
        lock (_lock)
            _nonces.Add(nonce);
        return nonce;
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
