using System.CommandLine;
using System.CommandLine.Parsing;
using SecretRotator.Doctor.AllowLists;
using SecretRotator.Providers.Http;

namespace SecretRotator.Commands;

/// <summary>Makes firewall rules of the ranges that Atlassian publishes. Needs no inventory and no credential.</summary>
internal static class AllowListCommand
{
    // What one rule of iptables takes.
    private const int MostPorts = 15;

    /// <summary>Declares it.</summary>
    public static Command Create(CommandRunner runner)
    {
        var from = new Option<string>("--from")
        {
            Description = "The published ranges: a file or an address (default: https://ip-ranges.atlassian.com/).",
            HelpName = "FILE|URL",
        };
        var format = new Option<string>("--format")
        {
            Description = "The form of the rules: nftables, iptables, aws-security-group or json (default: json).",
            HelpName = "FORM",
        };
        format.AcceptOnlyFromAmong("nftables", "iptables", "aws-security-group", "json");
        var product = Words("--product", "bitbucket", "Whose ranges, as the list calls it (default: bitbucket). Repeatable.");
        var direction = new Option<string>("--direction")
        {
            Description = "egress: Atlassian calls you (default). ingress: you call Atlassian.",
            HelpName = "egress|ingress",
        };
        direction.AcceptOnlyFromAmong("egress", "ingress");
        var region = Words(
            "--region", "us-east-1", "Only these regions, such as us-east-1, and what is global (default: all). Repeatable.");
        var port = new Option<int[]>("--port")
        {
            Description = "TCP ports that the rules are for (default: 22 and 443). Repeatable.",
            HelpName = "N",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = ParsePorts,
        };
        var command = new CommandWithExamples(
            "allowlist",
            "Makes firewall rules of the address ranges that Atlassian publishes.",
            "secret-rotator doctor allowlist --format nftables > atlassian.nft",
            "secret-rotator doctor allowlist --from ip-ranges.json --format aws-security-group --port 443")
        {
            from, format, product, direction, region, port,
        };
        return runner.Offline(command, context =>
        {
            var (products, regions) = (Names(context.Value(product), "bitbucket"), Names(context.Value(region)));
            var request = new AllowListRequest(products, context.Value(direction) ?? "egress", regions, Ports(context.Value(port)));
            return RunAsync(context, context.Value(from) ?? RangesSource.Published, request, context.Value(format) ?? "json");
        });
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string source, AllowListRequest request, string format)
    {
        using var network = Network.Open(context.Settings.CaBundle, context.Settings.Proxies);
        var content = await RangesSource.ReadAsync(source, network.Handler, CancellationToken.None);
        Write(context.Terminal, AllowList.Of(request, PrintableText.Of(source), PublishedRanges.Parse(source, content)), format);
        return ExitCode.Done;
    }

    private static void Write(Terminal terminal, AllowList list, string format)
    {
        switch (format)
        {
            case "nftables":
                terminal.Out.Write(AllowListForms.Nftables(list));
                break;
            case "iptables":
                terminal.Out.Write(AllowListForms.Iptables(list));
                break;
            case "aws-security-group":
                terminal.WriteJson(json => AllowListForms.SecurityGroup(list).WriteTo(json));
                TellRules(terminal, list);
                break;
            default:
                terminal.WriteJson(json => ResultContext.Write(json, new AllowListJson(list)));
                break;
        }
    }

    // JSON has no place for a remark.
    private static void TellRules(Terminal terminal, AllowList list)
    {
        var (rules4, rules6) = (list.IPv4.Length * list.Request.Ports.Length, list.IPv6.Length * list.Request.Ports.Length);
        terminal.WriteErrorFolded($"{list.Origin}.");
        const int Most = AllowListForms.RulesOfSecurityGroup;
        var counts = $"{HumanText.Count(rules4, "rule")} for IPv4, {rules6} for IPv6.";
        var limit = $"A security group takes {Most} of each, unless its quota was raised.";
        var excess = Math.Max(rules4, rules6) - Most;
        terminal.WriteErrorFolded($"{counts} {limit}"
            + (excess > 0 ? " That is too many: choose a --region or one --port, or put the ranges into a prefix list." : ""));
    }

    private static ImmutableArray<string> Names(string[]? names, params string[] usual)
    {
        var wanted = (names is { Length: > 0 } ? names : usual).Select(name => name.ToLowerInvariant());
        return [.. wanted.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static ImmutableArray<int> Ports(int[]? wanted)
    {
        ImmutableArray<int> ports = [.. (wanted is { Length: > 0 } ? wanted : [22, 443]).Distinct().Order()];
        return ports.Length <= MostPorts ? ports : throw new UsageException(
            $"--port was given {ports.Length} times.",
            $"At most {MostPorts} ports fit into a rule; make a second list for the others.");
    }

    private static int[] ParsePorts(ArgumentResult result)
    {
        var ports = new List<int>();
        foreach (var token in result.Tokens)
            if (int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65_535)
                ports.Add(port);
            else
                result.AddError("--port takes a whole number from 1 to 65535.");
        return [.. ports];
    }

    // They are written in comments of the rules.
    private static Option<string[]> Words(string name, string example, string description)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
        option.Validators.Add(result =>
        {
            var words = result.Tokens.Select(token => token.Value);
            if (words.Any(word => word.Length > 40 || !word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
                result.AddError($"{name} takes words of letters, digits and dashes, such as {example}.");
        });
        return option;
    }
}
