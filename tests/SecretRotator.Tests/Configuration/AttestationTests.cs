using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

/// <summary>How the inventory asks for the proof of a pipeline.</summary>
public sealed class AttestationTests
{
    private const string Target = "{ repository: payments-api, variable: DB_PASSWORD }";
    private const string AttestedTarget = "{ repository: payments-api, variable: DB_PASSWORD, verify: attested }";
    private static readonly string Attested = With(Target, AttestedTarget);

    [Fact]
    public void A_target_is_listed_unless_it_says_more() =>
        Accepted("version: 1", "version: 1").Secrets[0].Targets[0].Verify.Should().Be(VerificationLevel.Listed);

    [Theory]
    [InlineData(Target, AttestedTarget)]
    [InlineData("    vault: prod", "    verify: attested\n    vault: prod")]
    [InlineData("defaults:\n", "defaults:\n  verify: attested\n")]
    public void A_target_its_secret_or_the_defaults_may_ask_for_it(string before, string after) =>
        Inventory(With(before, after), "{ pipeline: attest }").Secrets[0].Targets[0].Verify.Should().Be(VerificationLevel.Attested);

    [Fact]
    public void A_target_overrides_its_secret() =>
        Inventory(
            With("    vault: prod", "    verify: attested\n    vault: prod").Replace(Target, Target.Replace(" }", ", verify: listed }")),
            "{ pipeline: attest }")
            .Secrets[0].Targets[0].Verify.Should().Be(VerificationLevel.Listed);

    [Fact]
    public void What_the_section_does_not_say_has_a_default() =>
        Inventory(Attested, "{ pipeline: attest }").Attestation.Should().Be(
            new AttestationPolicy("attest", "main", Duration.FromMinutes(15), new VariableScope.Repository("acme", "secret-rotator")));

    [Fact]
    public void The_section_says_it_all() =>
        Inventory(Attested, "{ pipeline: a.b_c-d, branch: release/1, limit: 55m, repository: Payments-API }").Attestation.Should().Be(
            new AttestationPolicy("a.b_c-d", "release/1", Duration.FromMinutes(55), new VariableScope.Repository("acme", "payments-api")));

    [Fact]
    public void Asking_without_a_pipeline_is_a_mistake_at_the_target() =>
        Read(Attested).Problems
            .Should().ContainSingle().Which
            .ToString()
            .Should().Contain("asks for the proof of a pipeline").And
            .Contain("attestation: { pipeline: attest-secrets }");

    [Theory]
    [InlineData("{ pipeline: attest, limit: 56m }", "claim leaves at most 55")]
    [InlineData("{ pipeline: attest, limit: 30s }", "not a period")]
    [InlineData("{ pipeline: attest me }", "can't be the name of the pipeline")]
    [InlineData("{ pipeline: attest, repository: acme/x }", "not a repository's slug")]
    [InlineData("{ branch: main }", "\"pipeline\" is missing")]
    [InlineData("{ pipeline: attest, image: alpine }", "Unknown key")]
    [InlineData("attest", "plain text")]
    public void A_wrong_section_is_one_problem(string section, string said) =>
        Read(Section(Attested, section)).Problems.Should().ContainSingle().Which.ToString().Should().Contain(said);

    [Fact]
    public void A_short_claim_limit_needs_a_short_limit() =>
        Read(Section(Attested, "{ pipeline: attest }")
            .Replace("limits: { minimum-interval: 10m }", "limits: { minimum-interval: 10m, claim-limit: 30m }"))
            .Problems.Should().ContainSingle().Which.ToString().Should().Contain("15 minutes by default").And.Contain("at most 10");

    [Fact]
    public void A_word_that_is_no_level_is_named() =>
        Read(With(Target, AttestedTarget.Replace("attested", "attest"))).Problems
            .Should().ContainSingle().Which
            .ToString()
            .Should().Contain("listed, attested");

    [Fact]
    public void A_repository_that_hides_the_variable_can_not_prove_the_workspaces() =>
        Read(Section(
            With(Target, "{ workspace: true, variable: DB, verify: attested }\n      - { repository: secret-rotator, variable: db }"),
            "{ pipeline: attest }"))
            .Problems.Should().ContainSingle().Which.ToString().Should().Contain("can't prove the workspace's");

    [Fact]
    public void A_target_may_not_be_one_of_the_steps_own_variables() =>
        Read(With(Target, Target.Replace("DB_PASSWORD", "SECRET_ROTATOR_ATTEST_NONCE"))).Problems
            .Should().ContainSingle().Which
            .ToString()
            .Should().Contain("this tool's own proofs");

    private static RotationInventory Inventory(string yaml, string section)
    {
        var read = Read(Section(yaml, section));
        read.Problems.Should().BeEmpty();
        RotationSchema.Accepts(Section(yaml, section)).Should().BeTrue();
        return read.Inventory!;
    }

    private static string Section(string yaml, string section) => yaml.Replace("version: 1", "version: 1\nattestation: " + section);
}
