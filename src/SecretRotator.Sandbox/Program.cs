using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using SecretRotator.Configuration;
using SecretRotator.Providers;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox;

/// <summary>The sandbox as a separate program: serves until it is stopped. <c>docs/sandbox.md</c> explains it.</summary>
internal static class Program
{
    private const int Done = 0;
    private const int WrongUsage = 2;

    /// <summary>Serves until it is stopped; answers 2 at once where it can't.</summary>
    internal static async Task<int> Main(string[] arguments)
    {
        // Its own handlers, and before anything starts: System.CommandLine's come after the command's first steps, and
        // end the process when the cleaning up takes longer than two seconds, which it does on a busy machine.
        using CancellationTokenSource stop = new();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        Option<string> inventory = new("--inventory")
        {
            Description = "The inventory to seed the sandbox from.",
            DefaultValueFactory = _ => "rotation.yaml",
            HelpName = "FILE",
        };
        Option<string> state = new("--state")
        {
            Description = "The folder that keeps the state between starts.",
            DefaultValueFactory = _ => Path.Combine(".sandbox", "server"),
            HelpName = "DIR",
        };
        Option<bool> memory = new("--memory") { Description = "Keep the state in memory only: faster, and gone when the program ends." };
        Option<string[]> fault = new("--fault")
        {
            Description =
                "Inject a fault: SERVICE.OPERATION[@MATCH][#N or #N..]=EFFECT, such as bitbucket.put@DB_PASSWORD#1..=503. Repeatable.",
            HelpName = "SPEC",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<TimeSpan> latency = new("--latency")
        {
            Description = "Let every call wait so long, such as 50ms.",
            HelpName = "TIME",
            CustomParser = ParseLatency,
        };
        Option<int> port = new("--port")
        {
            Description = "The control listener's port; the emulators take the ports after it. Any free ports unless given.",
            HelpName = "PORT",
        };
        Option<bool> reset = new("--reset") { Description = "Drop the folder's earlier state first." };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 65_000)
                result.AddError("--port: a port from 1 to 65000 is meant.");
        });
        var command = new RootCommand(
            "Serves loopback emulators of Bitbucket, the vaults and the backends until it is stopped. Prints the settings that point a rotator at them.")
        {
            inventory, state, memory, fault, latency, port, reset,
        };
        command.SetAction((parsed, cancellation) => ServeAsync(
            parsed.GetRequiredValue(inventory),
            new SandboxOptions
            {
                StateFolder = parsed.GetValue(memory) ? null : parsed.GetRequiredValue(state),
                Faults = parsed.GetValue(fault) ?? [],
                Latency = parsed.GetValue(latency),
                BasePort = parsed.GetValue(port),
                Reset = parsed.GetValue(reset),
                RealTime = true,
                RealClock = Machine,
                Note = Tell,
            },
            cancellation));
        var parsed = command.Parse(arguments);
        return parsed.Errors.Count == 0
            ? await parsed.InvokeAsync(new() { ProcessTerminationTimeout = null }, stop.Token)
            : Refuse(parsed.Errors.Select(error => error.Message));
    }

    private static async Task<int> ServeAsync(string inventoryFile, SandboxOptions options, CancellationToken cancellation)
    {
        var read = InventoryFile.Read(inventoryFile, InventoryKinds.All);
        if (read.Inventory is not { } inventory)
            return Refuse(read.Problems.Select(problem => problem.ToString()));
        try
        {
            await using var sandbox = await RunningSandbox.StartAsync(inventory, options, cancellation);
            using var bundle = sandbox.Host.AuthorityPath is null ? new AuthorityFile(sandbox.CaCertificate) : null;
            Print(sandbox, bundle?.Path);
            await StoppedAsync(cancellation);
            return Done;
        }
        catch (SandboxFailureException failure)
        {
            return Refuse([failure.Message]);
        }
    }

    private static async Task StoppedAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
    }

    private static void Print(RunningSandbox sandbox, string? authorityFile)
    {
        var lines = new StringBuilder();
        foreach (var (name, value) in sandbox.Settings)
            lines.Append(Export(name, value));
        if (authorityFile is not null)
            lines.Append(Export(SandboxSettings.CaBundle, authorityFile));
        lines.Append("# Ready. State, calls, faults and settings: ").Append(new Uri(sandbox.Control, "_sandbox/state")).Append('\n');
#pragma warning disable RS0030 // This program's one place that writes its result.
        Console.Out.Write(lines.ToString());
        Console.Out.Flush();
#pragma warning restore RS0030
    }

    // A shell can't export a name with a hyphen, which a vault's name may bring in; env can.
    private static string Export(string name, string value)
    {
        var quoted = $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";
        return name.Contains('-', StringComparison.Ordinal) ? $"# Give this one with env: {name}={quoted}\n" : $"export {name}={quoted}\n";
    }

    private static int Refuse(IEnumerable<string> problems)
    {
        foreach (var problem in problems)
            Tell(problem);
        return WrongUsage;
    }

    private static void Tell(string message)
    {
#pragma warning disable RS0030 // This program's one place that writes messages.
        Console.Error.WriteLine(message);
#pragma warning restore RS0030
    }

    private static TimeSpan ParseLatency(ArgumentResult result)
    {
        var text = result.Tokens is [var token] ? token.Value : "";
        if (FaultSpec.ParseDuration(text) is { } latency)
            return latency;
        result.AddError($"--latency {text}: write a time like 50ms or 1s.");
        return TimeSpan.Zero;
    }

#pragma warning disable RS0030 // This is where the program gets its clock from.
    private static IClock Machine => SystemClock.Instance;
#pragma warning restore RS0030
}
