using System.Text.Json.Nodes;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Aws.Doctor;

/// <summary>
/// What AWS needs: an identity provider in each account, and for each role of the inventory whom it trusts and what it
/// may do (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html).
/// </summary>
/// <param name="facts">Whom to trust.</param>
/// <param name="permissions">What each role may do.</param>
/// <param name="roles">The roles of the inventory, by ARN.</param>
internal sealed class AwsTrust(TrustFacts facts, AwsPermissions permissions, ImmutableArray<string> roles)
{
    private const string Thumbprint =
        "No thumbprint is needed: AWS checks the certificate of api.bitbucket.org against its own trusted authorities, and looks at a "
            + "stored thumbprint only where they don't know the issuer.";

    /// <summary>As JSON, with commands of the AWS CLI.</summary>
    public TrustSet Json() => new(
        [
            .. roles.SelectMany(role => new[]
            {
                new TrustDocument(
                    $"trust-{Label(role)}.json",
                    $"Whom {role} trusts",
                    $"aws iam create-role --role-name {NameOf(role)} --assume-role-policy-document file://trust-{Label(role)}.json",
                    TrustText.Of(Policy(role)))
                {
                    Lacks = facts.Lacks,
                },
            }.Concat(Permissions(role))),
        ],
        Words,
        [
            .. roles.Select(PlaceOf).Distinct().Select(place =>
                $"Once in account {place.Account}: aws iam create-open-id-connect-provider --url {BitbucketIssuer.Of(facts.Workspace)} "
                    + $"--client-id-list {facts.Audience}"),
            Thumbprint,
            .. facts.Notes,
            .. Notes(),
        ]);

    /// <summary>As Terraform, a file for each account.</summary>
    public TrustSet Terraform() => new(
        [
            .. roles.GroupBy(PlaceOf).Select(account => new TrustDocument(
                $"secret-rotator-{account.Key.Account}.tf",
                $"Provider, roles and policies of account {account.Key.Account}",
                $"terraform apply, with credentials of account {account.Key.Account}",
                Module(account.Key.Account, [.. account]))
            {
                Lacks = facts.Lacks,
            }),
        ],
        Words,
        [Thumbprint, .. facts.Notes, .. Notes()]);

    /// <summary>The ARN of Bitbucket's identity provider in the account of a role:
    /// <c>arn:PARTITION:iam::ACCOUNT:oidc-provider/ISSUER-WITHOUT-SCHEME</c>.</summary>
    /// <param name="role">The ARN of a role in that account.</param>
    /// <param name="issuer">The issuer with its scheme, or null where it isn't known.</param>
    public static string ProviderArn(string role, string? issuer)
    {
        const string scheme = "https://";
        var (partition, account) = PlaceOf(role);
        var name = issuer?.StartsWith(scheme, StringComparison.Ordinal) == true ? issuer[scheme.Length..] : "ISSUER";
        return $"arn:{partition}:iam::{account}:oidc-provider/{name}";
    }

    /// <summary>The partition and the account of an ARN.</summary>
    public static (string Partition, string Account) PlaceOf(string arn) =>
        arn.Split(':') is [_, var partition, _, _, var account, ..] ? (partition, account) : ("aws", "ACCOUNT");

    private ImmutableArray<TrustWord> Words => [.. facts.Words, .. permissions.Words];

    private IEnumerable<TrustDocument> Permissions(string role)
    {
        var name = NameOf(role);
        var policies = permissions.Of(role);
        if (policies is [var only])
            return
            [
                new TrustDocument(
                    $"permissions-{Label(role)}.json",
                    $"What {role} may do",
                    $"aws iam put-role-policy --role-name {name} --policy-name secret-rotator --policy-document "
                        + $"file://permissions-{Label(role)}.json",
                    TrustText.Of(only)),
            ];
        return policies.Select((policy, index) => new TrustDocument(
            $"permissions-{Label(role)}-{index + 1}.json",
            $"What {role} may do, part {index + 1} of {policies.Length}",
            $"aws iam create-policy --policy-name {name}-{index + 1} --policy-document file://permissions-{Label(role)}-{index + 1}.json "
                + $"&& aws iam attach-role-policy --role-name {name} --policy-arn {PolicyArn(role, index)}",
            TrustText.Of(policy)));
    }

    private IEnumerable<string> Notes() => permissions.Notes.Concat(
        roles.Where(role => permissions.Of(role).Length > 1).SelectMany(role => new[]
        {
            $"The permissions of {role} are too long for its inline policies, so they are {permissions.Of(role).Length} managed ones. AWS "
                + "attaches 10 to a role, and 20 with a higher quota. --by-path-prefix makes them short: the role may then use every "
                + "secret "
                + "under the same path prefixes.",
            "To renew a managed policy: aws iam create-policy-version --set-as-default with its --policy-arn and --policy-document. IAM "
                + "keeps five versions of each; delete an old one when there are five.",
        }));

    private JsonObject Policy(string role)
    {
        var issuer = BitbucketIssuer.NameOf(facts.Workspace);
        return new JsonObject
        {
            ["Version"] = "2012-10-17",
            ["Statement"] = new JsonArray(new JsonObject
            {
                ["Sid"] = "StepOfThePipeline",
                ["Effect"] = "Allow",
                ["Principal"] = new JsonObject { ["Federated"] = ProviderArn(role, BitbucketIssuer.Of(facts.Workspace)) },
                ["Action"] = "sts:AssumeRoleWithWebIdentity",
                ["Condition"] = new JsonObject
                {
                    ["StringEquals"] = new JsonObject { [$"{issuer}:aud"] = facts.Audience },
                    ["StringLike"] = new JsonObject { [$"{issuer}:sub"] = facts.SubjectPattern },
                },
            }),
        };
    }

    private string Module(string account, ImmutableArray<string> own)
    {
        var text = new StringBuilder();
        text.Append(
            $$"""
            # Account {{account}}
            resource "aws_iam_openid_connect_provider" "bitbucket" {
              url            = "{{BitbucketIssuer.Of(facts.Workspace)}}"
              client_id_list = ["{{facts.Audience}}"]
            }

            """);
        foreach (var role in own)
        {
            var name = NameOf(role).Replace('.', '_').Replace('@', '_').Replace('+', '_').Replace('=', '_').Replace(',', '_');
            text.Append(
                $$"""

                resource "aws_iam_role" "{{name}}" {
                  name               = "{{NameOf(role)}}"
                  path               = "{{PathOf(role)}}"
                  assume_role_policy = <<-POLICY
                {{TrustText.Indented(TrustText.Of(Policy(role)))}}
                  POLICY
                  depends_on         = [aws_iam_openid_connect_provider.bitbucket]
                }


                """);
            text.AppendJoin('\n', permissions.Of(role) is [var only]
                ? [Inline(name, only)]
                : permissions.Of(role).Select((policy, index) => Managed(name, NameOf(role), policy, index + 1)));
        }

        return text.ToString();
    }

    private static string Inline(string name, JsonObject policy) =>
        $$"""
        resource "aws_iam_role_policy" "{{name}}" {
          name   = "secret-rotator"
          role   = aws_iam_role.{{name}}.id
          policy = <<-POLICY
        {{TrustText.Indented(TrustText.Of(policy))}}
          POLICY
        }

        """;

    private static string Managed(string name, string role, JsonObject policy, int number) =>
        $$"""
        resource "aws_iam_policy" "{{name}}-{{number}}" {
          name   = "{{role}}-{{number}}"
          policy = <<-POLICY
        {{TrustText.Indented(TrustText.Of(policy))}}
          POLICY
        }

        resource "aws_iam_role_policy_attachment" "{{name}}-{{number}}" {
          role       = aws_iam_role.{{name}}.id
          policy_arn = aws_iam_policy.{{name}}-{{number}}.arn
        }

        """;

    // arn:aws:iam::ACCOUNT:role/PATH/NAME
    private static string NameOf(string role) => role[(role.LastIndexOf('/') + 1)..];

    private static string PathOf(string role) => role[role.IndexOf('/', StringComparison.Ordinal)..(role.LastIndexOf('/') + 1)];

    private static string PolicyArn(string role, int index)
    {
        var (partition, account) = PlaceOf(role);
        return $"arn:{partition}:iam::{account}:policy/{NameOf(role)}-{index + 1}";
    }

    private static string Label(string role) => $"{PlaceOf(role).Account}-{NameOf(role)}";
}
