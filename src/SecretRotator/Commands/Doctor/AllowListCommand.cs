using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using SecretRotator.Doctor.AllowLists;
using SecretRotator.Output;
using SecretRotator.Providers.Http;
using SecretRotator.Settings;
using SecretRotator.Values;

namespace SecretRotator.Commands;

/// <summary>Makes firewall rules of the ranges that Atlassian publishes. Needs no inventory and no credential.</summary>
internal static class AllowListCommand
{
    // What one rule of iptables takes.
    private const int MostPorts = 15;

    public static async Task<ExitCode> RunAsync(Terminal terminal, RotatorSettings settings, AllowListOptions options, ParseResult parsed, CancellationToken cancellation)
    {
        var source = parsed.GetValue(options.From) ?? RangesSource.Published;
        ImmutableArray<int> ports = [.. (parsed.GetValue(options.Port) is { Length: > 0 } wanted ? wanted : [22, 443]).Distinct().Order()];
        if (ports.Length > MostPorts)
            throw new UsageException($"--port was given {ports.Length} times.", string.Create(CultureInfo.InvariantCulture, $"At most {MostPorts} ports fit into a rule; make a second list for the others."));
        var request = new AllowListRequest(
            Names(parsed.GetValue(options.Product), "bitbucket"),
            parsed.GetValue(options.Direction) ?? "egress",
            Names(parsed.GetValue(options.Region)),
            ports);
        using var network = Network.Open(settings.CaBundle);
        var content = await RangesSource.ReadAsync(source, network.Handler, cancellation);
        var list = AllowList.Of(request, PrintableText.Of(source), PublishedRanges.Parse(source, content));
        Write(terminal, list, parsed.GetValue(options.Format) ?? "json");
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
                terminal.WriteJson(json => AllowListForms.WriteSecurityGroup(json, list));
                TellRules(terminal, list);
                break;
            default:
                terminal.WriteJson(json => AllowListForms.WriteJson(json, list));
                break;
        }
    }

    // JSON has no place for a remark.
    private static void TellRules(Terminal terminal, AllowList list)
    {
        var (rules4, rules6) = (list.IPv4.Length * list.Request.Ports.Length, list.IPv6.Length * list.Request.Ports.Length);
        terminal.WriteErrorFolded($"{list.Origin}.");
        terminal.WriteErrorFolded(string.Create(CultureInfo.InvariantCulture, $"{HumanText.Count(rules4, "rule")} for IPv4, {rules6} for IPv6. A security group takes {AllowListForms.RulesOfSecurityGroup} of each, unless its quota was raised.")
            + (Math.Max(rules4, rules6) > AllowListForms.RulesOfSecurityGroup ? " That is too many: choose a --region or one --port, or put the ranges into a prefix list." : ""));
    }

    private static ImmutableArray<string> Names(string[]? names, params string[] usual) =>
        [.. (names is { Length: > 0 } given ? given : usual).Select(name => name.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
