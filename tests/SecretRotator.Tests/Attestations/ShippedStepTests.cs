using System.Text.RegularExpressions;
using SecretRotator.Attestations;
using SecretRotator.Configuration;
using SecretRotator.Providers;
using SecretRotator.Sandbox.Bitbucket.Pipelines;
using SecretRotator.Tests.Inventory;

namespace SecretRotator.Tests.Attestations;

/// <summary>The step that users copy, run by a real shell.</summary>
public sealed partial class ShippedStepTests
{
    private const string Nonce = "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210";
    private static readonly string File = System.IO.File.ReadAllText(
        Path.Combine(RepositoryFiles.Root, "docs", "attestation", "bitbucket-pipelines.yml"));
    private static readonly string Script = PipelineFile.Find(File, "attest-secrets")!.Script;

    [Theory]
    [InlineData("simple")]
    [InlineData("")]
    [InlineData("two\nlines")]
    [InlineData("trailing newlines\n\n\n")]
    [InlineData(" \t spaces ")]
    [InlineData("$HOME `id` $(id) \"double\" 'single' \\n \\101 %s %% !! *")]
    [InlineData("-n")]
    [InlineData("grüße 🔑")]
    [InlineData("secret-rotator attestation 1 A 0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task It_answers_the_hmac_of_any_value(string value)
    {
        var (log, succeeded) = await RunAsync(("A", value));

        succeeded.Should().BeTrue(log);
        using var held = SecretValue.FromText(value);
        AttestationAnswers.Read(log).Of("A").Should().Equal(Attestation.Expected(Convert.FromHexString(Nonce), "A", held));
    }

    [Fact]
    public async Task A_large_value_and_an_ssh_key_are_answered_for_as_well()
    {
        var key = "-----BEGIN OPENSSH PRIVATE KEY-----\n" + string.Concat(Enumerable.Repeat(new string('b', 70) + "\n", 50))
            + "-----END OPENSSH PRIVATE KEY-----\n";
        var (log, _) = await RunAsync(("LARGE", new string('x', 100_000)), ("KEY", key));

        using var held = SecretValue.FromText(key);
        AttestationAnswers.Read(log).Of("KEY").Should().Equal(Attestation.Expected(Convert.FromHexString(Nonce), "KEY", held));
        AttestationAnswers.Read(log).Of("LARGE").Should().NotBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("B")]
    [InlineData("AA")]
    [InlineData("B A1 XA AX")]
    public async Task It_answers_for_no_key_that_is_not_on_its_list(string allowed)
    {
        var (log, succeeded) = await StepProcess.RunAsync(
            Listing(allowed), Variables(("A", "of-someone-else")), TestContext.Current.CancellationToken);

        succeeded.Should().BeTrue(log);
        AttestationAnswers.Read(log).LackPermission("A").Should().BeTrue();
        AttestationAnswers.Read(log).Of("A").Should().BeNull();
    }

    [Fact]
    public async Task A_variable_that_is_given_with_the_start_can_not_replace_the_list()
    {
        var variables = Variables(("A", "x")).SetItem("sr_allowed", new StepVariable("sr_allowed", "A", Secured: false));

        AttestationAnswers.Read((await StepProcess.RunAsync(Listing("B"), variables, TestContext.Current.CancellationToken)).Log)
            .LackPermission("A").Should().BeTrue();
    }

    [Fact]
    public async Task A_key_of_the_list_that_is_no_variable_is_missing_and_no_other_s_presence_is_told()
    {
        var answers = AttestationAnswers.Read(
            (await StepProcess.RunAsync(
                Listing("GONE"), Variables(("A", "x"), ("SECRET_ROTATOR_ATTEST_KEYS", "GONE A OTHER")),
                TestContext.Current.CancellationToken)).Log);

        answers.LackVariable("GONE").Should().BeTrue();
        (answers.LackPermission("A"), answers.LackPermission("OTHER")).Should().Be((true, true));
    }

    [Fact]
    public void The_shipped_list_is_that_of_the_sample_inventory() =>
        Allowed().Match(Script).Groups[1].Value.Split(' ').Should().BeEquivalentTo(
            InventoryFile.Read(
                Path.Combine(RepositoryFiles.Root, "docs", "attestation", "rotation.yaml"), InventoryKinds.All).Inventory!.Secrets
                    .SelectMany(s => s.Targets).Select(t => t.Variable).Distinct());

    [Fact]
    public async Task Equal_values_of_two_keys_have_different_answers()
    {
        var answers = AttestationAnswers.Read((await RunAsync(("A", "same"), ("B", "same"))).Log);

        answers.Of("A").Should().NotEqual(answers.Of("B")!);
    }

    [Fact]
    public async Task A_missing_variable_is_said_to_be_missing_and_the_others_are_answered_for()
    {
        var answers = AttestationAnswers.Read((await RunAsync([("SECRET_ROTATOR_ATTEST_KEYS", "GONE A"), ("A", "x")])).Log);

        answers.LackVariable("GONE").Should().BeTrue();
        answers.Of("A").Should().NotBeNull();
    }

    [Theory]
    [InlineData("PATH", "/nonexistent", "has no openssl")]
    [InlineData("SECRET_ROTATOR_ATTEST_NONCE", "", "no nonce")]
    [InlineData("SECRET_ROTATOR_ATTEST_NONCE", "00ff", "no nonce")]
    [InlineData("SECRET_ROTATOR_ATTEST_NONCE", "$(id >&2)00112233445566778899aabbccddeeff00112233445566778899aabbccddee", "no nonce")]
    [InlineData("SECRET_ROTATOR_ATTEST_KEYS", "A;id", "no key")]
    [InlineData("SECRET_ROTATOR_ATTEST_KEYS", "1A", "no key")]
    public async Task What_keeps_it_from_answering_is_said(string key, string value, string trouble)
    {
        var (log, succeeded) = await RunAsync(("A", "x"), (key, value));

        succeeded.Should().BeFalse();
        AttestationAnswers.Read(log).Trouble.Should().Contain(trouble);
    }

    [Fact]
    public async Task Neither_value_nor_nonce_is_printed_though_the_shell_traces()
    {
        var variables = Variables(("A", "the-value-of-a-test")).Values.Select(v => v with { Secured = false })
            .ToImmutableDictionary(v => v.Key);
        var (log, _) = await StepProcess.RunAsync("set -x\n" + Listing("A"), variables, TestContext.Current.CancellationToken);

        log.Should().NotContain("the-value-of-a-test").And.NotContain(Nonce);
        AttestationAnswers.Read(log).Of("A").Should().NotBeNull();
    }

    [Fact]
    public void It_is_told_everything_that_it_needs_by_the_names_that_the_program_sends() =>
        Declared()
            .Matches(File)
            .Select(m => m.Groups[1].Value)
            .Should().Equal(AttestationStep.NonceVariable, AttestationStep.KeysVariable, AttestationStep.RunVariable);

    private static Task<(string Log, bool Succeeded)> RunAsync(params (string Key, string Value)[] variables) =>
        StepProcess.RunAsync(Listing("A B GONE KEY LARGE"), Variables(variables), TestContext.Current.CancellationToken);

    private static string Listing(string allowed) => Allowed().Replace(Script, $"sr_allowed='{allowed}'");

    private static ImmutableDictionary<string, StepVariable> Variables(params (string Key, string Value)[] variables)
    {
        var all = ImmutableDictionary.CreateBuilder<string, StepVariable>();
        all["PATH"] = new("PATH", "/usr/local/bin:/usr/bin:/bin", Secured: false);
        all[AttestationStep.NonceVariable] = new(AttestationStep.NonceVariable, Nonce, Secured: true);
        all[AttestationStep.KeysVariable] = new(
            AttestationStep.KeysVariable, string.Join(' ', variables.Select(v => v.Key)), Secured: false);
        foreach (var (key, value) in variables)
            all[key] = new(key, value, Secured: !key.StartsWith("SECRET_ROTATOR_", StringComparison.Ordinal) && value.Length > 12);
        return all.ToImmutable();
    }

    [GeneratedRegex("sr_allowed='([^']*)'", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Allowed();

    [GeneratedRegex(@"- name: (SECRET_\w+)", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Declared();
}
