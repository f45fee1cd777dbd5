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
        var ports = $"tcp dport {{ {string.Join(", ", list.Request.Ports)} }}";
        var text = new StringBuilder();
        Comment(text,
            list, "Load it: nft -f FILE",
            $"Use it once, before what drops: nft insert rule inet filter {(list.Request.IsInbound ? "input" : "output")} jump {chain}");
        text.Append(
            CultureInfo.InvariantCulture,
            $"table inet filter {{\n  set {set4} {{ type ipv4_addr; flags interval; }}\n  set {set6} {{ type ipv6_addr; flags interval; "
                + $"}}\n  chain {chain} {{ }}\n}}\n");
        text.Append(
            CultureInfo.InvariantCulture, $"flush chain inet filter {chain}\nflush set inet filter {set4}\nflush set inet filter {set6}\n");
        Elements(text, set4, list.IPv4);
        Elements(text, set6, list.IPv6);
        text.Append(CultureInfo.InvariantCulture, $"add rule inet filter {chain} {ports} ip {address} @{set4} accept\n");
        text.Append(CultureInfo.InvariantCulture, $"add rule inet filter {chain} {ports} ip6 {address} @{set6} accept\n");
        return text.ToString();
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
        var text = new StringBuilder();
        Comment(text,
            list, "Load it: iptables-restore --noflush FILE and ip6tables-restore --noflush FILE",
            $"Use it once, before what drops: iptables -I {(list.Request.IsInbound ? "INPUT" : "OUTPUT")} -j {chain}, and ip6tables "
                + "likewise");
        text.Append(CultureInfo.InvariantCulture, $"*filter\n:{chain} - [0:0]\n");
        foreach (var block in list.IPv4.Concat(list.IPv6))
            text.Append(
                CultureInfo.InvariantCulture,
                $"{(block.IsIPv6 ? "-6" : "-4")} -A {chain} {address} {block} -p tcp -m multiport --dports {ports} -j ACCEPT\n");
        return text.Append("COMMIT\n").ToString();
    }

    /// <summary>For <c>aws ec2 authorize-security-group-ingress --ip-permissions file://FILE</c> (or <c>-egress</c>).</summary>
    public static void WriteSecurityGroup(Utf8JsonWriter json, AllowList list)
    {
        // A description takes 255 characters of a small alphabet (EC2's IpRange).
        var description = $"{list.Title}, syncToken {list.SyncToken}";
        json.WriteStartArray();
        foreach (var port in list.Request.Ports)
        {
            json.WriteStartObject();
            json.WriteString("IpProtocol", "tcp");
            json.WriteNumber("FromPort", port);
            json.WriteNumber("ToPort", port);
            Ranges(json, "IpRanges", "CidrIp", list.IPv4, description);
            Ranges(json, "Ipv6Ranges", "CidrIpv6", list.IPv6, description);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Comment(StringBuilder text, AllowList list, params string[] lines)
    {
        foreach (var line in (string[])[list.Title, list.Origin, .. lines])
            text.Append(CultureInfo.InvariantCulture, $"# {line}\n");
    }

    private static void Elements(StringBuilder text, string set, ImmutableArray<AddressBlock> blocks)
    {
        if (!blocks.IsEmpty)
            text.Append(CultureInfo.InvariantCulture, $"add element inet filter {set} {{\n  {string.Join(",\n  ", blocks)}\n}}\n");
    }

    private static void Ranges(Utf8JsonWriter json, string name, string key, ImmutableArray<AddressBlock> blocks, string description)
    {
        if (blocks.IsEmpty)
            return;
        json.WriteStartArray(name);
        foreach (var block in blocks)
        {
            json.WriteStartObject();
            json.WriteString(key, block.ToString());
            json.WriteString("Description", description);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
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
