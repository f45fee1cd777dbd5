using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SecretRotator.Commands;

/// <summary>The options of <c>doctor allowlist</c>.</summary>
internal sealed class AllowListOptions
{
    public AllowListOptions()
    {
        Format.AcceptOnlyFromAmong("nftables", "iptables", "aws-security-group", "json");
        Direction.AcceptOnlyFromAmong("egress", "ingress");
        foreach (var option in new[] { Product, Region })
            option.Validators.Add(OnlyWords);
    }

    public Option<string> From { get; } = new("--from") { Description = "The published ranges: a file or an address (default: https://ip-ranges.atlassian.com/).", HelpName = "FILE|URL" };

    public Option<string> Format { get; } = new("--format") { Description = "The form of the rules: nftables, iptables, aws-security-group or json (default: json).", HelpName = "FORM" };

    public Option<string[]> Product { get; } = new("--product") { Description = "Whose ranges, as the list calls it (default: bitbucket). Repeatable.", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };

    public Option<string> Direction { get; } = new("--direction") { Description = "egress: Atlassian calls you (default). ingress: you call Atlassian.", HelpName = "egress|ingress" };

    public Option<string[]> Region { get; } = new("--region") { Description = "Only these regions, such as us-east-1, and what is global (default: all). Repeatable.", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };

    public Option<int[]> Port { get; } = new("--port") { Description = "TCP ports that the rules are for (default: 22 and 443). Repeatable.", HelpName = "N", Arity = ArgumentArity.OneOrMore, CustomParser = ParsePorts };

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

    // They stand in comments of the rules.
    private static void OnlyWords(OptionResult result)
    {
        if (result.Tokens.Any(token => token.Value.Length > 40 || !token.Value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
            result.AddError($"{result.Option.Name} takes words of letters, digits and dashes, such as {(result.Option.Name == "--region" ? "us-east-1" : "bitbucket")}.");
    }
}
