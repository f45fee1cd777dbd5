using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Google.Doctor;

/// <summary>
/// What Google needs: a workload identity pool with a provider that trusts the pipeline, and roles with exactly the permissions that the
/// tool uses, on its secrets alone (https://cloud.google.com/iam/docs/workload-identity-federation-with-other-providers).
/// </summary>
/// <param name="request">Whom to trust with what.</param>
/// <param name="settings">The provider, and the service account to act as.</param>
internal sealed class GoogleTrust(TrustRequest request, GoogleSettings settings)
{
    private const string Mapping = "google.subject=assertion.sub,attribute.repository=assertion.repositoryUuid";
    private const string Rotator = "secretRotator";
    private const string Reader = "secretRotatorReader";
    private const string ActAs = "roles/iam.workloadIdentityUser";

    private static readonly ImmutableArray<string> Reading =
        ["secretmanager.secrets.get", "secretmanager.versions.access", "secretmanager.versions.list"];

    private readonly TrustFacts _facts = request.Facts;
    private readonly (string Project, string Pool, string Provider) _provider =
        settings.WorkloadIdentityProvider?.Split('/') is [_, var project, _, _, _, var pool, _, var provider]
            ? (project, pool, provider)
            : ("PROJECT-NUMBER", "bitbucket", "bitbucket");

    /// <summary>As scripts with commands of gcloud. They may be run again.</summary>
    public TrustSet Commands() => new(
        [
            new TrustDocument(
                "workload-identity.sh", "Whom Google trusts: a workload identity pool with Bitbucket as a provider",
                "sh workload-identity.sh",
                Federation())
            {
                Lacks = _facts.Lacks,
            },
            new TrustDocument("grant-access.sh", "What the pipeline may do, and with which secrets", "sh grant-access.sh", Grants()),
        ],
        Words,
        Notes);

    /// <summary>As Terraform.</summary>
    public TrustSet Terraform() => new(
        [
            new TrustDocument(
                "secret-rotator-google.tf", "Pool, provider, roles and bindings", "terraform apply, with the rights of an administrator",
                Module())
            {
                Lacks = _facts.Lacks,
            },
        ],
        Words,
        [
            "The APIs iam, iamcredentials, sts and secretmanager (…googleapis.com) must be switched on in the projects.", .. Notes,
        ]);

    /// <summary>The identities that a repository's steps have, as bindings name them.</summary>
    /// <param name="project">The number of the pool's project.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="repository">The repository's uuid, in braces.</param>
    public static string Member(string project, string pool, string repository) =>
        $"principalSet://iam.googleapis.com/projects/{project}/locations/global/workloadIdentityPools/{pool}/"
            + $"attribute.repository/{repository}";

    private ImmutableArray<TrustWord> Words =>
    [
        .. settings.WorkloadIdentityProvider is null
            ? [new TrustWord(
                "PROJECT-NUMBER",
                "that of the project which is to hold the pool: gcloud projects describe PROJECT-ID --format='value(projectNumber)'. "
                    + "google.workloadIdentityProvider sets it, and the names of pool and provider.")]
            : Array.Empty<TrustWord>(),
        .. _facts.Words,
    ];

    private ImmutableArray<string> Notes =>
    [
        "A companion NAME-staged that is missing is made with automatic replication. Where a secret is kept in places or under a key of "
            + "your "
            + "choice, make its companion in the same way first, with the annotation secret-rotator-companion-of=NAME.",
        "A new binding takes effect after about two minutes, at times after seven or more.",
        .. _facts.Notes,
        .. request.Borrowed.SelectMany(access => access.Notes),
    ];

    private string Steps => Member(_provider.Project, _provider.Pool, _facts.Repository);

    // A claim that a token doesn't have can't be mapped: without an environment there is none.
    private string Attributes => Mapping + (_facts.Environment is null ? "" : ",attribute.environment=assertion.deploymentEnvironmentUuid");

    private string Condition => $"assertion.repositoryUuid == '{_facts.Repository}'"
        + (_facts.Environment is { } environment ? $" && assertion.deploymentEnvironmentUuid == '{environment}'" : "");

    // NAME@PROJECT.iam.gserviceaccount.com; Google makes the others itself.
    private (string Name, string Project)? OwnAccount =>
        settings.ServiceAccount?.Split('@') is [var name, var domain]
            && domain.EndsWith(".iam.gserviceaccount.com", StringComparison.Ordinal)
            ? (name, domain[..domain.IndexOf('.', StringComparison.Ordinal)])
            : null;

    private IEnumerable<Place> Places => request.Inventory.Vaults.Values.OfType<GoogleVaultDefinition>()
        .GroupBy(vault => (vault.Project, vault.Location))
        .Select(vaults =>
        {
            var names = vaults.Select(vault => vault.Name).ToHashSet(StringComparer.Ordinal);
            var rotated = Sorted(request.Inventory.Secrets.Where(secret => names.Contains(secret.Vault)).Select(secret => secret.Path));
            var read = Sorted(request.Inventory.References.Concat(request.Borrowed.SelectMany(access => access.Secrets))
                .Where(reference => names.Contains(reference.Vault)).Select(reference => reference.Path)
                .Except(rotated, StringComparer.Ordinal));
            return new Place(vaults.Key.Project, vaults.Key.Location, rotated, read);
        })
        .OrderBy(place => place.Label, StringComparer.Ordinal);

    private static ImmutableArray<string> Sorted(IEnumerable<string> names) =>
        [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private string Federation()
    {
        var (project, pool, provider) = _provider;
        var text = new StringBuilder(
            $"""
            set -eu
            gcloud services enable iam.googleapis.com iamcredentials.googleapis.com sts.googleapis.com --project={project}
            gcloud iam workload-identity-pools describe {pool} --project={project} --location=global > /dev/null 2>&1 ||
              gcloud iam workload-identity-pools create {pool} --project={project} --location=global
            do=update-oidc
            gcloud iam workload-identity-pools providers describe {provider} \
              --project={project} --location=global --workload-identity-pool={pool} > /dev/null 2>&1 || do=create-oidc
            gcloud iam workload-identity-pools providers $do {provider} \
              --project={project} --location=global --workload-identity-pool={pool} \
              --issuer-uri={BitbucketIssuer.Of(_facts.Workspace)} \
              --allowed-audiences={_facts.Audience} \
              --attribute-mapping={Attributes} \
              --attribute-condition="{Condition}"

            """);
        if (settings.ServiceAccount is not { } account)
            return Lines(text);
        if (OwnAccount is var (name, home))
            text.Append(
                $"""
                gcloud iam service-accounts describe {account} --project={home} > /dev/null 2>&1 ||
                  gcloud iam service-accounts create {name} --project={home}

                """);
        text.Append(
            $"""
            gcloud iam service-accounts add-iam-policy-binding {account} --role={ActAs} \
              --member='{Steps}' --condition=None

            """);
        return Lines(text);
    }

    private string Grants()
    {
        var text = new StringBuilder(
            """
            set -eu
            # role PROJECT ID PERMISSIONS: a role of the project with exactly these permissions.
            role() {
              do=update
              gcloud iam roles describe "$2" --project="$1" > /dev/null 2>&1 || do=create
              gcloud iam roles $do "$2" --project="$1" --title="$2" --permissions="$3" --stage=GA --quiet
            }

            """);
        foreach (var project in Places.GroupBy(place => place.Project, StringComparer.Ordinal))
        {
            text.Append($"gcloud services enable secretmanager.googleapis.com --project={project.Key}\n");
            foreach (var (role, permissions) in Roles(project))
                text.Append($"role {project.Key} {role} {string.Join(',', permissions)}\n");
        }

        var member = settings.ServiceAccount is { } account ? $"serviceAccount:{account}" : Steps;
        foreach (var place in Places)
        {
            foreach (var name in place.Rotated)
                text.Append(
                    $"""
                    gcloud secrets describe {name}-staged {place.Flags} > /dev/null 2>&1 ||
                      gcloud secrets create {name}-staged {place.Flags}{(place.Location is null ? " --replication-policy=automatic" : "")} \
                      --set-annotations=secret-rotator-companion-of={name}

                    """);
            foreach (var (name, role) in place.Rotated.SelectMany(name => new[] { (name, Rotator), (name + "-staged", Rotator) })
                .Concat(place.Read.Select(name => (name, Reader))))
                text.Append(
                    $"""
                    gcloud secrets add-iam-policy-binding {name} {place.Flags} --role=projects/{place.Project}/roles/{role} \
                      --member='{member}' --condition=None

                    """);
        }

        return Lines(text);
    }

    private string Module()
    {
        var (project, pool, provider) = _provider;
        var attributes = Attributes.Split(',').Select(each => each.Split('=')).Select(each => ($"\"{each[0]}\"", $"\"{each[1]}\""));
        var text = new StringBuilder(
            $$"""
            resource "google_iam_workload_identity_pool" "bitbucket" {
              project                   = "{{project}}"
              workload_identity_pool_id = "{{pool}}"
            }

            resource "google_iam_workload_identity_pool_provider" "bitbucket" {
              project                            = "{{project}}"
              workload_identity_pool_id          = google_iam_workload_identity_pool.bitbucket.workload_identity_pool_id
              workload_identity_pool_provider_id = "{{provider}}"
              attribute_mapping = {
            {{TrustText.Aligned([.. attributes], "    ")}}
              }
              attribute_condition = "{{Condition}}"
              oidc {
                issuer_uri        = "{{BitbucketIssuer.Of(_facts.Workspace)}}"
                allowed_audiences = ["{{_facts.Audience}}"]
              }
            }

            locals {
              steps = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.bitbucket.name}/attribute.repository/{{_facts.Repository}}"
            }

            """);
        var member = "local.steps";
        if (settings.ServiceAccount is { } account)
        {
            member = $"\"serviceAccount:{account}\"";
            var named = $"\"projects/-/serviceAccounts/{account}\"";
            if (OwnAccount is var (name, home))
            {
                named = "google_service_account.secret-rotator.name";
                text.Append(
                    $$"""

                    resource "google_service_account" "secret-rotator" {
                      project    = "{{home}}"
                      account_id = "{{name}}"
                    }

                    """);
            }

            text.Append(
                $$"""

                resource "google_service_account_iam_member" "secret-rotator" {
                  service_account_id = {{named}}
                  role               = "{{ActAs}}"
                  member             = local.steps
                }

                """);
        }

        foreach (var of in Places.GroupBy(place => place.Project, StringComparer.Ordinal))
            foreach (var (role, permissions) in Roles(of))
                text.Append(
                    $$"""

                    resource "google_project_iam_custom_role" "{{role}}-{{of.Key}}" {
                      project = "{{of.Key}}"
                      role_id = "{{role}}"
                      title   = "{{role}}"
                      permissions = {{List(permissions)}}
                    }

                    """);
        foreach (var place in Places)
            Append(text, place, member);
        return Lines(text);
    }

    private static void Append(StringBuilder text, Place place, string member)
    {
        var kind = place.Location is null ? "google_secret_manager_secret" : "google_secret_manager_regional_secret";
        if (!place.Rotated.IsEmpty)
            text.Append(
                $$"""

                resource "{{kind}}" "staged-{{place.Label}}" {
                  for_each = toset({{List(place.Rotated)}})
                {{TrustText.Aligned([.. place.Arguments, ("secret_id", "\"${each.value}-staged\"")])}}
                  annotations = {
                    secret-rotator-companion-of = each.value
                  }{{(place.Location is null ? "\n  replication {\n    auto {}\n  }" : "")}}
                }

                """);
        Bind("rotate", [.. place.Rotated.SelectMany(name => new[] { name, name + "-staged" })], Rotator);
        Bind("read", place.Read, Reader);

        void Bind(string use, ImmutableArray<string> names, string role)
        {
            if (names.IsEmpty)
                return;
            ImmutableArray<(string, string)> arguments =
            [
                .. place.Arguments, ("secret_id", "each.value"), ("role", $"google_project_iam_custom_role.{role}-{place.Project}.name"),
                ("member", member),
            ];
            if (role == Rotator)
                arguments = arguments.Add(("depends_on", $"[{kind}.staged-{place.Label}]"));
            text.Append(
                $$"""

                resource "{{kind}}_iam_member" "{{use}}-{{place.Label}}" {
                  for_each = toset({{List(names)}})
                {{TrustText.Aligned(arguments)}}
                }

                """);
        }
    }

    private static IEnumerable<(string Role, ImmutableArray<string> Permissions)> Roles(IEnumerable<Place> places)
    {
        if (places.Any(place => !place.Rotated.IsEmpty))
            yield return (Rotator, GoogleSecretInspector.OnSecret);
        if (places.Any(place => !place.Read.IsEmpty))
            yield return (Reader, Reading);
    }

    private static string List(ImmutableArray<string> items) => $"[\n{string.Concat(items.Select(item => $"    \"{item}\",\n"))}  ]";

    private static string Lines(StringBuilder text) => text.ToString().ReplaceLineEndings("\n");

    /// <summary>The secrets of one project, or of one of its regions.</summary>
    private sealed record Place(string Project, string? Location, ImmutableArray<string> Rotated, ImmutableArray<string> Read)
    {
        public string Label => Location is null ? Project : $"{Project}-{Location}";

        public ImmutableArray<(string Name, string Value)> Arguments => Location is null
            ? [("project", $"\"{Project}\"")]
            : [("project", $"\"{Project}\""), ("location", $"\"{Location}\"")];

        public string Flags => Location is null ? $"--project={Project}" : $"--project={Project} --location={Location}";
    }
}
