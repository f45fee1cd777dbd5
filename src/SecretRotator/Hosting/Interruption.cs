using System.Runtime.InteropServices;

namespace SecretRotator.Hosting;

/// <summary>Stops a command on request, and lets it undo what it had begun.</summary>
/// <remarks>
/// The first SIGINT or SIGTERM cancels. Undoing then takes its time: a second SIGINT says so and how to insist, a third
/// one ends the process at once. SIGTERM never ends it at once: a pipeline sends it more than once.
/// </remarks>
/// <param name="leave">Ends the process at once.</param>
internal sealed class Interruption(Action<ExitCode> leave)
{
    /// <summary>Watches for signals until it is disposed.</summary>
    /// <param name="terminal">Where the person who interrupts is answered.</param>
    /// <param name="undoes">Whether the command has something to undo.</param>
    public Watching Watch(Terminal terminal, bool undoes) => new(terminal, undoes, leave);

    /// <summary>The watch of one command.</summary>
    internal sealed class Watching : IDisposable
    {
        private readonly CancellationTokenSource _cancellation = new();
        private readonly PosixSignalRegistration[] _registrations;
        private readonly Terminal _terminal;
        private readonly bool _undoes;
        private readonly Action<ExitCode> _leave;
        private readonly Lock _lock = new();
        private int _insisted;

        public Watching(Terminal terminal, bool undoes, Action<ExitCode> leave)
        {
            (_terminal, _undoes, _leave) = (terminal, undoes, leave);
            _registrations =
            [
                PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, insists: true)),
                PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, insists: false)),
            ];
        }

        /// <summary>Cancelled by the first signal.</summary>
        public CancellationToken Token => _cancellation.Token;

        /// <summary>What a signal does.</summary>
        public void Interrupt(bool insists)
        {
            lock (_lock)
            {
                if (!_cancellation.IsCancellationRequested)
                {
                    _terminal.WriteErrorFolded(_undoes
                        ? "Stopping: nothing new is begun, and what isn't committed yet is put back."
                        : "Stopping.");
                    _cancellation.Cancel();
                    return;
                }

                if (!insists)
                    return;
                if (_undoes && ++_insisted < 2)
                {
                    _terminal.WriteErrorFolded(
                        "Still putting back what was begun; that takes 5 minutes at most. Interrupt once more to end at once: "
                        + "what was begun then stays as it is, and the next run finishes or undoes it.");
                    return;
                }
            }

            _leave(_undoes ? ExitCode.NeedsOperator : ExitCode.Cancelled);
        }

        public void Dispose()
        {
            foreach (var registration in _registrations)
                registration.Dispose();
            _cancellation.Dispose();
        }

        private void Handle(PosixSignalContext context, bool insists)
        {
            context.Cancel = true;
            Interrupt(insists);
        }
    }
}
