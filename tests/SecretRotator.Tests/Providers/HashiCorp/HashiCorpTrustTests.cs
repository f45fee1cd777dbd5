using SecretRotator.Configuration;
using SecretRotator.Doctor.Trust;
using SecretRotator.Providers;
using SecretRotator.Providers.Doctor;
using SecretRotator.Settings;

namespace SecretRotator.Tests.Providers.HashiCorp;

/// <summary>The documents with which a vault trusts the pipeline.</summary>
public sealed class HashiCorpTrustTests
{
    private const string Issuer = "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";

    private const string Vault =
        "prod: { kind: hashicorp-vault, address: \"https://vault.acme.example:8200\", mount: kv, auth: jwt, role: rotator }";

    private static readonly TrustFacts Known = new(
        "acme", "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "55555555-5555-4555-8555-555555555555");

    [Fact]
    public void The_policy_allows_the_calls_that_the_tool_makes_and_no_other() =>
        Content(Of("hashicorp-vault"), "policy-vault.acme.example-rotator.hcl").Should().Be("""
            # What is rotated
            path "kv/data/payments/webhook" { capabilities = ["create", "read", "update"] }
            path "kv/delete/payments/webhook" { capabilities = ["update"] }
            path "kv/metadata/payments/webhook" { capabilities = ["read"] }

            # Database roles
            path "database/rotate-role/payments" { capabilities = ["update"] }
            path "database/static-creds/payments" { capabilities = ["read"] }
            path "database/static-roles/payments" { capabilities = ["read"] }

            # Staged values
            path "kv/data/database/static-creds/payments-staged" { capabilities = ["create", "read", "update"] }
            path "kv/data/payments/webhook-staged" { capabilities = ["create", "read", "update"] }
            path "kv/delete/database/static-creds/payments-staged" { capabilities = ["update"] }
            path "kv/delete/payments/webhook-staged" { capabilities = ["update"] }
            path "kv/metadata/database/static-creds/payments-staged" { capabilities = ["read"] }
            path "kv/metadata/payments/webhook-staged" { capabilities = ["read"] }

            # Claims and marks, which hold no value
            path "kv/data/database/static-creds/payments-staged/marks" { capabilities = ["create", "read", "update"] }
            path "kv/data/payments/webhook-staged/marks" { capabilities = ["create", "read", "update"] }

            # Credentials that the tool needs
            path "kv/data/ci/bitbucket" { capabilities = ["read"] }
            path "kv/data/ci/bitbucket-staged/marks" { capabilities = ["read"] }
            path "kv/metadata/ci/bitbucket" { capabilities = ["read"] }

            # How many versions are kept, for doctor
            path "kv/config" { capabilities = ["read"] }

            """);

    [Fact]
    public void The_role_admits_this_repository_and_environment_and_no_one_else() =>
        Content(Of("hashicorp-vault"), "role-jwt-vault.acme.example-rotator.json").Should().Be("""
            {
              "role_type": "jwt",
              "bound_audiences": [
                "ari:cloud:bitbucket::workspace/11111111-1111-4111-8111-111111111111"
              ],
              "bound_claims": {
                "repositoryUuid": "{22222222-2222-4222-8222-222222222222}",
                "deploymentEnvironmentUuid": "{55555555-5555-4555-8555-555555555555}"
              },
              "user_claim": "repositoryUuid",
              "token_policies": [
                "rotator"
              ],
              "token_type": "service",
              "token_ttl": 900,
              "token_max_ttl": 7200
            }

            """);

    [Fact]
    public void The_commands_are_said()
    {
        var set = Of("hashicorp-vault");

        set.Documents.Select(document => document.Use).Should().Equal(
            "vault policy write rotator policy-vault.acme.example-rotator.hcl",
            "vault write auth/jwt/role/rotator @role-jwt-vault.acme.example-rotator.json");
        set.Remarks[0].Should().Be(
            "Once of https://vault.acme.example:8200/: vault auth enable -path=jwt jwt && vault write auth/jwt/config "
                + $"oidc_discovery_url={Issuer} bound_issuer={Issuer}");
    }

    [Fact]
    public void Terraform_makes_the_same() =>
        Content(Of("hashicorp-vault-terraform", Vault.Replace("mount: kv", "mount: kv, namespace: team", StringComparison.Ordinal)),
            "secret-rotator-vault.acme.example-team.tf")
            .Should().StartWith($$"""
            # https://vault.acme.example:8200/ in the namespace team

            resource "vault_jwt_auth_backend" "jwt" {
              namespace          = "team"
              path               = "jwt"
              oidc_discovery_url = "{{Issuer}}"
              bound_issuer       = "{{Issuer}}"
            }

            resource "vault_policy" "rotator" {
              namespace = "team"
              name      = "rotator"

              policy = <<-POLICY
                # What is rotated
                path "kv/data/payments/webhook" { capabilities = ["create", "read", "update"] }

            """).And.EndWith("""
              POLICY
            }

            resource "vault_jwt_auth_backend_role" "jwt_rotator" {
              namespace       = "team"
              backend         = vault_jwt_auth_backend.jwt.path
              role_name       = "rotator"
              role_type       = "jwt"
              bound_audiences = ["ari:cloud:bitbucket::workspace/11111111-1111-4111-8111-111111111111"]
              bound_claims = {
                repositoryUuid            = "{22222222-2222-4222-8222-222222222222}"
                deploymentEnvironmentUuid = "{55555555-5555-4555-8555-555555555555}"
              }
              user_claim     = "repositoryUuid"
              token_policies = [vault_policy.rotator.name]
              token_type     = "service"
              token_ttl      = 900
              token_max_ttl  = 7200
            }

            """);

    [Fact]
    public void In_a_namespace_the_commands_name_it() =>
        Of("hashicorp-vault", Vault.Replace("mount: kv", "mount: kv, namespace: team/ci", StringComparison.Ordinal)).Documents[1].Use
            .Should().Be(
            "vault write -namespace=team/ci auth/jwt/role/rotator @role-jwt-vault.acme.example-team_ci-rotator.json");

    [Fact]
    public void By_path_prefix_a_folder_is_allowed_in_place_of_each_secret() =>
        Content(Of("hashicorp-vault", byPathPrefix: true), "policy-vault.acme.example-rotator.hcl").Should()
            .Contain("path \"kv/data/payments/*\" { capabilities = [\"create\", \"read\", \"update\"] }").And.NotContain("webhook");

    [Fact]
    public void An_AppRole_needs_the_policy_alone() =>
        Of("hashicorp-vault", Vault.Replace("auth: jwt, role: rotator", "auth: approle", StringComparison.Ordinal)).Documents
            .Select(document => document.File)
            .Should().Equal("policy-vault.acme.example-secret-rotator.hcl");

    [Fact]
    public void Two_ways_to_log_in_to_one_server_that_share_a_policy_get_all_of_it()
    {
        var set = Of(
            "hashicorp-vault",
            Vault + "\n  other: { kind: hashicorp-vault, address: \"https://vault.acme.example:8200\", mount: two, auth: jwt, role: "
                + "rotator, auth-mount: bb }",
            ("vault: prod, path: payments/webhook", "vault: other, path: payments/webhook"));

        set.Documents.Select(document => document.File).Should().Equal(
            "policy-vault.acme.example-rotator.hcl", "role-bb-vault.acme.example-rotator.json",
            "role-jwt-vault.acme.example-rotator.json");
        Content(set, "policy-vault.acme.example-rotator.hcl")
            .Should()
            .Contain("two/data/payments/webhook").And
            .Contain("kv/data/ci/bitbucket");
    }

    private static string Content(TrustSet set, string file) => set.Documents.Single(document => document.File == file).Content;

    private static TrustSet Of(
        string kind, string vaults = Vault, (string Before, string After) change = default, bool byPathPrefix = false)
    {
        var yaml = $$"""
            version: 1
            bitbucket: { workspace: acme, home: acme/secret-rotator, credential: "vault://prod/ci/bitbucket#token" }
            vaults:
              {{vaults}}
            defaults: { owner: platform@acme.example, rotate-every: 30d }
            secrets:
              - { name: webhook, vault: prod, path: payments/webhook, value: { kind: hex, bytes: 32 }, consumer: by-hand,
                  targets: [ { repository: payments-api, variable: KEY } ] }
              - { name: db, vault: prod, path: database/static-creds/payments, value: { kind: vault-managed },
                  targets: [ { repository: payments-api, variable: DB, field: password } ] }
            """;
        if (change.Before is not null)
            yaml = yaml.Replace(change.Before, change.After, StringComparison.Ordinal);
        var read = InventoryParser.Parse("rotation.yaml", Encoding.UTF8.GetBytes(yaml), InventoryKinds.All);
        read.Problems.Should().BeEmpty();
        return TrustDocuments.Of(
            kind, SettingsReader.ReadEnvironment(new Dictionary<string, string>(), VaultProviders.All), read.Inventory!, Known,
            byPathPrefix);
    }
}
