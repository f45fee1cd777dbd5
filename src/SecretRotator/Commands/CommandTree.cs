using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace SecretRotator.Commands;

/// <summary>Which commands there are, with which options, and what their help says.</summary>
internal static class CommandTree
{
    /// <summary>Builds the root command.</summary>
    /// <param name="options">The options.</param>
    /// <param name="width">How many columns help has.</param>
    /// <param name="run">Runs a command by its name.</param>
    public static RootCommand Build(CommandOptions options, int width, Func<string, ParseResult, CancellationToken, Task<int>> run)
    {
        var root = new RootCommand("Keeps the secrets of Bitbucket Pipelines fresh: rotates them in AWS Secrets Manager and Azure Key Vault, delivers them to Bitbucket variables, verifies, and puts everything back when something fails.")
        {
            HelpName = "secret-rotator",
        };
        foreach (var option in new Option[] { options.Inventory, options.Output, options.LogFormat, options.LogLevel, options.NoColor, options.Sandbox, options.Fault })
            root.Options.Add(option);
        foreach (var command in Commands(options))
        {
            foreach (var leaf in Runnable(command))
                leaf.SetAction((parsed, cancellation) => run(PathOf(leaf), parsed, cancellation));
            root.Subcommands.Add(command);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples(new HelpAction { MaxWidth = width });
        return root;
    }

    /// <summary>A command's name with those of the commands that it is nested in, such as <c>evidence verify</c>; empty for the root.</summary>
    public static string PathOf(Command command)
    {
        foreach (var parent in command.Parents)
            if (parent is Command outer and not RootCommand)
                return $"{PathOf(outer)} {command.Name}";
        return command is RootCommand ? "" : command.Name;
    }

    // A command with others in it runs only by them, but for doctor, which does something by itself too.
    private static IEnumerable<Command> Runnable(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Name == "doctor" ? [command, .. command.Subcommands] : command.Subcommands;

    private static IEnumerable<Command> Commands(CommandOptions options)
    {
        yield return new Command("plan", "Shows what a run would do and why, with the calls it costs. Writes nothing.")
        {
            options.Only, options.Force, options.Reason, options.Adopt, options.TakeOver, options.Shard,
            options.Out, options.Report, options.UseExitCode, options.Now, options.Parallelism, options.Evidence,
        };
        yield return new Command("rotate", "Rotates what is due, delivers it, verifies, and puts back what failed.")
        {
            options.Only, options.Force, options.Reason, options.Adopt, options.TakeOver, options.Shard,
            options.Plan, options.Report, options.Now, options.Parallelism, options.Evidence,
        };
        yield return new Command("verify", "Finds drift between inventory, vaults and Bitbucket. Writes nothing.")
        {
            options.Only, options.Shard, options.Now, options.Parallelism,
        };
        yield return new Command("report", "Tells an auditor what is known of every secret: policy, age, what was done, by which run, proven how. Writes nothing.")
        {
            options.Only, options.Shard, options.Now, options.Parallelism, options.Evidence,
        };
        yield return new Command("rollback", "Makes an older version of one secret current again, delivers it and holds it. Without --to it lists the versions.")
        {
            options.Secret, options.To, options.Hold, options.Reason, options.Parallelism, options.Evidence,
        };
        yield return new Command("validate", "Checks the inventory offline.");
        yield return new Command("doctor", "Tells what is wrong with identity, permissions, network, runner and pipeline file, and how to fix it. Writes nothing.")
        {
            options.Offline, options.NoValues, options.Area, options.Parallelism,
            new Command("trust", "Shows what a cloud needs in order to trust the pipeline, with the least that this inventory needs. Offline.")
            {
                options.For, options.WorkspaceUuid, options.RepositoryUuid, options.EnvironmentUuid, options.Write,
            },
            new Command("allowlist", "Makes firewall rules of the address ranges that Atlassian publishes.")
            {
                options.AllowList.From, options.AllowList.Format, options.AllowList.Product, options.AllowList.Direction, options.AllowList.Region, options.AllowList.Port,
            },
        };
        yield return new Command("evidence", "Checks what earlier runs left behind, and tells it. Offline.")
        {
            new Command("verify", "Finds out whether evidence was changed, cut or removed, and names the first bad record.")
            {
                options.EvidenceFiles, options.PublicKey, options.FromStart,
            },
            new Command("show", "Tells what a run did: what was decided for each secret, which steps were taken, how it ended.")
            {
                options.EvidenceFiles,
            },
        };
        yield return new Command("discover", "Lists variables that no entry of the inventory covers, and writes stubs. Never reads a value, and writes nothing else.")
        {
            options.Workspace, options.Project, options.Repository, options.MaxCalls, options.Stubs,
        };
        yield return new Command("schedules", "Compares the files in schedules/ with Bitbucket's pipeline schedules, and makes them so.")
        {
            new Command("plan", "Shows what apply would do, and when each schedule runs next. Writes nothing.") { options.Schedules, options.ScheduleExitCode },
            new Command("apply", "Creates, enables, disables and replaces schedules, and deletes those that it made and no file asks for.") { options.Schedules },
        };
    }

    private static IEnumerable<string> Examples(string command) => command switch
    {
        "plan" =>
        [
            "secret-rotator plan",
            "secret-rotator plan --only payments-db --now 2026-12-01T02:00:00Z",
            "secret-rotator plan --out plan.json",
            "secret-rotator plan --report report.html --report report.sarif",
        ],
        "rotate" =>
        [
            "secret-rotator rotate",
            "secret-rotator rotate --plan plan.json",
            "secret-rotator rotate --force payments-db --reason \"leaked in a log\"",
            "secret-rotator rotate --only deploy-key --adopt",
        ],
        "report" => ["secret-rotator report", "secret-rotator report --output html > report.html", "secret-rotator report --output csv --evidence evidence > report.csv"],
        "verify" => ["secret-rotator verify", "secret-rotator verify --output json"],
        "doctor" => ["secret-rotator doctor", "secret-rotator doctor --offline", "secret-rotator doctor --area bitbucket network --output json"],
        "rollback" =>
        [
            "secret-rotator rollback payments-db",
            "secret-rotator rollback payments-db --to previous --reason \"the new one is refused\"",
            "secret-rotator rollback payments-db --to 6f3c0a1e --hold 7d --reason \"the new one is refused\"",
        ],
        "evidence" => ["secret-rotator evidence verify evidence", "secret-rotator evidence show evidence"],
        "doctor allowlist" =>
        [
            "secret-rotator doctor allowlist --format nftables > atlassian.nft",
            "secret-rotator doctor allowlist --from ip-ranges.json --format aws-security-group --port 443",
        ],
        "doctor trust" => ["secret-rotator doctor trust --for aws --write trust", "secret-rotator doctor trust --for azure"],
        "evidence verify" =>
        [
            "secret-rotator evidence verify evidence",
            "secret-rotator evidence verify evidence --public-key signing-key.pub --from-start",
        ],
        "evidence show" => ["secret-rotator evidence show evidence/20261124T010002Z-rotate-f9980744.jsonl"],
        "discover" => ["secret-rotator discover", "secret-rotator discover --project APPS --max-calls 200", "secret-rotator discover --repository payments-api --stubs stubs.yaml"],
        "schedules" => ["secret-rotator schedules plan", "secret-rotator schedules apply"],
        "schedules plan" => ["secret-rotator schedules plan", "secret-rotator schedules plan --exit-code --output json"],
        "schedules apply" => ["secret-rotator schedules apply", "secret-rotator schedules apply --schedules ci/schedules"],
        "validate" => ["secret-rotator validate", "secret-rotator validate --inventory other.yaml --output json"],
        _ => ["secret-rotator validate", "secret-rotator plan", "secret-rotator rotate --help"],
    };

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => help.ClearsParseErrors;

        public override int Invoke(ParseResult parseResult)
        {
            var output = parseResult.InvocationConfiguration.Output;
            var result = help.Invoke(parseResult);
            output.Write("Examples:\n");
            foreach (var example in Examples(PathOf(parseResult.CommandResult.Command)))
                output.Write($"  {example}\n");
            output.Write('\n');
            return result;
        }
    }
}
