using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using NodaTime;
using NodaTime.Text;
using SecretRotator.Configuration;
using SecretRotator.Doctor;
using SecretRotator.Providers;

namespace SecretRotator.Commands;

/// <summary>Every option of every command, described once.</summary>
internal sealed class CommandOptions
{
    /// <summary>Describes them.</summary>
    /// <param name="secretNames">The secrets of an inventory, for completion.</param>
    /// <param name="providers">The kinds of vaults that there are.</param>
    /// <param name="hasSandbox">Whether this build holds the sandbox.</param>
    public CommandOptions(Func<string, IEnumerable<string>> secretNames, IReadOnlyList<IVaultProvider> providers, bool hasSandbox)
    {
        foreach (var names in new[] { Only, Force, TakeOver })
            names.CompletionSources.Add(context => secretNames(context.ParseResult.GetValue(Inventory) ?? "rotation.yaml"));
        Secret.CompletionSources.Add(context => secretNames(context.ParseResult.GetValue(Inventory) ?? "rotation.yaml"));
        EvidenceFiles.Validators.Add(NoOptionHere);
        Output.AcceptOnlyFromAmong("text", "json", "html", "markdown", "csv", "sarif");
        Area.AcceptOnlyFromAmong([.. CheckNames.Areas.Keys]);
        For.AcceptOnlyFromAmong([.. Doctor.Trust.TrustDocuments.Kinds(providers)]);
        LogFormat.AcceptOnlyFromAmong("text", "json");
        LogLevel.AcceptOnlyFromAmong("debug", "information", "warning", "error");
        foreach (var option in hasSandbox ? [] : new Option[] { Sandbox, Fault })
        {
            option.Hidden = true;
            option.Validators.Add(NoSandboxHere);
        }
    }

    public Option<string> Inventory { get; } = new("--inventory", "-i") { Description = "The inventory file (default: rotation.yaml).", HelpName = "FILE", Recursive = true };

    public Option<string> Output { get; } = new("--output", "-o") { Description = "The form of the result on stdout: text or json, of report also html, markdown, csv or sarif (default: text).", HelpName = "FORM", Recursive = true };

    public Option<string> LogFormat { get; } = new("--log-format") { Description = "The form of the log on stderr (default: text, in CI json).", HelpName = "text|json", Recursive = true };

    public Option<string> LogLevel { get; } = new("--log-level") { Description = "How much the log tells: debug, information, warning or error.", HelpName = "LEVEL", Recursive = true };

    public Option<bool> NoColor { get; } = new("--no-color") { Description = "No colour, as with NO_COLOR.", Recursive = true };

    public Option<bool> Sandbox { get; } = new("--sandbox") { Description = "Rehearse against loopback stand-ins; their state is kept in .sandbox/.", Recursive = true };

    public Option<string[]> Fault { get; } = new("--fault") { Description = "Inject a fault into the sandbox, such as bitbucket.put@DB_PASSWORD#1..=503. Repeatable.", HelpName = "SPEC", Arity = ArgumentArity.OneOrMore, Recursive = true };

    public Option<Instant?> Now { get; } = new("--now") { Description = "Pretend that it is this time, such as 2026-11-24T01:30:00Z.", HelpName = "INSTANT", CustomParser = ParseInstant };

    public Option<string[]> Only { get; } = Names("--only", "Only these secrets.");

    public Option<string[]> Force { get; } = Names("--force", "Rotate these now, whatever their age, window or freeze. Needs --reason.");

    public Option<string> Reason { get; } = new("--reason") { Description = "Why; it stands in the evidence.", HelpName = "TEXT" };

    public Option<bool> Adopt { get; } = new("--adopt") { Description = "Also deliver secrets that this tool never delivered. What their variables hold now can't be put back." };

    public Option<string[]> TakeOver { get; } = Names("--take-over", "Take over the open rotations of these secrets: you know that their holders are gone.");

    public Option<(int Index, int Count)?> Shard { get; } = new("--shard") { Description = "Only the i-th of n parts of the inventory, for parallel steps.", HelpName = "i/n", CustomParser = ParseShard };

    public Option<string> Out { get; } = new("--out") { Description = "Save the plan, for rotate --plan.", HelpName = "FILE" };

    public Option<string> Plan { get; } = new("--plan") { Description = "Act on a saved plan, and refuse if anything that it rests on has changed.", HelpName = "FILE" };

    public Option<bool> UseExitCode { get; } = new("--exit-code") { Description = "Answer 3 if anything is due, 6 if anything is blocked." };

    public Option<int?> Parallelism { get; } = new("--parallelism") { Description = "How many secrets at once, 1 to 64 (default: 8).", HelpName = "N", CustomParser = ParseParallelism };

    public Option<string[]> Evidence { get; } = new("--evidence") { Description = "Where evidence is kept: a directory, s3://BUCKET/PREFIX, or one of each (default: evidence).", HelpName = "PLACE", Arity = ArgumentArity.OneOrMore };

    public Option<string[]> Report { get; } = new("--report") { Description = "Also write the auditor's report: FILE ends in .html, .md, .json, .csv or .sarif. Repeatable.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };

    public Argument<string[]> EvidenceFiles { get; } = new("FILE|DIR") { Description = "Evidence files, or directories with *.jsonl files.", Arity = ArgumentArity.OneOrMore };

    public Option<string> PublicKey { get; } = new("--public-key") { Description = "Also check that each whole file is signed with the key that belongs to this public key (PEM).", HelpName = "FILE" };

    public Option<bool> FromStart { get; } = new("--from-start") { Description = "The earliest run must be the first one ever: one that names a run before it is a failure." };

    public Argument<string> Secret { get; } = new("NAME") { Description = "The secret's name in the inventory." };

    public Option<string> To { get; } = new("--to") { Description = "The version whose value is wanted back: a beginning of its id that is unique, or previous. Without it, the versions are listed.", HelpName = "VERSION" };

    public Option<Duration?> Hold { get; } = new("--hold") { Description = "How long no run gives it a new value, such as 12h or 7d (default: until its window opens next; 7d without a window). rotate --force lifts it.", HelpName = "TIME", CustomParser = ParseHold };

    public Option<bool> Offline { get; } = new("--offline") { Description = "Leave out everything that needs the network." };

    public Option<bool> NoValues { get; } = new("--no-values") { Description = "Read no secret: what only its value can prove stays unknown." };

    public Option<string[]> Area { get; } = new("--area") { Description = $"Only these areas: {string.Join(", ", CheckNames.Areas.Keys)}.", HelpName = "AREA...", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };

    public Option<string> For { get; } = new("--for") { Description = "For which cloud, in which form: aws, aws-terraform, azure or gcp.", HelpName = "CLOUD", Required = true };

    public Option<Guid?> WorkspaceUuid { get; } = new("--workspace-uuid") { Description = "The workspace's uuid, unless the step's token tells it.", HelpName = "UUID", CustomParser = ParseUuid };

    public Option<Guid?> RepositoryUuid { get; } = new("--repository-uuid") { Description = "The uuid of the repository whose pipeline rotates, unless the step's token tells it.", HelpName = "UUID", CustomParser = ParseUuid };

    public Option<Guid?> EnvironmentUuid { get; } = new("--environment-uuid") { Description = "Trust only steps of this deployment environment.", HelpName = "UUID", CustomParser = ParseUuid };

    public Option<string> Write { get; } = new("--write") { Description = "Write the documents into this directory instead of showing them.", HelpName = "DIR" };

    public Option<string> Schedules { get; } = new("--schedules") { Description = "The folder with the schedules, a file each.", HelpName = "DIR", DefaultValueFactory = _ => "schedules" };

    public Option<bool> ScheduleExitCode { get; } = new("--exit-code") { Description = "Answer 3 if anything has to change." };

    public Option<string> Workspace { get; } = new("--workspace") { Description = "The workspace to look through (default: that of the inventory).", HelpName = "SLUG" };

    public Option<string> Project { get; } = new("--project") { Description = "Only the repositories of this project.", HelpName = "KEY" };

    public Option<string[]> Repository { get; } = new("--repository") { Description = "Only these repositories.", HelpName = "SLUG...", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };

    public Option<int?> MaxCalls { get; } = new("--max-calls") { Description = "How many calls it may cost (default: what the hourly budget has left).", HelpName = "N", CustomParser = ParseCalls };

    public Option<string> Stubs { get; } = new("--stubs") { Description = "Write entries for rotation.yaml to complete; a file that is there is left alone.", HelpName = "FILE" };

    public AllowListOptions AllowList { get; } = new();

    /// <summary>What the command line says about settings, by their keys.</summary>
    public IReadOnlyDictionary<string, string?> SettingsOf(ParseResult parsed)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, option) in new[] { ("inventory", Inventory), ("output", Output), ("logFormat", LogFormat), ("logLevel", LogLevel) })
            if (parsed.GetResult(option) is { Implicit: false })
                settings[key] = parsed.GetValue(option);
        if (parsed.GetResult(Evidence) is { Implicit: false })
            settings["evidence"] = string.Join(',', parsed.GetValue(Evidence) ?? []);
        if (parsed.GetValue(NoColor))
            settings["noColor"] = "true";
        if (parsed.GetValue(Parallelism) is { } parallelism)
            settings["parallelism"] = parallelism.ToString(CultureInfo.InvariantCulture);
        return settings;
    }

    private static Option<string[]> Names(string name, string description) =>
        new(name) { Description = description, HelpName = "NAME...", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };

    private static Instant? ParseInstant(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (InstantPattern.ExtendedIso.Parse(text) is { Success: true } instant)
            return instant.Value;
        if (OffsetDateTimePattern.ExtendedIso.Parse(text) is { Success: true } local)
            return local.Value.ToInstant();
        result.AddError("--now takes an ISO 8601 instant with its zone, such as 2026-11-24T01:30:00Z or 2026-11-24T02:30:00+01:00.");
        return null;
    }

    private static Guid? ParseUuid(ArgumentResult result)
    {
        if (Guid.TryParse(result.Tokens[0].Value, out var uuid))
            return uuid;
        result.AddError($"{result.Argument.Name} takes a uuid such as {{22222222-2222-4222-8222-222222222222}}, with or without braces.");
        return null;
    }

    private static Duration? ParseHold(ArgumentResult result)
    {
        if (PeriodText.Parse(result.Tokens[0].Value) is { } period && !PeriodText.HasCalendarUnits(period)
            && PeriodText.Least(period) is var length && length >= Duration.FromMinutes(1) && length <= Planning.Hold.Longest)
            return length;
        result.AddError("--hold takes a time from 1m to 366d, such as 12h, 7d or 2w.");
        return null;
    }

    private static int? ParseParallelism(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 64)
            return number;
        result.AddError("--parallelism takes a whole number from 1 to 64.");
        return null;
    }

    private static int? ParseCalls(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 10_000)
            return number;
        result.AddError("--max-calls takes a whole number from 1 to 10000.");
        return null;
    }

    private static (int Index, int Count)? ParseShard(ArgumentResult result)
    {
        var parts = result.Tokens[0].Value.Split('/');
        if (parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && index >= 1 && index <= count)
            return (index, count);
        result.AddError("--shard takes the part and the number of parts, such as 1/4: the first of four.");
        return null;
    }

    // An argument that takes anything takes a misspelt option too.
    private void NoOptionHere(ArgumentResult result)
    {
        foreach (var token in result.Tokens.Where(token => token.Value.StartsWith("--", StringComparison.Ordinal)))
            result.AddError($"There is no option {token.Value}. {Suggestions.Hint(token.Value, [PublicKey.Name, FromStart.Name, Output.Name])}".TrimEnd());
    }

    private static void NoSandboxHere(OptionResult result)
    {
        if (!result.Implicit)
            result.AddError(
                $"{result.Option.Name}: a published build leaves the sandbox out, so that nothing in production can be pointed at a stand-in. "
                + "Use a checkout: dotnet run --project src/SecretRotator -- plan --sandbox");
    }
}
