using System.CommandLine;
using System.CommandLine.Invocation;
using NodaTime;
using SecretRotator.Configuration;
using SecretRotator.Hosting;
using SecretRotator.Inventory;
using SecretRotator.Log;
using SecretRotator.Output;
using SecretRotator.Providers;
using SecretRotator.Settings;
using SecretRotator.Telemetry;

namespace SecretRotator.Commands;

/// <summary>
/// Runs the program: reads the command line and the settings, runs one command, and turns whatever happens into
/// text or JSON and one exit code.
/// </summary>
/// <param name="terminal">Where everything is said.</param>
/// <param name="environment">The environment's variables.</param>
/// <param name="directory">The current directory.</param>
/// <param name="world">What commands reach.</param>
/// <param name="interruption">Tells when somebody wants it stopped.</param>
internal sealed class CommandRunner(
    Terminal terminal,
    IReadOnlyDictionary<string, string> environment,
    string directory,
    ISessionFactory world,
    Interruption interruption)
{
    private readonly CommandOptions _options = new(path => SecretNames(path, world.Providers), world.Providers, world.HasSandbox);

    /// <summary>Runs a command line to its end.</summary>
    public async Task<ExitCode> RunAsync(IReadOnlyList<string> arguments)
    {
        var root = CommandTree.Build(_options, terminal.HelpWidth, RunCommandAsync);
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (parsed.Action is ParseErrorAction or null)
        {
            UsageErrors.Write(terminal, parsed);
            return ExitCode.Usage;
        }

        // Signals are ours: the library's way of handling them would kill an undo after two seconds.
        return (ExitCode)await parsed.InvokeAsync(
            new InvocationConfiguration { Output = terminal.Out, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
            CancellationToken.None);
    }

    private async Task<int> RunCommandAsync(string name, ParseResult parsed, CancellationToken cancellation)
    {
        var format = parsed.GetValue(_options.Output) == "json" ? OutputFormat.Json : OutputFormat.Text;
        var log = RunLog.Silent;
        var telemetry = RunTelemetry.None;
        try
        {
            var settings = SettingsReader.Read(directory, environment, _options.SettingsOf(parsed), world.Providers);
            format = settings.Output;
            var ours = settings.NoColour ? terminal.WithoutColour() : terminal;
            if (name != "report" && settings.Output is not (OutputFormat.Text or OutputFormat.Json))
                throw new UsageException(
                    $"{name} has no --output {parsed.GetValue(_options.Output) ?? "of that form"}.",
                    "It has text and json. The other forms are those of a report: secret-rotator report --output html, or --report FILE with plan and rotate.");
            if (name == "validate")
                return (int)ValidateCommand.Run(ours, settings);
            if (name == "doctor trust")
                return (int)DoctorTrustCommand.Run(
                    ours,
                    settings,
                    parsed.GetValue(_options.For)!,
                    (parsed.GetValue(_options.WorkspaceUuid), parsed.GetValue(_options.RepositoryUuid), parsed.GetValue(_options.EnvironmentUuid)),
                    parsed.GetValue(_options.Write));
            if (name == "evidence verify")
                return (int)EvidenceVerifyCommand.Run(ours, settings.Output, parsed.GetValue(_options.EvidenceFiles)!, parsed.GetValue(_options.PublicKey), parsed.GetValue(_options.FromStart));
            if (name == "evidence show")
                return (int)EvidenceShowCommand.Run(ours, settings.Output, parsed.GetValue(_options.EvidenceFiles)!);
            if (name == "doctor allowlist")
                return (int)await AllowListCommand.RunAsync(ours, settings, _options.AllowList, parsed, cancellation);

            log = RunLog.Open(ours, settings);
            telemetry = RunTelemetry.Open(settings, name, parsed.GetValue(_options.Sandbox), log);
            if (name == "doctor")
            {
                var found = await DoctorCommand.RunAsync(ours, DoctorCommand.Read(settings, _options, parsed, log), world, interruption);
                await telemetry.EndAsync(found);
                return (int)found;
            }

            var inventory = LoadInventory(settings);
            var context = new CommandContext(ours, settings, _options, parsed, inventory, world, log, telemetry, interruption);
            var exitCode = await (name switch
            {
                "plan" => PlanCommand.RunAsync(context),
                "rotate" => RotateCommand.RunAsync(context),
                "report" => ReportCommand.RunAsync(context),
                "verify" => VerifyCommand.RunAsync(context),
                "rollback" => RollbackCommand.RunAsync(context),
                "discover" => DiscoverCommand.RunAsync(context),
                "schedules plan" => SchedulesPlanCommand.RunAsync(context),
                "schedules apply" => SchedulesApplyCommand.RunAsync(context),
                _ => throw new InvalidOperationException($"The command {name} has no code."),
            });
            await telemetry.EndAsync(exitCode);
            return (int)exitCode;
        }
        catch (Exception exception) when (!Debugging.IsFatal(exception))
        {
            log.Failed(exception);
            var exitCode = ExitCodes.Of(exception);
            new ErrorView(name, exitCode, Debugging.Problems(exception)).Write(terminal, format);
            await telemetry.EndAsync(exitCode);
            return (int)exitCode;
        }
    }

    /// <summary>The inventory, or everything that is wrong with it.</summary>
    /// <exception cref="UsageException">The file is missing or wrong.</exception>
    public static RotationInventory LoadInventory(RotatorSettings settings)
    {
        var result = InventoryFile.Read(settings.Inventory, settings.Providers.Registered);
        return result.Inventory ?? throw new UsageException(
        [
            .. result.Problems.Select(Told),
        ]);
    }

    /// <summary>A problem of a file as every command tells it.</summary>
    public static Problem Told(InventoryProblem problem) => new(
        problem.What, problem.WriteInstead, problem.File, problem.Line == 0 ? null : problem.Line, problem.Column == 0 ? null : problem.Column);

    private static IEnumerable<string> SecretNames(string path, IReadOnlyList<IVaultProvider> providers) =>
        InventoryFile.Read(path, providers).Inventory?.Secrets.Select(secret => secret.Name) ?? [];
}

/// <summary>What one command works with.</summary>
internal sealed record CommandContext(
    Terminal Terminal,
    RotatorSettings Settings,
    CommandOptions Options,
    ParseResult Parsed,
    RotationInventory Inventory,
    ISessionFactory World,
    RunLog Log,
    RunTelemetry Telemetry,
    Interruption Interruption)
{
    public T? Value<T>(Option<T> option) => Parsed.GetValue(option);

    /// <summary>The world that the command line asks for.</summary>
    /// <exception cref="UsageException">Its options don't go together.</exception>
    public SessionRequest SessionRequest(string command)
    {
        var now = Parsed.GetResult(Options.Now) is null ? null : Value(Options.Now);
        var rehearsal = SandboxRunOf(Options, Parsed, now);
        if (rehearsal is null && now is not null && command == "rotate")
            throw new UsageException("rotate takes --now with --sandbox only.", "A real rotation happens at the real time. To see what would happen then: secret-rotator plan --now");
        return new SessionRequest(command, Settings, Inventory, rehearsal, now, Log) { Telemetry = Telemetry };
    }

    /// <summary>The rehearsal that the command line asks for, or null for the real world.</summary>
    /// <exception cref="UsageException">Faults are asked for without a sandbox.</exception>
    public static SandboxRun? SandboxRunOf(CommandOptions options, ParseResult parsed, Instant? now)
    {
        var faults = parsed.GetValue(options.Fault) ?? [];
        if (parsed.GetValue(options.Sandbox))
            return new SandboxRun([.. faults], now);
        return faults.Length == 0 ? null : throw new UsageException("--fault needs --sandbox.", "Faults are injected into the stand-ins, never into the real services.");
    }
}
