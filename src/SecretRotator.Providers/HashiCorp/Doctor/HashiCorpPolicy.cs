namespace SecretRotator.Providers.HashiCorp.Doctor;

/// <summary>
/// What a token may do: the calls that the tool makes, on secrets that are in some vaults, and nothing else
/// (https://developer.hashicorp.com/vault/docs/concepts/policies). A token's calls about itself are allowed by the policy
/// <c>default</c>, which every token has.
/// </summary>
/// <param name="Rules">Which path allows what, without <c>/v1/</c>.</param>
internal sealed record HashiCorpPolicy(ImmutableArray<PolicyRule> Rules)
{
    /// <summary>What only <c>doctor</c> needs.</summary>
    public const string ForDoctor = "How many versions are kept, for doctor";

    private const string Rotated = "What is rotated";
    private const string Roles = "Database roles";
    private const string Staged = "Staged values";
    private const string Marks = "Claims and marks, which hold no value";
    private const string Read = "Credentials that the tool needs";

    private static readonly ImmutableArray<string> Uses = [Rotated, Roles, Staged, Marks, Read, ForDoctor];

    private static readonly ImmutableArray<string> Writing = ["create", "read", "update"];
    private static readonly ImmutableArray<string> Reading = ["read"];
    private static readonly ImmutableArray<string> Asking = ["update"];

    /// <summary>The policy for the vaults of one token.</summary>
    /// <param name="vaults">The vaults.</param>
    /// <param name="secrets">What is rotated; those of other vaults are passed over.</param>
    /// <param name="references">What is only read; those of other vaults are passed over.</param>
    /// <param name="byPathPrefix">Whether rights may be given on path prefixes.</param>
    public static HashiCorpPolicy Of(
        IEnumerable<HashiCorpVaultDefinition> vaults, IEnumerable<ManagedSecret> secrets, IEnumerable<VaultReference> references,
        bool byPathPrefix = false)
    {
        var own = vaults.ToDictionary(vault => vault.Name, StringComparer.Ordinal);
        var rules = new SortedDictionary<string, (string For, SortedSet<string> Capabilities)>(StringComparer.Ordinal);
        foreach (var secret in secrets.Where(secret => own.ContainsKey(secret.Vault)))
        {
            var vault = own[secret.Vault];
            if (StaticRole.In(secret.Path) is { } role)
            {
                Allow(role.Definition, Roles, Reading);
                Allow(role.Credential, Roles, Reading);
                Allow(role.Rotation, Roles, Asking);
            }
            else
            {
                Allow(In(vault, "data", secret.Path), Rotated, Writing);
                Allow(In(vault, "metadata", secret.Path), Rotated, Reading);
                Allow(In(vault, "delete", secret.Path), Rotated, Asking);
            }

            Allow(In(vault, "data", secret.Path, HashiCorpVaultDefinition.Companion), Staged, Writing);
            Allow(In(vault, "metadata", secret.Path, HashiCorpVaultDefinition.Companion), Staged, Reading);
            Allow(In(vault, "delete", secret.Path, HashiCorpVaultDefinition.Companion), Staged, Asking);
            Allow(In(vault, "data", secret.Path, HashiCorpVaultDefinition.Marks), Marks, Writing);
            Allow($"{vault.Mount}/config", ForDoctor, Reading);
        }

        foreach (var reference in references.Where(reference => own.ContainsKey(reference.Vault)))
        {
            var vault = own[reference.Vault];
            ImmutableArray<string> read = StaticRole.In(reference.Path) is { } role
                ? [role.Definition, role.Credential]
                : [In(vault, "data", reference.Path), In(vault, "metadata", reference.Path)];
            foreach (var path in read.Add(In(vault, "data", reference.Path, HashiCorpVaultDefinition.Marks)))
                Allow(path, Read, Reading);
        }

        return new HashiCorpPolicy([.. rules.Select(rule => new PolicyRule(rule.Key, rule.Value.For, [.. rule.Value.Capabilities]))]);

        // A rule that ends with * covers all folders below.
        string In(HashiCorpVaultDefinition vault, string kept, string path, string suffix = "") => $"{vault.Mount}/{kept}/"
            + (byPathPrefix && path.LastIndexOf('/') is > 0 and var slash ? $"{path[..slash]}/*" : path + suffix);

        void Allow(string path, string use, ImmutableArray<string> capabilities)
        {
            if (!rules.TryGetValue(path, out var rule))
                rules[path] = rule = (use, new SortedSet<string>(StringComparer.Ordinal));
            rule.Capabilities.UnionWith(capabilities);
        }
    }

    /// <summary>The document.</summary>
    public string Hcl()
    {
        var text = new StringBuilder();
        foreach (var use in Rules.GroupBy(rule => rule.For, StringComparer.Ordinal).OrderBy(use => Uses.IndexOf(use.Key)))
        {
            text.Append(text.Length > 0 ? "\n" : "").Append("# ").Append(use.Key).Append('\n');
            foreach (var rule in use)
                text.Append(
                    $$"""
                    path "{{rule.Path}}" { capabilities = [{{string.Join(", ", rule.Capabilities.Select(each => $"\"{each}\""))}}] }

                    """.ReplaceLineEndings("\n"));
        }

        return text.ToString();
    }
}

/// <summary>What one path allows.</summary>
/// <param name="Path">The path, without <c>/v1/</c>; one that ends with <c>*</c> means all that begin so.</param>
/// <param name="For">What it is for, for people.</param>
/// <param name="Capabilities">What may be done.</param>
internal sealed record PolicyRule(string Path, string For, ImmutableArray<string> Capabilities);
