using System.CommandLine;
using SecretRotator.Reliability.Chain;
using SecretRotator.Reliability.Fuzzing;
using SecretRotator.Reliability.Matrix;
using SecretRotator.Reliability.Processes;
using SecretRotator.Reliability.Scale;
using SecretRotator.Reliability.Servers;
using SecretRotator.Reliability.Simulation;

namespace SecretRotator.Reliability;

/// <summary>
/// The experiments of this program, one subcommand each. Every one exits with 0 when all promises held, with 1 when
/// one was broken, and ends its output with one line that <c>.ci/run</c> and <c>docs/reliability.md</c> quote.
/// </summary>
internal static class Experiments
{
    public static IEnumerable<Command> All =>
        [
            MatrixCommand.Make(),
            SimulateCommand.Make(),
            SelfTest.Make(),
            ChainCommand.Make(),
            ProcessesExperiment.Command(),
            ServersExperiment.Command(),
            FuzzExperiment.Command,
            ScaleCommand.Make(),
        ];
}
