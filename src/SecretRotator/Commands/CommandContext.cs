using System.CommandLine;
using SecretRotator.Configuration;
using SecretRotator.Hosting;
using SecretRotator.Log;
using SecretRotator.Settings;
using SecretRotator.Telemetry;

namespace SecretRotator.Commands;

/// <summary>What the action of one command works with.</summary>
/// <param name="Command">The command's path, such as <c>evidence verify</c>.</param>
/// <param name="Parsed">The command line.</param>
/// <param name="Options">The options that commands share.</param>
/// <param name="Terminal">Where the result goes.</param>
/// <param name="Settings">The settings.</param>
/// <param name="Sessions">Opens what the command reaches beyond the process.</param>
/// <param name="Interruption">Tells when the command is to stop.</param>
internal record CommandContext(
    string Command,
    ParseResult Parsed,
    SharedOptions Options,
    Terminal Terminal,
    RotatorSettings Settings,
    ISessionFactory Sessions,
    Interruption Interruption)
{
    /// <summary>The log; silent for an offline command.</summary>
    public RunLog Log { get; init; } = RunLog.Silent;

    /// <summary>Traces and metrics; none for an offline command.</summary>
    public RunTelemetry Telemetry { get; init; } = RunTelemetry.None;

    /// <summary>What the command line gives for an option, or its default.</summary>
    public T? Value<T>(Option<T> option) => Parsed.GetValue(option);

    /// <summary>Reads the inventory, with what is wrong with it.</summary>
    public InventoryResult ReadInventory() => InventoryFile.Read(Settings.Inventory, Settings.Included, Settings.Providers.Grammar);

    /// <summary>Reads the inventory.</summary>
    /// <exception cref="UsageException">The file is missing, or names everything that is wrong with it.</exception>
    public RotationInventory LoadInventory()
    {
        var result = ReadInventory();
        return result.Inventory ?? throw new UsageException([.. result.Problems.Select(ProblemOf)]);
    }

    /// <summary>The run in the sandbox that the command line asks for, or null for the real services.</summary>
    /// <param name="now">The time to pretend, or null.</param>
    /// <exception cref="UsageException">Faults or databases are asked for without a sandbox.</exception>
    public SandboxRun? SandboxRun(Instant? now)
    {
        var faults = Value(Options.Fault) ?? [];
        if (Value(Options.Sandbox))
            return new SandboxRun([.. faults], now, Value(Options.SandboxDatabase) == SharedOptions.RealDatabase);
        if (Parsed.GetResult(Options.SandboxDatabase) is { Implicit: false })
            throw new UsageException("--sandbox-database needs --sandbox.", "It says what a sandbox has in place of your databases.");
        return faults.Length == 0
            ? null
            : throw new UsageException("--fault needs --sandbox.", "Faults are injected into the emulators, never into the real services.");
    }

    /// <summary>Writes the result in the form that was asked for.</summary>
    public void Show(Action<Utf8JsonWriter> json, Action<Terminal> text)
    {
        if (Settings.Output == OutputFormat.Json)
            Terminal.WriteJson(json);
        else
            text(Terminal);
    }

    /// <summary>A problem of a file as every command tells it.</summary>
    public static Problem ProblemOf(InventoryProblem problem) => new(
        problem.What,
        problem.WriteInstead,
        problem.File,
        problem.Line == 0 ? null : problem.Line,
        problem.Column == 0 ? null : problem.Column);
}

/// <summary>What the action of a command that needs the inventory works with.</summary>
/// <param name="Context">Everything else.</param>
/// <param name="Inventory">The inventory.</param>
internal sealed record InventoryContext(CommandContext Context, RotationInventory Inventory) : CommandContext(Context)
{
    /// <summary>How many shards share the Bitbucket calls of an hour.</summary>
    public int Shards { get; init; } = Context.Value(Context.Options.Shard)?.Count ?? 1;

    /// <summary>The session that the command line asks for.</summary>
    /// <exception cref="UsageException">Its options don't go together.</exception>
    public SessionRequest SessionRequest()
    {
        var now = Value(Options.Now);
        return new SessionRequest(Command, Settings, Inventory, SandboxRun(now), now, Log)
        {
            Telemetry = Telemetry,
            Shards = Shards,
        };
    }
}
