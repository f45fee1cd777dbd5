using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using NodaTime.Text;
using SecretRotator.Configuration;
using SecretRotator.Providers;

namespace SecretRotator.Commands;

/// <summary>The options of every command, and those that several commands share. A command declares the rest itself.</summary>
internal sealed class SharedOptions
{
    /// <summary>The word that starts real databases.</summary>
    public const string RealDatabase = "real";

    private readonly IReadOnlyList<IVaultProvider> _providers;

    /// <summary>Declares them.</summary>
    /// <param name="providers">The kinds of vaults that there are.</param>
    /// <param name="hasSandbox">Whether this build holds the sandbox.</param>
    public SharedOptions(IReadOnlyList<IVaultProvider> providers, bool hasSandbox)
    {
        _providers = providers;
        foreach (var option in OfEveryCommand)
            option.Recursive = true;
        foreach (var secrets in new[] { Only, Force, TakeOver })
            secrets.CompletionSources.Add(SecretNames);
        Output.AcceptOnlyFromAmong("text", "json", "html", "markdown", "csv", "sarif");
        SandboxDatabase.AcceptOnlyFromAmong("emulated", RealDatabase);
        LogFormat.AcceptOnlyFromAmong("text", "json");
        LogLevel.AcceptOnlyFromAmong("debug", "information", "warning", "error");
        foreach (var option in hasSandbox ? [] : new Option[] { Sandbox, SandboxDatabase, Fault })
        {
            option.Hidden = true;
            option.Validators.Add(RefuseSandbox);
        }
    }

    /// <summary>The options of every command, in the order in which help lists them.</summary>
    public IEnumerable<Option> OfEveryCommand => [Inventory, Output, LogFormat, LogLevel, NoColor, Sandbox, SandboxDatabase, Fault];

    public Option<string[]> Inventory { get; } = new("--inventory", "-i")
    {
        Description = "The inventory file (default: rotation.yaml). Further ones add secrets to it.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    public Option<string> Output { get; } = new("--output", "-o")
    {
        Description = "The form of the result on stdout: text or json, of report also html, markdown, csv or sarif (default: text).",
        HelpName = "FORM",
    };

    public Option<string> LogFormat { get; } = new("--log-format")
    {
        Description = "The form of the log on stderr (default: text, in CI json).",
        HelpName = "text|json",
    };

    public Option<string> LogLevel { get; } = new("--log-level")
    {
        Description = "The lowest level that is logged: debug, information, warning or error.",
        HelpName = "LEVEL",
    };

    public Option<bool> NoColor { get; } = new("--no-color") { Description = "Disable colour, as NO_COLOR does." };

    public Option<bool> Sandbox { get; } = new("--sandbox")
    {
        Description = "Run against emulators on loopback; their state is kept in .sandbox/.",
    };

    public Option<string> SandboxDatabase { get; } = new("--sandbox-database")
    {
        Description = "The sandbox's PostgreSQL and MariaDB: emulated, or real, from this machine's programs (default: emulated).",
        HelpName = "emulated|real",
    };

    public Option<string[]> Fault { get; } = new("--fault")
    {
        Description = "Inject a fault into the sandbox, such as bitbucket.put@DB_PASSWORD#1..=503. Repeatable.",
        HelpName = "SPEC",
        Arity = ArgumentArity.OneOrMore,
    };

    public Option<string[]> Only { get; } = Names("--only", "NAME...", "Only these secrets.");

    public Option<string[]> Force { get; } =
        Names("--force", "NAME...", "Rotate these now, whatever their age, window or freeze. Needs --reason.");

    public Option<string> Reason { get; } = new("--reason") { Description = "Why; it is recorded in the evidence.", HelpName = "TEXT" };

    public Option<bool> Adopt { get; } = new("--adopt")
    {
        Description = "Also deliver secrets that this tool never delivered. What their variables hold now can't be put back.",
    };

    public Option<string[]> TakeOver { get; } =
        Names("--take-over", "NAME...", "Take over the open rotations of these secrets: you know that their holders are gone.");

    public Option<(int Index, int Count)?> Shard { get; } = new("--shard")
    {
        Description = "Only the i-th of n parts of the inventory, for parallel steps.",
        HelpName = "i/n",
        CustomParser = ParseShard,
    };

    public Option<Instant?> Now { get; } = new("--now")
    {
        Description = "Use this time instead of the clock, such as 2026-11-24T01:30:00Z.",
        HelpName = "INSTANT",
        CustomParser = ParseInstant,
    };

    public Option<int?> Parallelism { get; } = new("--parallelism")
    {
        Description = "How many secrets at once, 1 to 64 (default: 8).",
        HelpName = "N",
        CustomParser = result => ParseNumber(result, 64),
    };

    public Option<string[]> Evidence { get; } = new("--evidence")
    {
        Description = "Where evidence is kept: a directory, s3://BUCKET/PREFIX, or one of each (default: evidence).",
        HelpName = "PLACE",
        Arity = ArgumentArity.OneOrMore,
    };

    public Option<string[]> Report { get; } = new("--report")
    {
        Description = "Also write the auditor's report: FILE ends in .html, .md, .json, .csv or .sarif. Repeatable.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>What the command line says about settings, by their keys.</summary>
    public IReadOnlyDictionary<string, string?> SettingsOf(ParseResult parsed)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var texts = new[] { ("output", Output), ("logFormat", LogFormat), ("logLevel", LogLevel) };
        foreach (var (key, option) in texts)
            if (parsed.GetResult(option) is { Implicit: false })
                settings[key] = parsed.GetValue(option);
        foreach (var (key, option) in new[] { ("inventory", Inventory), ("evidence", Evidence) })
            if (parsed.GetResult(option) is { Implicit: false })
                settings[key] = string.Join(',', parsed.GetValue(option) ?? []);
        if (parsed.GetValue(NoColor))
            settings["noColor"] = "true";
        if (parsed.GetValue(Parallelism) is { } parallelism)
            settings["parallelism"] = parallelism.ToString(CultureInfo.InvariantCulture);
        return settings;
    }

    /// <summary>The argument that names one secret. Without a name for help, help would list what completion offers: every
    /// secret.</summary>
    public Argument<string> SecretName()
    {
        var name = new Argument<string>("NAME") { Description = "The secret's name in the inventory.", HelpName = "NAME" };
        name.CompletionSources.Add(SecretNames);
        return name;
    }

    /// <summary>Completes the name of a secret. Only completion reads the inventory.</summary>
    public IEnumerable<CompletionItem> SecretNames(CompletionContext context) =>
        (context.ParseResult.GetResult(Inventory)?.Tokens.Select(token => token.Value).ToArray() is [var file, .. var included]
            ? InventoryFile.Read(file, [.. included], InventoryKinds.With(_providers))
            : InventoryFile.Read("rotation.yaml", InventoryKinds.With(_providers))).Inventory?.Secrets
            .Select(secret => new CompletionItem(secret.Name)) ?? [];

    /// <summary>An option that takes several words, such as <c>--only a b</c>.</summary>
    public static Option<string[]> Names(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
        Validators = { RefuseCommas },
    };

    /// <summary>Parses a whole number from 1 to <paramref name="most"/>.</summary>
    public static int? ParseNumber(ArgumentResult result, int most)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1 && number <= most)
            return number;
        result.AddError($"{result.Argument.Name} takes a whole number from 1 to {most}.");
        return null;
    }

    /// <summary>The instant that an ISO 8601 text with its zone means; null for anything else.</summary>
    public static Instant? InstantOf(string text) =>
        InstantPattern.ExtendedIso.Parse(text) is { Success: true } instant ? instant.Value
        : OffsetDateTimePattern.ExtendedIso.Parse(text) is { Success: true } local ? local.Value.ToInstant()
        : null;

    private static Instant? ParseInstant(ArgumentResult result)
    {
        if (InstantOf(result.Tokens[0].Value) is { } instant)
            return instant;
        result.AddError("--now takes an ISO 8601 instant with its zone, such as 2026-11-24T01:30:00Z or 2026-11-24T02:30:00+01:00.");
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

    // No name has one.
    private static void RefuseCommas(OptionResult result)
    {
        var name = result.Option.Name;
        foreach (var token in result.Tokens.Where(token => token.Value.Contains(',', StringComparison.Ordinal)))
            result.AddError($"{name} takes names with blanks in between: {name} {token.Value.Replace(',', ' ')}");
    }

    private static void RefuseSandbox(OptionResult result)
    {
        if (!result.Implicit)
            result.AddError(
                $"{result.Option.Name}: a published build leaves the sandbox out, so that nothing in production "
                + "can be pointed at an emulator. Use a checkout: dotnet run --project src/SecretRotator -- plan --sandbox");
    }
}
