using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using SecretRotator.Hosting;
using SecretRotator.Log;
using SecretRotator.Providers;
using SecretRotator.Settings;
using SecretRotator.Telemetry;

namespace SecretRotator.Commands;

/// <summary>
/// Runs the program: lists the commands, reads the command line, and is what the action of every command goes through. A command
/// chooses one of three levels, <see cref="Offline"/>, <see cref="Online"/> or <see cref="WithInventory"/>.
/// </summary>
/// <param name="terminal">Where everything is said.</param>
/// <param name="environment">The environment's variables.</param>
/// <param name="directory">The current directory.</param>
/// <param name="sessions">Opens what commands reach beyond the process.</param>
/// <param name="interruption">Tells when a command is to stop.</param>
internal sealed class CommandRunner(
    Terminal terminal,
    IReadOnlyDictionary<string, string> environment,
    string directory,
    ISessionFactory sessions,
    Interruption interruption)
{
    /// <summary>The kinds of vaults that there are.</summary>
    public IReadOnlyList<IVaultProvider> Providers => sessions.Providers;

    /// <summary>The options that commands share.</summary>
    public SharedOptions Options { get; } = new(sessions.Providers, sessions.HasSandbox);

    /// <summary>Runs a command line to its end.</summary>
    public async Task<ExitCode> RunAsync(IReadOnlyList<string> arguments)
    {
        var parsed = Parse(arguments);
        if (parsed.Action is not (ParseErrorAction or null))
            return (ExitCode)await InvokeAsync(parsed);

        // A mistake even so: a pipeline whose command is an empty variable must not pass.
        if (arguments.Count == 0)
            await InvokeAsync(Parse(["--help"]));
        UsageErrors.Write(terminal, parsed);
        return ExitCode.Usage;
    }

    /// <summary>Reads a command line. Nothing runs.</summary>
    public ParseResult Parse(IReadOnlyList<string> arguments)
    {
        // Completion takes the word behind a repeatable option for one more value of it.
        if (arguments is [var first, ..] && first.StartsWith("[suggest", StringComparison.Ordinal))
            Options.Inventory.Arity = ArgumentArity.ExactlyOne;
        return CreateRoot().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
    }

    /// <summary>Lets a command run with its settings alone: no log, no telemetry, no network but its own.</summary>
    public Command Offline(Command command, Func<CommandContext, Task<ExitCode>> run) =>
        Act(command, isOffline: true, isReport: false, run);

    /// <summary>Lets a command run with log and telemetry.</summary>
    public Command Online(Command command, Func<CommandContext, Task<ExitCode>> run) =>
        Act(command, isOffline: false, isReport: false, run);

    /// <summary>Lets a command run with log, telemetry and the inventory, which sessions are opened with.</summary>
    /// <param name="command">The command.</param>
    /// <param name="run">Runs it.</param>
    /// <param name="isReport">Whether its result has every form of a report, and not only text and JSON.</param>
    public Command WithInventory(Command command, Func<InventoryContext, Task<ExitCode>> run, bool isReport = false) =>
        Act(command, isOffline: false, isReport, context => run(new InventoryContext(context, context.LoadInventory())));

    private RootCommand CreateRoot()
    {
        var root = new RootCommand(
            "Keeps the secrets of Bitbucket Pipelines fresh: rotates them in their vaults, "
            + "delivers them to Bitbucket variables, verifies, and puts everything back when something fails.")
        {
            StatusCommand.Create(this),
            PlanCommand.Create(this),
            RotateCommand.Create(this),
            VerifyCommand.Create(this),
            ReportCommand.Create(this),
            RollbackCommand.Create(this),
            VersionsCommand.Create(this),
            ValidateCommand.Create(this),
            DoctorCommand.Create(this),
            BackendCommand.Create(this),
            NotifyCommand.Create(this),
            EvidenceCommand.Create(this),
            DiscoverCommand.Create(this),
            SchedulesCommand.Create(this),
            InitCommand.Create(this),
            CompletionCommand.Create(this),
        };
        root.HelpName = "secret-rotator";
        foreach (var option in Options.OfEveryCommand)
            root.Options.Add(option);
        root.Options.OfType<VersionOption>().Single().Action = new PrintVersion();
        root.Options.OfType<HelpOption>().Single().Action = new CommandWithExamples.Help(
            new HelpAction { MaxWidth = terminal.HelpWidth },
            "secret-rotator init",
            "secret-rotator plan",
            "secret-rotator rotate --help");
        return root;
    }

    // Signals are ours: the library's way of handling them would kill an undo after two seconds.
    private Task<int> InvokeAsync(ParseResult parsed) => parsed.InvokeAsync(
        new InvocationConfiguration { Output = terminal.Out, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
        CancellationToken.None);

    private Command Act(Command command, bool isOffline, bool isReport, Func<CommandContext, Task<ExitCode>> run)
    {
        command.SetAction(async (parsed, _) => (int)await ActAsync(CommandWithExamples.PathOf(command), parsed, isOffline, isReport, run));
        return command;
    }

    private async Task<ExitCode> ActAsync(
        string command, ParseResult parsed, bool isOffline, bool isReport, Func<CommandContext, Task<ExitCode>> run)
    {
        var format = parsed.GetValue(Options.Output) == "json" ? OutputFormat.Json : OutputFormat.Text;
        var log = RunLog.Silent;
        var telemetry = RunTelemetry.None;
        try
        {
            var settings = SettingsReader.Read(directory, environment, Options.SettingsOf(parsed), sessions.Providers);
            using var wiped = settings.Bitbucket;
            format = settings.Output;
            if (!isReport && format is not (OutputFormat.Text or OutputFormat.Json))
                throw new UsageException(
                    $"{command} has no --output {parsed.GetValue(Options.Output) ?? "of that form"}.",
                    "It has text and json. The other forms are those of a report: "
                    + "secret-rotator report --output html, or --report FILE with plan and rotate.");
            var own = settings.NoColour ? terminal.WithoutColour() : terminal;
            if (!isOffline)
            {
                log = RunLog.Open(own, settings);
                telemetry = RunTelemetry.Open(settings, command, parsed.GetValue(Options.Sandbox), log);
            }

            var exitCode = await run(new CommandContext(command, parsed, Options, own, settings, sessions, interruption)
            {
                Log = log,
                Telemetry = telemetry,
            });
            await telemetry.EndAsync(exitCode);
            return exitCode;
        }
        catch (Exception exception) when (!Debugging.IsFatal(exception))
        {
            log.Failed(exception);
            var exitCode = ExitCodes.Of(exception);
            new ErrorView(command, exitCode, Debugging.Problems(exception)).Write(terminal, format);
            await telemetry.EndAsync(exitCode);
            return exitCode;
        }
    }
}
