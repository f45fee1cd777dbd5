using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

public sealed class TargetTests
{
    private const string ValueAndTarget =
        "value: { kind: password }\n    targets:\n      - { repository: payments-api, variable: DB_PASSWORD }";
    private const string SshKey = "value: { kind: ssh-key, field: private, public-field: public }";
    private const string Target = "{ repository: payments-api, variable: DB_PASSWORD }";

    [Theory]
    [InlineData(
        "{ variable: A }",
        "rotation.yaml:18:9: A target must say where its variable lives. Write either \"repository: SLUG\", with \"environment: NAME\" "
            + "for a deployment variable, or \"workspace: true\".")]
    [InlineData(
        "{ workspace: true, repository: a, variable: A }",
        "rotation.yaml:18:9: A target can't be in the workspace and in a repository. Write either \"repository: SLUG\", with "
            + "\"environment: NAME\" for a deployment variable, or \"workspace: true\".")]
    [InlineData(
        "{ workspace: true, environment: a, variable: A }",
        "rotation.yaml:18:28: An environment belongs to a repository. Write \"repository: SLUG\" in place of \"workspace\", or delete "
            + "\"environment\".")]
    [InlineData(
        "{ workspace: false, variable: A }",
        "rotation.yaml:18:11: \"workspace: false\" says nothing about where the variable lives. Write \"workspace: true\" or "
            + "\"repository: SLUG\".")]
    [InlineData(
        "{ workspace: yes, variable: A }",
        "rotation.yaml:18:22: \"workspace\" must be true or false. Write \"workspace: true\", without quotes, or delete the line.")]
    [InlineData(
        "{ repository: a }",
        "rotation.yaml:18:9: A target is either a variable or the SSH key pair of a repository. Write either \"variable: DB_PASSWORD\" or "
            + "\"ssh-key-pair: true\".")]
    [InlineData(
        "{ repository: a, variable: A, ssh-key-pair: true }",
        "rotation.yaml:18:9: A target is either a variable or the SSH key pair of a repository. Write either \"variable: DB_PASSWORD\" or "
            + "\"ssh-key-pair: true\".")]
    [InlineData(
        "{ repository: a, ssh-key-pair: false }",
        "rotation.yaml:18:9: A target is either a variable or the SSH key pair of a repository. Write either \"variable: DB_PASSWORD\" or "
            + "\"ssh-key-pair: true\".")]
    [InlineData(
        "{ repository: a, ssh-key-pair: \"true\" }",
        "rotation.yaml:18:40: \"ssh-key-pair\" must be true or false. Write \"ssh-key-pair: true\", without quotes, or delete the line.")]
    [InlineData(
        "{ repository: a, ssh-key-pair: true }",
        "rotation.yaml:18:9: An SSH key pair carries a private SSH key, and this is something else. Name the field of a value such as "
            + "\"value: { kind: ssh-key, field: private_key, public-field: public_key }\".")]
    [InlineData(
        "{ repository: acme/a, variable: A }",
        "rotation.yaml:18:23: \"acme/a\" is not a repository's slug. Write \"repository: a\" without the workspace.")]
    [InlineData(
        "{ repository: other/a, variable: A }",
        "rotation.yaml:18:23: \"other/a\" is not a repository's slug. Write the slug as it is in the address: letters, digits, dots, "
            + "hyphens and underscores, at most 62.")]
    [InlineData(
        "{ repository: \"..\", variable: A }",
        "rotation.yaml:18:23: \"..\" is not a repository's slug. Write the slug as it is in the address: letters, digits, dots, hyphens "
            + "and underscores, at most 62.")]
    [InlineData(
        "{ repository: a, environment: \"prod \", variable: A }",
        "rotation.yaml:18:39: The environment's name begins or ends with a space. Write it as Bitbucket shows it.")]
    [InlineData(
        "{ repository: a, variable: DB-PASSWORD }",
        "rotation.yaml:18:36: \"DB-PASSWORD\" can't be the key of a Bitbucket variable. Write letters, digits and underscores, and don't "
            + "begin with a digit.")]
    [InlineData(
        "{ repository: a, variable: 1ST }",
        "rotation.yaml:18:36: \"1ST\" can't be the key of a Bitbucket variable. Write letters, digits and underscores, and don't begin "
            + "with a digit.")]
    [InlineData(
        "{ repository: a, variable: bitbucket_token }",
        "rotation.yaml:18:36: Variables that begin with BITBUCKET_ are Bitbucket's own. Choose another key.")]
    [InlineData(
        "{ repository: a, variable: SECRET_ROTATOR_CLAIM_1 }",
        "rotation.yaml:18:36: Variables that begin with SECRET_ROTATOR_CLAIM_ are this tool's own claims. Choose another key.")]
    [InlineData(
        "{ repository: a, variable: SECRET_ROTATOR_SCHEDULE_X }",
        "rotation.yaml:18:36: Variables that begin with SECRET_ROTATOR_SCHEDULE_ are this tool's own records of schedules. Choose "
            + "another key.")]
    [InlineData(
        "{ repository: a, variable: A, field: x }",
        "rotation.yaml:18:46: The secret is one plain text, without fields. Delete \"field\" here, or name the generated field under "
            + "\"value\" to make it a JSON secret.")]
    [InlineData(
        "{ repository: a, variable: A, secured: true }",
        "rotation.yaml:18:39: Unknown key \"secured\" in a target. Known keys: workspace, repository, environment, variable, ssh-key-pair, "
            + "field, whole, encoding, create, verify.")]
    [InlineData(
        "{ repository: a, variable: A, value: hunter2 }",
        "rotation.yaml:18:39: The key \"value\" would hold a secret value, which is not allowed in this file. Delete the line. \"value\" "
            + "of a secret says how a new value is made.")]
    [InlineData("{ repository: a, variable: A, encoding: hex }", "rotation.yaml:18:49: \"hex\" is not an encoding. Write one of: base64.")]
    [InlineData(
        "a/DB_PASSWORD",
        "rotation.yaml:18:9: Found a plain text where a target is expected. Write \"key: value\" pairs. Known keys: workspace, "
            + "repository, environment, variable, ssh-key-pair, field, whole, encoding, create, verify.")]
    public void What_is_wrong_with_a_target_is_said_at_its_place(string target, string problem) =>
        Problems(Target, target).Should().Equal(problem);

    [Fact]
    public void A_key_may_be_255_characters_long_and_no_longer() =>
        (Problems(Target, $"{{ repository: a, variable: {new string('A', 255)} }}").Length,
            Problems(Target, $"{{ repository: a, variable: {new string('A', 256)} }}").Single())
            .Should().Be((0, "rotation.yaml:18:36: \"variable\" has 256 characters. Write at most 255."));

    [Fact]
    public void A_secret_has_at_least_one_target() =>
        Problems("\n      - " + Target, " []").Should()
            .Equal("rotation.yaml:17:14: \"targets\" has no items. Write \"targets: [ { repository: payments-api, variable: DB_PASSWORD "
            + "} ]\".");

    [Theory]
    [InlineData("{ repository: payments-api, variable: A }", "{ repository: Payments-API, variable: a }", "\"a\" of \"payments-api\"")]
    [InlineData(
        "{ repository: x, environment: Production, variable: A }", "{ repository: x, environment: production, variable: A }",
        "\"A\" of \"x/Production\"")]
    [InlineData("{ workspace: true, variable: A }", "{ workspace: true, variable: A }", "\"A\" of \"workspace\"")]
    public void Two_targets_that_Bitbucket_takes_for_one_are_refused_with_both_places(string first, string second, string what) =>
        Problems(Target, $"{first}\n      - {second}").Should().Equal(
            $"rotation.yaml:19:9: The variable {what} is a target of \"payments-db\" already (line 18, column 9). Delete one of the "
                + "two: Bitbucket ignores case, and a variable can carry one value only.");

    [Fact]
    public void Two_targets_of_two_secrets_are_refused_as_well() =>
        Problems(
            Text + "  - { name: b, vault: prod, path: b, value: { kind: hex }, targets: [ { repository: payments-api, variable: "
                + "DB_PASSWORD } ] }\n").Should().Equal(
            "rotation.yaml:20:71: The variable \"DB_PASSWORD\" of \"payments-api\" is a target of \"payments-db\" already (line 18, "
                + "column 9). Delete one of the two: Bitbucket ignores case, and a variable can carry one value only.");

    [Theory]
    [InlineData(
        "{ repository: x, variable: A }\n      - { workspace: true, variable: A }\n      - { repository: x, environment: e, variable: A "
            + "}\n      - { repository: y, variable: A }")]
    [InlineData("{ repository: workspace, variable: A }\n      - { workspace: true, variable: A }")]
    public void One_key_in_several_scopes_means_several_variables(string targets) =>
        Problems(Target, targets).Should().BeEmpty();

    [Fact]
    public void All_three_scopes_are_read_and_slugs_kept_in_lower_case() =>
        Secret(Target,
            "{ workspace: true, variable: A }\n      - { repository: X, variable: A, create: true }\n      - { repository: x, "
                + "environment: Live, variable: A, create: false }").Targets.Should().Equal(
            new VariableTarget(new VariableScope.Workspace("acme"), "A", null, false),
            new VariableTarget(new VariableScope.Repository("acme", "x"), "A", null, true),
            new VariableTarget(new VariableScope.Environment("acme", "x", "Live"), "A", null, false));

    [Fact]
    public void Two_spellings_of_one_environment_are_one_scope() =>
        Secret(Target,
            "{ repository: x, environment: Live, variable: A }\n      - { repository: x, environment: LIVE, variable: B }").Targets
            .Select(target => target.Scope).Distinct().Should().ContainSingle();

    [Theory]
    [InlineData("{ kind: password, field: password }", "password")]
    [InlineData("[ { kind: hex, field: key } ]", "key")]
    [InlineData("{ kind: password }", null)]
    [InlineData("{ kind: vault-managed }", null)]
    public void A_target_that_names_no_field_carries_the_only_generated_one(string value, string? field) =>
        Secret("value: { kind: password }", "value: " + value).Targets[0].Field.Should().Be(field);

    [Fact]
    public void A_target_of_an_ssh_key_that_names_no_field_carries_the_private_key() =>
        Secret(ValueAndTarget, SshKey + "\n    targets: [ { repository: a, variable: A, encoding: base64 } ]").Targets[0]
            .Should()
            .Be(new VariableTarget(new VariableScope.Repository("acme", "a"), "A", "private", false) { Encoding = TargetEncoding.Base64 });

    [Theory]
    [InlineData("")]
    [InlineData(", field: private")]
    public void A_private_ssh_key_without_encoding_is_refused_because_of_its_line_breaks(string field) =>
        Problems(
            With("value: { kind: password }", SshKey).Replace(Target, $"{{ repository: a, variable: A{field} }}", StringComparison.Ordinal))
                .Should().Equal(
            "rotation.yaml:18:9: The target carries a private SSH key, which has several lines, and a Bitbucket variable takes no line "
                + "breaks. Add \"encoding: base64\", and decode it where it is used: printf %s \"$KEY\" | base64 -d.");

    [Fact]
    public void A_public_ssh_key_is_one_line_and_needs_no_encoding() =>
        Problems(
            With("value: { kind: password }", SshKey)
                .Replace(Target, "{ repository: a, variable: A, field: public }", StringComparison.Ordinal)).Should().BeEmpty();

    [Fact]
    public void A_target_has_to_name_its_field_where_several_are_generated() =>
        Problems("value: { kind: password }", "value: [ { kind: hex, field: a }, { kind: hex, field: b } ]").Should().Equal(
            "rotation.yaml:18:9: The target must say which field of the secret it carries. Add \"field: NAME\"; generated are: \"a\", "
                + "\"b\".");

    [Theory]
    [InlineData("{ kind: password, field: password }")]
    [InlineData("{ kind: vault-managed }")]
    public void A_target_may_carry_a_field_that_is_not_generated(string value) =>
        Problems(
            With("value: { kind: password }", "value: " + value)
                .Replace("variable: DB_PASSWORD", "variable: DB_USER, field: username", StringComparison.Ordinal)).Should().BeEmpty();

    [Fact]
    public void An_ssh_key_can_go_to_the_key_pair_of_a_repository()
    {
        var targets = Secret(
            ValueAndTarget,
            SshKey + "\n    verify: attested\n    targets: [ { repository: Payments-API, ssh-key-pair: true, create: true }, "
                + "{ repository: payments-api, variable: A, field: public, verify: listed } ]").Targets;

        targets[0].Should().Be(
            new VariableTarget(new VariableScope.SshKeyPair("acme", "payments-api"), "ssh-key-pair", "private", MayCreate: true));
        targets[0].ToString().Should().Be("payments-api:ssh-key-pair");
        targets[1].Scope.Should().Be(new VariableScope.Repository("acme", "payments-api"));
    }

    [Theory]
    [InlineData("environment: production", "environment")]
    [InlineData("encoding: base64", "encoding")]
    [InlineData("verify: listed", "verify")]
    public void A_key_pair_takes_only_what_concerns_it(string more, string key) => Problems(
        ValueAndTarget, SshKey + $"\n    targets: [ {{ repository: a, ssh-key-pair: true, {more} }} ]").Should()
        .Equal($"rotation.yaml:17:53: An SSH key pair takes no \"{key}\". Delete it: the pair is the whole repository's, carries the key "
            + "as it is, and is proven by its public key.");

    [Fact]
    public void A_public_key_is_no_key_pair() => Problems(
        ValueAndTarget, SshKey + "\n    targets: [ { repository: a, ssh-key-pair: true, field: public } ]").Should()
        .ContainSingle().Which.Should().Contain("An SSH key pair carries a private SSH key, and this is something else");

    [Fact]
    public void A_repository_has_one_key_pair() => Problems(
        ValueAndTarget,
        SshKey + "\n    targets: [ { repository: a, ssh-key-pair: true }, { repository: A, ssh-key-pair: true } ]").Should()
        .ContainSingle().Which.Should().Contain("The SSH key pair of \"a\" is a target of \"payments-db\" already");
}
