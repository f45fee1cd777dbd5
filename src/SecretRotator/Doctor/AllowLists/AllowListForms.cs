using System.Text.Json.Nodes;

namespace SecretRotator.Doctor.AllowLists;

/// <summary>Writes an allow-list as each tool takes it. The same ranges give the same text, so that a difference is a change.</summary>
internal static class AllowListForms
{
    /// <summary>AWS's usual limit of rules for each security group, direction and address family (Amazon VPC quotas).</summary>
    public const int RulesOfSecurityGroup = 60;

    /// <summary>
    /// For <c>nft -f</c>: two sets and a chain in the table <c>inet filter</c>, replaced as one. Nothing goes through the chain before a
    /// rule jumps to it,
    /// and it drops nothing, so that loading the file locks no one out (nft(8)).
    /// </summary>
    public static string Nftables(AllowList list)
    {
        var address = list.Request.IsInbound ? "saddr" : "daddr";
        var chain = list.Request.IsInbound ? "atlassian_in" : "atlassian_out";
        var (set4, set6) = (chain + "4", chain + "6");
        var rule = $"add rule inet filter {chain} tcp dport {{ {string.Join(", ", list.Request.Ports)} }}";
        var comment = Comment(
            list, "Load it: nft -f FILE",
            $"Use it once, before what drops: nft insert rule inet filter {(list.Request.IsInbound ? "input" : "output")} jump {chain}");
        return $$"""
            {{comment}}
            table inet filter {
              set {{set4}} { type ipv4_addr; flags interval; }
              set {{set6}} { type ipv6_addr; flags interval; }
              chain {{chain}} { }
            }
            flush chain inet filter {{chain}}
            flush set inet filter {{set4}}
            flush set inet filter {{set6}}
            {{Elements(set4, list.IPv4)}}{{Elements(set6, list.IPv6)}}{{rule}} ip {{address}} @{{set4}} accept
            {{rule}} ip6 {{address}} @{{set6}} accept

            """;
    }

    /// <summary>
    /// For <c>iptables-restore --noflush</c> and <c>ip6tables-restore --noflush</c> alike: each leaves out the other's lines, by the
    /// <c>-4</c> and
    /// <c>-6</c> before them (iptables(8)). The chain is replaced, everything else is left as it is.
    /// </summary>
    public static string Iptables(AllowList list)
    {
        var chain = list.Request.IsInbound ? "ATLASSIAN-IN" : "ATLASSIAN-OUT";
        var address = list.Request.IsInbound ? "-s" : "-d";
        var ports = string.Join(',', list.Request.Ports);
        var rules = list.IPv4.Concat(list.IPv6).Select(block =>
            $"{(block.IsIPv6 ? "-6" : "-4")} -A {chain} {address} {block} -p tcp -m multiport --dports {ports} -j ACCEPT\n");
        var comment = Comment(
            list, "Load it: iptables-restore --noflush FILE and ip6tables-restore --noflush FILE",
            $"Use it once, before what drops: iptables -I {(list.Request.IsInbound ? "INPUT" : "OUTPUT")} -j {chain}, and ip6tables "
                + "likewise");
        return $"{comment}\n*filter\n:{chain} - [0:0]\n{string.Concat(rules)}COMMIT\n";
    }

    /// <summary>For <c>aws ec2 authorize-security-group-ingress --ip-permissions file://FILE</c> (or <c>-egress</c>).</summary>
    public static JsonArray SecurityGroup(AllowList list)
    {
        // A description takes 255 characters of a small alphabet (EC2's IpRange).
        var description = $"{list.Title}, syncToken {list.SyncToken}";
        return ArrayOf(list.Request.Ports.Select(port =>
        {
            var rule = new JsonObject { ["IpProtocol"] = "tcp", ["FromPort"] = port, ["ToPort"] = port };
            if (!list.IPv4.IsEmpty)
                rule["IpRanges"] = Ranges("CidrIp", list.IPv4, description);
            if (!list.IPv6.IsEmpty)
                rule["Ipv6Ranges"] = Ranges("CidrIpv6", list.IPv6, description);
            return rule;
        }));
    }

    private static string Comment(AllowList list, string load, string use) =>
        $"# {list.Title}\n# {list.Origin}\n# {load}\n# {use}";

    // With the end of its line, or nothing at all.
    private static string Elements(string set, ImmutableArray<AddressBlock> blocks) =>
        blocks.IsEmpty ? "" : $"add element inet filter {set} {{\n  {string.Join(",\n  ", blocks)}\n}}\n";

    private static JsonArray Ranges(string key, ImmutableArray<AddressBlock> blocks, string description) =>
        ArrayOf(blocks.Select(block => new JsonObject { [key] = block.ToString(), ["Description"] = description }));

    private static JsonArray ArrayOf(IEnumerable<JsonObject> items) => new([.. items]);
}

/// <summary>What doctor allowlist --output json writes, for any other tool.</summary>
internal sealed class AllowListJson
{
    private readonly AllowList _list;

    internal AllowListJson(AllowList list) => _list = list;

    public int Version { get; } = Json.Version;
    public string Command { get; } = "doctor allowlist";
    public string Source => _list.Source;
    public string SyncToken => _list.SyncToken;
    public string CreationDate => _list.CreationDate;
    public IEnumerable<string> Products => _list.Request.Products;
    public string Direction => _list.Request.Direction;
    public IEnumerable<string> Regions => _list.Request.Regions;
    public IEnumerable<int> Ports => _list.Request.Ports;
    public IEnumerable<string> Ipv4 => _list.IPv4.Select(block => block.ToString());
    public IEnumerable<string> Ipv6 => _list.IPv6.Select(block => block.ToString());
}
