using System.Text.Json.Nodes;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.HashiCorp.Doctor;

/// <summary>
/// What a vault needs: an auth method that trusts Bitbucket's issuer, a role there that admits the pipeline, and the role's policy
/// (https://developer.hashicorp.com/vault/docs/auth/jwt). OpenBao takes the same.
/// </summary>
/// <param name="request">Whom to trust with what.</param>
internal sealed class HashiCorpTrust(TrustRequest request)
{
    private const string UsualName = "secret-rotator";

    // The subject ends in the step's uuid: it would make a new entity, which may be billed, in every run.
    private const string UserClaim = "repositoryUuid";
    private const int LifeSeconds = 900;
    private const int LongestLifeSeconds = 7200;

    private readonly TrustFacts _facts = request.Facts;

    private readonly ImmutableArray<Access> _accesses =
    [
        .. request.Inventory.Vaults.Values.OfType<HashiCorpVaultDefinition>()
            .GroupBy(vault => (vault.Address, vault.Namespace, Name: PolicyOf(vault.Auth)))
            .SelectMany(vaults => vaults.DistinctBy(vault => vault.Auth).Select(vault => new Access(
                vault.Address,
                vault.Namespace,
                vault.Auth,
                HashiCorpPolicy.Of(
                    vaults, request.Inventory.Secrets,
                    request.Inventory.References.Concat(request.Borrowed.SelectMany(access => access.Secrets)), request.ByPathPrefix)))),
    ];

    /// <summary>As policies and roles, with commands of the vault's own command line.</summary>
    public TrustSet Commands() => new(
        [.. _accesses.SelectMany(Documents).DistinctBy(document => document.File, StringComparer.Ordinal)],
        Words,
        [
            .. _accesses.Where(access => access.Auth is HashiCorpAuth.Jwt).Select(Enable).Distinct(StringComparer.Ordinal),
            .. _accesses.Where(access => access.Auth is HashiCorpAuth.AppRole).Select(AppRole),
            "With OpenBao, write bao in place of vault: the commands are the same. VAULT_ADDR or BAO_ADDR names the server: "
                + $"{string.Join(", ", _accesses.Select(access => access.Address.AbsoluteUri).Distinct(StringComparer.Ordinal))}.",
            .. Notes,
        ]);

    /// <summary>As Terraform, a file for each server and namespace.</summary>
    public TrustSet Terraform() => new(
        [
            .. _accesses.GroupBy(access => (access.Address, access.Namespace)).Select(server => new TrustDocument(
                $"{UsualName}-{LabelOf(server.Key.Address, server.Key.Namespace)}.tf",
                $"Auth method, roles and policies of {server.Key.Address}{InNamespace(server.Key.Namespace)}",
                $"terraform apply, with VAULT_ADDR={server.Key.Address} and a token that may change policies and auth methods",
                Module([.. server]))
            {
                Lacks = _facts.Lacks,
            }),
        ],
        Words,
        [
            .. _accesses.Where(access => access.Auth is HashiCorpAuth.AppRole).Select(AppRole),
            "Terraform's provider hashicorp/vault serves OpenBao too.", .. Notes,
        ]);

    private ImmutableArray<TrustWord> Words => _accesses.Any(access => access.Auth is HashiCorpAuth.Jwt) ? _facts.Words : [];

    private ImmutableArray<string> Notes => _facts.Environment is not null ? [] :
    [
        "A role without deploymentEnvironmentUuid among its bound_claims admits every step of the repository, so anyone who can push a "
            + "branch. --environment-uuid UUID limits it to one deployment environment.",
    ];

    private IEnumerable<TrustDocument> Documents(Access access)
    {
        var (name, file) = (access.PolicyName, $"{LabelOf(access.Address, access.Namespace)}-{access.PolicyName}");
        yield return new TrustDocument(
            $"policy-{file}.hcl", $"What a token of {access} may do",
            $"vault policy write{Flag(access)} {name} policy-{file}.hcl", access.Policy.Hcl());
        if (access.Auth is HashiCorpAuth.Jwt jwt)
            yield return new TrustDocument(
                $"role-{NameOf(jwt.Mount)}-{file}.json", $"Whom {access} admits",
                $"vault write{Flag(access)} auth/{jwt.Mount}/role/{jwt.RoleName} @role-{NameOf(jwt.Mount)}-{file}.json",
                TrustText.Of(Role(access)))
            {
                Lacks = _facts.Lacks,
            };
    }

    private JsonObject Role(Access access) => new()
    {
        ["role_type"] = "jwt",
        ["bound_audiences"] = TrustText.List([_facts.Audience]),
        ["bound_claims"] = new JsonObject(Claims().Select(claim => KeyValuePair.Create(claim.Name, (JsonNode?)claim.Value))),
        ["user_claim"] = UserClaim,
        ["token_policies"] = TrustText.List([access.PolicyName]),
        ["token_type"] = "service",
        ["token_ttl"] = LifeSeconds,
        ["token_max_ttl"] = LongestLifeSeconds,
    };

    private IEnumerable<(string Name, string Value)> Claims()
    {
        yield return ("repositoryUuid", _facts.Repository);
        if (_facts.Environment is { } environment)
            yield return ("deploymentEnvironmentUuid", environment);
    }

    private string Enable(Access access)
    {
        var (mount, issuer) = (((HashiCorpAuth.Jwt)access.Auth).Mount, BitbucketIssuer.Of(_facts.Workspace));
        return $"Once{InNamespace(access.Namespace)} of {access.Address}: vault auth enable{Flag(access)} -path={mount} jwt && "
            + $"vault write{Flag(access)} auth/{mount}/config oidc_discovery_url={issuer} bound_issuer={issuer}";
    }

    private static string AppRole(Access access)
    {
        var mount = ((HashiCorpAuth.AppRole)access.Auth).Mount;
        return $"The AppRole at {access.Address}: vault write{Flag(access)} auth/{mount}/role/{UsualName} token_policies={UsualName} "
            + $"token_ttl={LifeSeconds} token_max_ttl={LongestLifeSeconds} secret_id_ttl=720h";
    }

    private string Module(ImmutableArray<Access> accesses)
    {
        var text = new StringBuilder($"# {accesses[0].Address}{InNamespace(accesses[0].Namespace)}\n");
        IEnumerable<(string, string)> place = accesses[0].Namespace is { } name ? [("namespace", Quoted(name))] : [];
        var issuer = Quoted(BitbucketIssuer.Of(_facts.Workspace));
        foreach (var mount in accesses.Select(access => access.Auth).OfType<HashiCorpAuth.Jwt>().Select(jwt => jwt.Mount)
            .Distinct(StringComparer.Ordinal))
            Append(
                "vault_jwt_auth_backend", mount,
                TrustText.Aligned([.. place, ("path", Quoted(mount)), ("oidc_discovery_url", issuer), ("bound_issuer", issuer)]));
        foreach (var access in accesses.DistinctBy(access => access.PolicyName, StringComparer.Ordinal))
            Append(
                "vault_policy", access.PolicyName,
                $"{TrustText.Aligned([.. place, ("name", Quoted(access.PolicyName))])}\n\n"
                    + $"  policy = <<-POLICY\n{TrustText.Indented(access.Policy.Hcl())}\n  POLICY");
        foreach (var access in accesses)
        {
            if (access.Auth is not HashiCorpAuth.Jwt jwt)
                continue;
            var before = TrustText.Aligned(
                [
                    .. place, ("backend", $"vault_jwt_auth_backend.{NameOf(jwt.Mount)}.path"), ("role_name", Quoted(jwt.RoleName)),
                    ("role_type", Quoted("jwt")), ("bound_audiences", $"[{Quoted(_facts.Audience)}]"),
                ]);
            var claims = TrustText.Aligned([.. Claims().Select(claim => (claim.Name, Quoted(claim.Value)))], "    ");
            var after = TrustText.Aligned(
                [
                    ("user_claim", Quoted(UserClaim)), ("token_policies", $"[vault_policy.{NameOf(access.PolicyName)}.name]"),
                    ("token_type", Quoted("service")), ("token_ttl", $"{LifeSeconds}"), ("token_max_ttl", $"{LongestLifeSeconds}"),
                ]);
            Append(
                "vault_jwt_auth_backend_role", $"{jwt.Mount}_{jwt.RoleName}", $"{before}\n  bound_claims = {{\n{claims}\n  }}\n{after}");
        }

        return text.ToString();

        void Append(string kind, string name, string body) =>
            text.Append($"\nresource \"{kind}\" \"{NameOf(name)}\" {{\n{body}\n}}\n");
    }

    private static string Quoted(string text) => $"\"{text}\"";

    /// <summary>What the policy of a token is called.</summary>
    public static string PolicyOf(HashiCorpAuth auth) => auth is HashiCorpAuth.Jwt jwt ? jwt.RoleName : UsualName;

    private static string NameOf(string name) => name.Replace('/', '_').Replace('.', '_');

    private static string LabelOf(Uri address, string? name) => name is null ? address.Host : $"{address.Host}-{NameOf(name)}";

    private static string Flag(Access access) => access.Namespace is { } name ? $" -namespace={name}" : "";

    private static string InNamespace(string? name) => name is null ? "" : $" in the namespace {name}";

    /// <summary>A way to log in to a server, and what it leads to.</summary>
    private sealed record Access(Uri Address, string? Namespace, HashiCorpAuth Auth, HashiCorpPolicy Policy)
    {
        public string PolicyName => PolicyOf(Auth);

        public override string ToString() => Auth switch
        {
            HashiCorpAuth.Jwt jwt => $"the role {jwt.RoleName} at {Address}{InNamespace(Namespace)}",
            HashiCorpAuth.AppRole => $"the AppRole at {Address}{InNamespace(Namespace)}",
            _ => $"the environment at {Address}{InNamespace(Namespace)}",
        };
    }
}
