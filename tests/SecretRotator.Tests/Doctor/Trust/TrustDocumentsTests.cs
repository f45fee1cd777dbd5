using SecretRotator.Doctor.Trust;
using SecretRotator.Notifications;
using SecretRotator.Providers;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Aws.Doctor;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.AwsIam;
using SecretRotator.Providers.Backends.Redis;
using SecretRotator.Providers.Doctor;
using SecretRotator.Settings;
using SecretRotator.Tests.Sandbox;

namespace SecretRotator.Tests.Doctor.Trust;

public sealed class TrustDocumentsTests
{
    private const string Issuer = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";

    private static readonly TrustFacts Known = new(
        "acme", "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "55555555-5555-4555-8555-555555555555");

    private static RotationInventory Inventory =>
        SandboxInventory.Everything with { Credential = new("prod", "ci/bitbucket", "token"), SigningKey = new("prod", "audit/key", null) };

    [Fact]
    public void A_role_trusts_this_repository_and_environment_and_no_one_else() => Of(
        "aws", "trust-123456789012-secret-rotator.json").Should().Be($$"""
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "StepOfThePipeline",
              "Effect": "Allow",
              "Principal": {
                "Federated": "arn:aws:iam::123456789012:oidc-provider/{{Issuer}}"
              },
              "Action": "sts:AssumeRoleWithWebIdentity",
              "Condition": {
                "StringEquals": {
                  "{{Issuer}}:aud": "ari:cloud:bitbucket::workspace/11111111-1111-4111-8111-111111111111"
                },
                "StringLike": {
                  "{{Issuer}}:sub": "{22222222-2222-4222-8222-222222222222}:{55555555-5555-4555-8555-555555555555}:*"
                }
              }
            }
          ]
        }

        """);

    [Fact]
    public void A_role_may_make_the_calls_that_the_tool_makes_on_the_secrets_that_it_rotates_and_read_what_it_only_reads() =>
        Of("aws", "permissions-123456789012-secret-rotator.json").Should().Be("""
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "Rotate",
              "Effect": "Allow",
              "Action": [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:ListSecretVersionIds",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
                "secretsmanager:TagResource"
              ],
              "Resource": [
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/ledger-??????",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/payments-db-??????",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/webhook-??????"
              ]
            },
            {
              "Sid": "AskForRotation",
              "Effect": "Allow",
              "Action": [
                "secretsmanager:RotateSecret"
              ],
              "Resource": [
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/ledger-??????"
              ]
            },
            {
              "Sid": "RunRotationFunction",
              "Effect": "Allow",
              "Action": [
                "lambda:InvokeFunction"
              ],
              "Resource": [
                "arn:aws:lambda:eu-west-1:123456789012:function:ROTATION-FUNCTION"
              ]
            },
            {
              "Sid": "ReadCredentials",
              "Effect": "Allow",
              "Action": [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue"
              ],
              "Resource": [
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:audit/key-??????",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ci/bitbucket-??????"
              ]
            },
            {
              "Sid": "AskForTokensForAzure",
              "Effect": "Allow",
              "Action": "sts:GetWebIdentityToken",
              "Resource": "*",
              "Condition": {
                "ForAllValues:StringEquals": {
                  "sts:IdentityTokenAudience": "api://AzureADTokenExchange"
                },
                "NumericLessThanEquals": {
                  "sts:DurationSeconds": 300
                }
              }
            }
          ]
        }

        """);

    [Fact]
    public void A_role_that_issues_access_keys_may_change_those_of_exactly_that_user_and_gets_documents_of_its_own()
    {
        const string issuer = "arn:aws:iam::123456789012:role/issuer";
        var inventory = SandboxInventory.Of(
            SandboxInventory.Password with { Backend = new AwsIamDefinition("ci/deploy", issuer, "eu-west-1", "id", "key") });
        var settings = SettingsWith("EVIDENCE", "evidence");

        var set = TrustDocuments.Of("aws", settings, inventory, Known);

        var policies = set.Documents.ToDictionary(
            document => document.File, document => JsonDocument.Parse(document.Content).RootElement.GetProperty("Statement"));
        policies.Should().ContainKey("trust-123456789012-issuer.json");
        var statement = policies["permissions-123456789012-issuer.json"].EnumerateArray().Should().ContainSingle().Which;
        statement.GetProperty("Action").EnumerateArray().Select(action => action.GetString()).Should().BeEquivalentTo(
            "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed", "iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey");
        statement.GetProperty("Resource")[0].GetString().Should().Be("arn:aws:iam::123456789012:user/ci/deploy");
        policies["permissions-123456789012-secret-rotator.json"].ToString().Should().NotContain("iam:");
        set.Notes.Should().Contain(note => note.Contains("needs no access key", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_an_environment_every_step_of_the_repository_is_admitted_and_that_is_said()
    {
        var set = Make("aws", Known with { EnvironmentUuid = null });

        set.Documents[0].Content.Should().Contain("\"{22222222-2222-4222-8222-222222222222}:*\"");
        set.Notes.Should().Contain(note => note.Contains("admits every step of the repository"));
    }

    [Fact]
    public void What_is_not_known_stands_in_capitals_and_is_explained()
    {
        var set = Make("aws", new TrustFacts("acme", null, null, null));

        set.Documents[0].Content.Should().Contain("workspace/WORKSPACE-UUID").And.Contain("{REPOSITORY-UUID}:*");
        set.Notes.Should().Contain(note => note.StartsWith("WORKSPACE-UUID: ")).And.Contain(note => note.StartsWith("REPOSITORY-UUID: "));
    }

    [Fact]
    public void A_policy_that_is_too_long_for_its_role_is_split_and_nothing_of_it_is_lost()
    {
        var secret = Inventory.Secrets.First(secret => secret.Vault == "prod" && secret.Backend is null);
        var many = Inventory with
        {
            Secrets =
            [
                .. Enumerable.Range(0, 1_000).Select(index => secret with { Name = $"s{index}", Path = $"team-{index % 7}/s{index}" }),
            ],
        };

        var parts = Make("aws", Known, many).Documents.Where(document => document.File.StartsWith("permissions", StringComparison.Ordinal))
            .ToList();
        var statements = parts.Select(
            part => JsonDocument.Parse(part.Content).RootElement.GetProperty("Statement").EnumerateArray().ToList())
            .ToList();

        parts.Should().HaveCountGreaterThan(10);
        parts.Should().OnlyContain(part => part.Content.Count(letter => !char.IsWhiteSpace(letter)) <= 6_144);
        parts.Select(part => part.File).Should().OnlyHaveUniqueItems();
        statements.Should().OnlyContain(part => part.Select(each => each.GetProperty("Sid").GetString()).Distinct().Count() == part.Count);
        statements.SelectMany(part => part)
            .Where(each => each.GetProperty("Sid").GetString()!.StartsWith("Rotate", StringComparison.Ordinal))
            .SelectMany(each => each.GetProperty("Resource").EnumerateArray()).Select(arn => arn.GetString()!)
            .Order(StringComparer.Ordinal).Should().Equal(
                many.Secrets.Select(each => $"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{each.Path}-??????")
                    .Order(StringComparer.Ordinal));
        Make("aws-terraform", Known, many).Documents.Should().ContainSingle().Which.Content.Should()
            .Contain($"resource \"aws_iam_role_policy_attachment\" \"secret-rotator-{parts.Count}\"");

        var narrow = Make("aws", Known, many, byPathPrefix: true).Documents.Single(
            document => document.File == "permissions-123456789012-secret-rotator.json");
        JsonDocument.Parse(narrow.Content).RootElement.GetProperty("Statement")[0].GetProperty("Resource").EnumerateArray()
            .Select(arn => arn.GetString()).Should()
            .Equal(Enumerable.Range(0, 7).Select(team => $"arn:aws:secretsmanager:eu-west-1:123456789012:secret:team-{team}/*"));
    }

    [Fact]
    public void The_administrators_of_backends_can_be_read()
    {
        var secret = Inventory.Secrets.First(secret => secret.Vault == "prod");
        var server = new RedisDefinition(new ServerAddress("cache", 6380), [], null, ["a", "b"], "username", "password")
        {
            AdminCredential = new("prod", "cache-admin", null),
        };
        var azure = Inventory.Secrets.First(secret => secret.Vault == "azure");
        var inventory = Inventory with
        {
            Secrets =
            [
                secret with { Backend = server },
                azure with { Backend = server with { AdminCredential = new("azure", "admin", null) } },
            ],
        };

        Of("aws", "permissions-123456789012-secret-rotator.json", inventory).Should()
            .Contain("arn:aws:secretsmanager:eu-west-1:123456789012:secret:cache-admin-??????");
        Of("azure", "assign-roles.sh", inventory).Split('\n').Should()
            .ContainSingle(line => line.Contains("'Key Vault Secrets User'", StringComparison.Ordinal)).Which.Should()
            .EndWith("/secrets/admin");
    }

    [Fact]
    public void Without_a_role_of_AWS_Entra_trusts_an_identity_of_Azure_s()
    {
        var inventory = Inventory with { Vaults = Inventory.Vaults.Remove("prod") };

        var documents = Make("azure", Known, inventory);

        documents.Documents.Select(document => document.File).Should().Equal("secret-rotator-role.json", "assign-roles.sh");
        documents.Words.Select(word => word.Word).Should().Equal("CLIENT-ID", "SUBSCRIPTION-ID", "RESOURCE-GROUP");
    }

    [Fact]
    public void An_ARN_in_the_inventory_is_taken_as_it_is() => AwsPermissions.Arn(
        new AwsVaultDefinition("prod", "eu-west-1", "arn:aws-cn:iam::123456789012:role/x"),
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1b2c3")
        .Should().Be("arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1b2c3");

    [Fact]
    public void Another_partition_is_kept() => AwsPermissions.Arn(
        new AwsVaultDefinition("prod", "cn-north-1", "arn:aws-cn:iam::123456789012:role/x"), "db")
        .Should().Be("arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:db-??????");

    [Fact]
    public void Without_a_Key_Vault_no_one_may_ask_for_tokens_for_Azure() =>
        Of("aws",
            "permissions-123456789012-secret-rotator.json",
            SandboxInventory.Of(SandboxInventory.Password) with { Vaults = Inventory.Vaults.Remove("azure") })
            .Should().NotContain("GetWebIdentityToken");

    [Fact]
    public void With_a_client_secret_in_the_vault_the_role_reads_it_and_asks_for_no_token()
    {
        var settings = SettingsWith("AZURE__CLIENTSECRET", "vault://prod/ci/azure#secret");

        var policy = TrustDocuments.Of("aws", settings, Inventory, Known).Documents[1].Content;

        policy.Should().Contain("secret:ci/azure-??????").And.NotContain("GetWebIdentityToken");
    }

    [Fact]
    public void Terraform_has_the_same_policies_below_a_provider()
    {
        var module = Make("aws-terraform", Known).Documents.Should().ContainSingle().Which;

        module.File.Should().Be("secret-rotator-123456789012.tf");
        module.Content.Should().Contain($"url            = \"https://{Issuer}\"").And
            .Contain("resource \"aws_iam_role\" \"secret-rotator\"").And.Contain("path               = \"/\"");
        foreach (var policy in Make("aws", Known).Documents)
            module.Content.Should().Contain(string.Join('\n', policy.Content.TrimEnd('\n').Split('\n').Select(line => "    " + line)));
        module.Content.Should().NotContain("${");
    }

    [Fact]
    public void Entra_trusts_the_role_under_the_issuer_of_its_account()
    {
        var credential = JsonDocument.Parse(Of("azure", "federated-credential.json")).RootElement;

        credential.GetProperty("subject").GetString().Should().Be("arn:aws:iam::123456789012:role/secret-rotator");
        credential.GetProperty("issuer").GetString().Should().Be("AWS-ISSUER");
        credential.GetProperty("audiences")
            .EnumerateArray()
            .Select(audience => audience.GetString())
            .Should().Equal("api://AzureADTokenExchange");
        Make("azure", Known).Notes.Should().Contain(note => note.StartsWith("AWS-ISSUER: "));
    }

    [Fact]
    public void In_Azure_a_role_has_the_four_data_actions_and_can_not_delete()
    {
        var role = JsonDocument.Parse(Of("azure", "secret-rotator-role.json")).RootElement;

        role.GetProperty("DataActions").EnumerateArray().Select(action => action.GetString()).Should().Equal(
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/setSecret/action",
            "Microsoft.KeyVault/vaults/secrets/update/action");
        role.GetProperty("Actions").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public void In_Azure_each_secret_and_its_companion_is_a_scope_of_its_own() =>
        Of("azure", "assign-roles.sh").Split('\n').Where(line => line.Contains("role assignment", StringComparison.Ordinal))
            .Select(line => line[(line.LastIndexOf('/') + 1)..])
            .Should().Equal("deploy-key", "deploy-key-staged", "grid-api", "grid-api-staged");

    [Fact]
    public void A_companion_that_exists_is_left_alone() =>
        Of("azure", "assign-roles.sh").Should().Contain(
                "[ -n \"$(az keyvault secret list-versions --vault-name acme-prod --name grid-api-staged --query '[0].id' --output "
                    + "tsv)\" ] || \\\n  az keyvault secret set --vault-name acme-prod --name grid-api-staged ");

    [Fact]
    public void Where_several_roles_could_be_meant_the_setting_chooses()
    {
        var plant = new AwsVaultDefinition("plant", "eu-central-1", "arn:aws:iam::210987654321:role/secret-rotator");
        var inventory = Inventory with { Vaults = Inventory.Vaults.Add("plant", plant) };

        TrustDocuments.Of("azure", Settings, inventory, Known).Documents[0].Content.Should().Contain("AWS-ROLE-ARN");
        TrustDocuments.Of("azure", SettingsWith("AZURE__FEDERATEDFROM", "plant"), inventory, Known).Documents[0].Content.Should()
            .Contain(plant.Role);
    }

    [Fact]
    public void Without_a_role_there_is_nothing_to_trust() =>
        FluentActions.Invoking(
            () => TrustDocuments.Of(
                "aws", Settings,
                Inventory with { Vaults = Inventory.Vaults.SetItem("prod", new AwsVaultDefinition("prod", "eu-west-1", null)) }, Known))
            .Should().Throw<UsageException>().Which.Problems[0].Hint.Should().Contain("role: arn:aws:iam::");

    [Fact]
    public void Every_JSON_document_can_be_read()
    {
        var asked = VaultProviders.All.Where(provider => Inventory.Vaults.Values.Any(vault => vault.Kind == provider.Keys.Schema));
        foreach (var kind in TrustDocuments.Kinds([.. asked]))
            foreach (var document in Make(kind, Known).Documents
                .Where(document => document.File.EndsWith(".json", StringComparison.Ordinal)))
                JsonDocument.Parse(document.Content).RootElement.ValueKind.Should().Be(JsonValueKind.Object, document.File);
    }

    [Fact]
    public void What_receivers_of_notifications_need_may_be_read()
    {
        var inventory = Inventory with
        {
            Receivers = [new NotificationReceiver.Slack("a", [], new("prod", "ci/slack", null))],
            Heartbeat = new(new("azure", "ci-beat", null)),
        };

        Of("aws", "permissions-123456789012-secret-rotator.json", inventory).Should().Contain("secret:ci/slack-??????");
        Of("azure", "assign-roles.sh", inventory).Should().MatchRegex("'Key Vault Secrets User' --scope [^ ]*/secrets/ci-beat\n");
    }

    private static RotatorSettings Settings =>
        SettingsReader.ReadEnvironment(new Dictionary<string, string>(StringComparer.Ordinal), VaultProviders.All);

    private static RotatorSettings SettingsWith(string name, string value) =>
        SettingsReader.ReadEnvironment(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["SECRET_ROTATOR__" + name] = value }, VaultProviders.All);

    private static TrustSet Make(string kind, TrustFacts facts, RotationInventory? inventory = null, bool byPathPrefix = false) =>
        TrustDocuments.Of(kind, Settings, inventory ?? Inventory, facts, byPathPrefix);

    private static string Of(string kind, string file, RotationInventory? inventory = null) =>
        TrustDocuments.Of(kind, Settings, inventory ?? Inventory, Known).Documents.Single(document => document.File == file).Content;
}
