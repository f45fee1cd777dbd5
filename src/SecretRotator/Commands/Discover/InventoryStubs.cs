using SecretRotator.Discovery;
using SecretRotator.Providers.Backends;

namespace SecretRotator.Commands;

/// <summary>Entries for <c>rotation.yaml</c> that a person completes: what is known is written, what isn't is TODO.</summary>
internal static class InventoryStubs
{
    private const int LongestName = 63;

    /// <summary>The text of a file with an entry for each variable that the inventory could cover.</summary>
    public static string Of(DiscoveryReport report, RotationInventory inventory)
    {
        var text = new StringBuilder();
        Line(text, "# Stubs for rotation.yaml. For each entry: replace every TODO, delete what isn't true, and move it under \"secrets\".");
        Line(text, "# Where the value lives in a vault, how a new one is made and who owns it isn't known to Bitbucket.");
        Line(text, "# Who accepts a new value? A system that this tool can change is its \"backend\", in place of \"consumer\": docs/backends.md.");
        Line(text, $"# Its kind: {string.Join(", ", BackendProviders.All.Select(kind => kind.Keys.Schema))}.");
        Line(text, "# Two variables that hold one secret belong into one entry, with two targets.");
        foreach (var place in report.Unknown)
            Line(text, $"# Not seen: {place.Place}");
        foreach (var place in report.Unseen)
            Line(text, $"# Not looked at, the calls were used up: {place}");
        foreach (var key in report.Variables.Where(each => each.Kind == FindingKind.StaticCloudKey))
            Line(text,
                $"# {key.Scope}:{key.Key} is a static key of {SecretNames.CloudOf(key.Key)}: give the pipeline an identity of its own "
                    + "(oidc: true) and delete it, rather than rotate it.");
        var names = new HashSet<string>(inventory.Secrets.Select(secret => secret.Name), StringComparer.Ordinal);
        var others = report.Variables.Where(each => each.Kind != FindingKind.StaticCloudKey).ToList();
        Line(text, others.Count == 0 ? "secrets: []" : "secrets:");
        foreach (var variable in others)
            Append(text, variable, NameOf(variable, names), inventory.Vaults.Keys.DefaultIfEmpty("the names under \"vaults\""));
        return text.ToString();
    }

    private static void Append(StringBuilder text, UncoveredVariable variable, string name, IEnumerable<string> vaults)
    {
        Line(text, "");
        if (!variable.Secured)
            Line(text,
                "  # Everyone with access to its settings can read this variable. Make it secured first: an unsecured target is refused.");
        Line(text, $"  - name: {name}");
        Line(text, $"    vault: TODO            # one of: {string.Join(", ", vaults)}");
        Line(text, "    path: TODO             # where it lives in the vault");
        Line(text, "    owner: TODO            # or delete the line, and \"defaults\" decide");
        Line(text, "    rotate-every: 30d      # or delete the line, and \"defaults\" decide");
        Line(text, "    value: { kind: TODO }  # password, hex, base64, base64url, uuid, vault-managed; docs/inventory.md explains them");
        Line(text, "    consumer: TODO         # who accepts a new value? reads-from-vault, by-hand; or a \"backend\" in its place");
        Line(text, "    targets:");
        Line(text, $"      - {{ {Place(variable.Scope)}, variable: {variable.Key} }}");
    }

    private static string Place(VariableScope scope) => scope switch
    {
        VariableScope.Repository repository => $"repository: {Quoted(repository.Slug)}",
        VariableScope.Environment environment => $"repository: {Quoted(environment.Slug)}, environment: {Quoted(environment.Name)}",
        _ => "workspace: true",
    };

    // In quotes, a name that looks like a number or like YAML stays a text.
    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string NameOf(UncoveredVariable variable, HashSet<string> taken)
    {
        var letters = $"{variable.Scope}-{variable.Key}".ToLowerInvariant()
            .Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-').ToArray();
        var wanted = string.Join('-', new string(letters).Split('-', StringSplitOptions.RemoveEmptyEntries));
        wanted = wanted.Length > LongestName ? wanted[..LongestName].TrimEnd('-') : wanted;
        var name = wanted;
        for (var number = 2; !taken.Add(name); number++)
        {
            var end = $"-{number}";
            name = wanted[..Math.Min(wanted.Length, LongestName - end.Length)] + end;
        }

        return name;
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
