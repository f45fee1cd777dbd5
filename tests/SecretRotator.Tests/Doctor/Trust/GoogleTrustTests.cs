using SecretRotator.Doctor.Trust;
using SecretRotator.Providers;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Google;
using SecretRotator.Settings;
using SecretRotator.Tests.Sandbox;

namespace SecretRotator.Tests.Doctor.Trust;

public sealed class GoogleTrustTests
{
    private const string Number = "123456789012";
    private const string Permissions =
        "secretmanager.secrets.get,secretmanager.secrets.update,secretmanager.versions.access,secretmanager.versions.add,"
        + "secretmanager.versions.disable,secretmanager.versions.list";

    private const string Steps = $"principalSet://iam.googleapis.com/projects/{Number}/locations/global/workloadIdentityPools/bitbucket/"
        + "attribute.repository/{22222222-2222-4222-8222-222222222222}";

    private static readonly TrustFacts Known = new(
        "acme", "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "55555555-5555-4555-8555-555555555555");

    private static RotationInventory Inventory
    {
        get
        {
            var inventory = SandboxInventory.Of(SandboxInventory.Password with { Vault = "google", Path = "webhook" });
            return inventory with
            {
                Vaults = inventory.Vaults.Add("google", new GoogleVaultDefinition("google", "acme-prod", null)),
                Credential = new("google", "ci-bitbucket", "token"),
            };
        }
    }

    [Fact]
    public void The_provider_admits_the_repository_and_the_environment_and_no_one_else() =>
        Of("workload-identity.sh").Should().Be($$"""
            set -eu
            gcloud services enable iam.googleapis.com iamcredentials.googleapis.com sts.googleapis.com --project={{Number}}
            gcloud iam workload-identity-pools describe bitbucket --project={{Number}} --location=global > /dev/null 2>&1 ||
              gcloud iam workload-identity-pools create bitbucket --project={{Number}} --location=global
            do=update-oidc
            gcloud iam workload-identity-pools providers describe bitbucket \
              --project={{Number}} --location=global --workload-identity-pool=bitbucket > /dev/null 2>&1 || do=create-oidc
            gcloud iam workload-identity-pools providers $do bitbucket \
              --project={{Number}} --location=global --workload-identity-pool=bitbucket \
              --issuer-uri=https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc \
              --allowed-audiences=ari:cloud:bitbucket::workspace/11111111-1111-4111-8111-111111111111 \
              --attribute-mapping=google.subject=assertion.sub,attribute.repository=assertion.repositoryUuid,attribute.environment=assertion.deploymentEnvironmentUuid \
              --attribute-condition="assertion.repositoryUuid == '{22222222-2222-4222-8222-222222222222}' && assertion.deploymentEnvironmentUuid == '{55555555-5555-4555-8555-555555555555}'"

            """);

    [Fact]
    public void Steps_may_make_the_calls_that_the_tool_makes_on_each_secret_and_its_companion_and_read_what_it_only_reads() =>
        Of("grant-access.sh").Should().Be($$"""
            set -eu
            # role PROJECT ID PERMISSIONS: a role of the project with exactly these permissions.
            role() {
              do=update
              gcloud iam roles describe "$2" --project="$1" > /dev/null 2>&1 || do=create
              gcloud iam roles $do "$2" --project="$1" --title="$2" --permissions="$3" --stage=GA --quiet
            }
            gcloud services enable secretmanager.googleapis.com --project=acme-prod
            role acme-prod secretRotator {{Permissions}}
            role acme-prod secretRotatorReader secretmanager.secrets.get,secretmanager.versions.access,secretmanager.versions.list
            gcloud secrets describe webhook-staged --project=acme-prod > /dev/null 2>&1 ||
              gcloud secrets create webhook-staged --project=acme-prod --replication-policy=automatic \
              --set-annotations=secret-rotator-companion-of=webhook
            gcloud secrets add-iam-policy-binding webhook --project=acme-prod --role=projects/acme-prod/roles/secretRotator \
              --member='{{Steps}}' --condition=None
            gcloud secrets add-iam-policy-binding webhook-staged --project=acme-prod --role=projects/acme-prod/roles/secretRotator \
              --member='{{Steps}}' --condition=None
            gcloud secrets add-iam-policy-binding ci-bitbucket --project=acme-prod --role=projects/acme-prod/roles/secretRotatorReader \
              --member='{{Steps}}' --condition=None

            """);

    [Fact]
    public void Terraform_has_the_same() => Of("secret-rotator-google.tf", kind: "google-terraform").Should().Be($$"""
        resource "google_iam_workload_identity_pool" "bitbucket" {
          project                   = "{{Number}}"
          workload_identity_pool_id = "bitbucket"
        }

        resource "google_iam_workload_identity_pool_provider" "bitbucket" {
          project                            = "{{Number}}"
          workload_identity_pool_id          = google_iam_workload_identity_pool.bitbucket.workload_identity_pool_id
          workload_identity_pool_provider_id = "bitbucket"
          attribute_mapping = {
            "google.subject"        = "assertion.sub"
            "attribute.repository"  = "assertion.repositoryUuid"
            "attribute.environment" = "assertion.deploymentEnvironmentUuid"
          }
          attribute_condition = "assertion.repositoryUuid == '{22222222-2222-4222-8222-222222222222}' && assertion.deploymentEnvironmentUuid == '{55555555-5555-4555-8555-555555555555}'"
          oidc {
            issuer_uri        = "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"
            allowed_audiences = ["ari:cloud:bitbucket::workspace/11111111-1111-4111-8111-111111111111"]
          }
        }

        locals {
          steps = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.bitbucket.name}/attribute.repository/{22222222-2222-4222-8222-222222222222}"
        }

        resource "google_project_iam_custom_role" "secretRotator-acme-prod" {
          project = "acme-prod"
          role_id = "secretRotator"
          title   = "secretRotator"
          permissions = [
            "secretmanager.secrets.get",
            "secretmanager.secrets.update",
            "secretmanager.versions.access",
            "secretmanager.versions.add",
            "secretmanager.versions.disable",
            "secretmanager.versions.list",
          ]
        }

        resource "google_project_iam_custom_role" "secretRotatorReader-acme-prod" {
          project = "acme-prod"
          role_id = "secretRotatorReader"
          title   = "secretRotatorReader"
          permissions = [
            "secretmanager.secrets.get",
            "secretmanager.versions.access",
            "secretmanager.versions.list",
          ]
        }

        resource "google_secret_manager_secret" "staged-acme-prod" {
          for_each = toset([
            "webhook",
          ])
          project   = "acme-prod"
          secret_id = "${each.value}-staged"
          annotations = {
            secret-rotator-companion-of = each.value
          }
          replication {
            auto {}
          }
        }

        resource "google_secret_manager_secret_iam_member" "rotate-acme-prod" {
          for_each = toset([
            "webhook",
            "webhook-staged",
          ])
          project    = "acme-prod"
          secret_id  = each.value
          role       = google_project_iam_custom_role.secretRotator-acme-prod.name
          member     = local.steps
          depends_on = [google_secret_manager_secret.staged-acme-prod]
        }

        resource "google_secret_manager_secret_iam_member" "read-acme-prod" {
          for_each = toset([
            "ci-bitbucket",
          ])
          project   = "acme-prod"
          secret_id = each.value
          role      = google_project_iam_custom_role.secretRotatorReader-acme-prod.name
          member    = local.steps
        }

        """);

    [Fact]
    public void A_service_account_has_the_rights_where_one_is_acted_as()
    {
        const string account = "secret-rotator@acme-prod.iam.gserviceaccount.com";
        var settings = With("GOOGLE__SERVICEACCOUNT", account);

        Of("workload-identity.sh", settings: settings).Should().EndWith($"""
            gcloud iam service-accounts describe {account} --project=acme-prod > /dev/null 2>&1 ||
              gcloud iam service-accounts create secret-rotator --project=acme-prod
            gcloud iam service-accounts add-iam-policy-binding {account} --role=roles/iam.workloadIdentityUser \
              --member='{Steps}' --condition=None

            """);
        Of("grant-access.sh", settings: settings).Should().Contain($"--member='serviceAccount:{account}'").And.NotContain("principalSet");
        Of("secret-rotator-google.tf", "google-terraform", settings: settings).Should()
            .Contain("service_account_id = google_service_account.secret-rotator.name").And
            .Contain($"member     = \"serviceAccount:{account}\"");
    }

    [Fact]
    public void Regional_secrets_are_bound_in_their_region()
    {
        var regional = new GoogleVaultDefinition("google", "acme-prod", "europe-west1");
        var inventory = Inventory with { Vaults = Inventory.Vaults.SetItem("google", regional) };

        Of("grant-access.sh", inventory: inventory).Should()
            .Contain("gcloud secrets create webhook-staged --project=acme-prod --location=europe-west1 \\\n").And
            .Contain("add-iam-policy-binding webhook --project=acme-prod --location=europe-west1 ");
        Of("secret-rotator-google.tf", "google-terraform", inventory).Should()
            .Contain("resource \"google_secret_manager_regional_secret_iam_member\" \"rotate-acme-prod-europe-west1\"").And
            .Contain("location   = \"europe-west1\"").And.NotContain("replication");
    }

    [Fact]
    public void What_another_provider_s_credential_is_kept_in_is_only_read() =>
        Of("grant-access.sh", settings: With("AZURE__CLIENTSECRET", "vault://google/ci-azure#secret")).Should()
            .Contain("add-iam-policy-binding ci-azure --project=acme-prod --role=projects/acme-prod/roles/secretRotatorReader");

    [Fact]
    public void What_is_not_known_is_a_word_in_capitals_and_is_explained()
    {
        var set = TrustDocuments.Of("google", SettingsReader.ReadEnvironment(new Dictionary<string, string>(), VaultProviders.All), Inventory, new TrustFacts("acme", null, null, null));

        set.Words.Select(word => word.Word).Should().Equal("PROJECT-NUMBER", "WORKSPACE-UUID", "REPOSITORY-UUID");
        set.Documents[0].Content.Should().Contain("--attribute-condition=\"assertion.repositoryUuid == '{REPOSITORY-UUID}'\"").And
            .NotContain("attribute.environment");
        set.MissingIn(set.Documents[0]).Should().Contain("--environment-uuid UUID");
        set.MissingIn(set.Documents[1]).Should().Equal("--set PROJECT-NUMBER=VALUE", "--set REPOSITORY-UUID=VALUE");
        set.With("PROJECT-NUMBER", Number)!.Documents[1].Content.Should().Contain($"projects/{Number}/locations/global");
    }

    [Fact]
    public void Without_a_vault_of_Google_s_there_is_nothing_to_trust() =>
        FluentActions.Invoking(() => TrustDocuments.Of("google", Settings, SandboxInventory.Everything with
        {
            Vaults = SandboxInventory.Everything.Vaults.RemoveRange(
                SandboxInventory.Everything.Vaults.Where(vault => vault.Value is GoogleVaultDefinition).Select(vault => vault.Key)),
        }, Known)).Should().Throw<UsageException>().Which.Problems[0].Hint.Should().Contain("google-secret-manager");

    private static RotatorSettings Settings => With("PARALLELISM", "8");

    private static RotatorSettings With(string name, string value) => SettingsReader.ReadEnvironment(
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SECRET_ROTATOR__GOOGLE__WORKLOADIDENTITYPROVIDER"] =
                $"projects/{Number}/locations/global/workloadIdentityPools/bitbucket/providers/bitbucket",
            ["SECRET_ROTATOR__" + name] = value,
        },
        VaultProviders.All);

    private static string Of(
        string file, string kind = "google", RotationInventory? inventory = null, RotatorSettings? settings = null) =>
        TrustDocuments.Of(kind, settings ?? Settings, inventory ?? Inventory, Known).Documents
            .Single(document => document.File == file).Content;
}
