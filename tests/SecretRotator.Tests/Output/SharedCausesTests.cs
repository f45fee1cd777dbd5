using SecretRotator.Commands;
using SecretRotator.Doctor;
using SecretRotator.Output;
using SecretRotator.Providers.Doctor;
using SecretRotator.Rotation;
using SecretRotator.Verification;

namespace SecretRotator.Tests.Output;

/// <summary>A thousand secrets and one missing permission.</summary>
public sealed class SharedCausesTests
{
    private const int Many = 1_000;
    private const string Hint = "Check that the role's policy allows it.";

    [Fact]
    public void A_plan_tells_the_cause_of_a_thousand_blocked_secrets_once()
    {
        var view = new PlanView(PlanOf(Many, i => new Decision.Blocked(FailureKind.Other, Refused(i), Hint)), null, null);

        var text = TestTerminal.Written(view.WriteText);

        text.Should().StartWith(
            """
            1000 secrets: blocked
              Why     The vault refused describing PATH: AccessDenied. Check that the role's
                      policy allows it.
              Secrets secret-0, secret-1, secret-2, secret-3, secret-4, secret-5, secret-6,
                      secret-7, secret-8, secret-9 and 990 more (--output json names all)

            1000 secrets: 1000 blocked.

            """);
        Lines(text).Should().BeLessThan(15);
        Json(json => ResultContext.Write(json, new PlanJson(view, ExitCode.Done)))
            .GetProperty("secrets")
            .GetArrayLength()
            .Should()
            .Be(Many);
    }

    [Fact]
    public void A_run_tells_the_cause_of_a_thousand_outcomes_once()
    {
        var view = Run(Many, i => new RotationOutcome.Untouched(new Decision.Blocked(FailureKind.Other, Refused(i), Hint)));

        var text = TestTerminal.Written(view.WriteText);

        text.Should().StartWith(
                "1000 secrets: blocked\n  Cause   The vault refused describing PATH: AccessDenied\n  Now     Nothing was changed.\n");
        text.Should().Contain("secret-9 and 990 more (--output json names all)");
        Lines(text).Should().BeLessThan(15);
        var secrets = Json(json => ResultContext.Write(json, new RunJson(view))).GetProperty("secrets").EnumerateArray().ToList();
        secrets.Select(secret => secret.GetProperty("cause").GetString()).Should().Equal(Enumerable.Range(0, Many).Select(Refused));
    }

    [Fact]
    public void Verify_tells_the_cause_of_a_thousand_findings_once()
    {
        var secrets = Enumerable.Range(0, Many).Select(Secret).ToList();
        var view = new DriftView(
            new DriftReport(
                [.. secrets.Select((secret, i) => new DriftFinding(secret.Name, null, DriftKind.Unknown, Refused(i), Hint))], []), Many,
                null)
        {
            Inventory = secrets.ToImmutableDictionary(secret => secret.Name),
        };

        var text = TestTerminal.Written(view.WriteText);

        text.Should().StartWith(
                "1000 secrets: unknown\n  - The vault refused describing PATH: AccessDenied\n    Check that the role's policy allows "
                    + "it.\n");
        Lines(text).Should().BeLessThan(10);
        Json(json => ResultContext.Write(json, new DriftJson(view, ExitCode.Found)))
            .GetProperty("findings")
            .GetArrayLength()
            .Should()
            .Be(Many);
    }

    [Fact]
    public void Doctor_tells_the_cause_of_a_thousand_answers_once()
    {
        var examination = new DoctorReport(
            [.. Enumerable.Range(0, Many)
                .Select(i => VaultFindings.Refused(
                    "secret-described", Secret(i), new(FailureKind.AccessDenied, Refused(i)), $"Allow it on {Secret(i).Path}."))], false,
                    null);

        var text = TestTerminal.Written(terminal => DoctorView.WriteText(terminal, examination));

        text.Should().StartWith(
            """
            Vaults
              fail    secret-described: SECRET: The vault refused describing PATH:
                      AccessDenied
                      1000 secrets: secret-0, secret-1, secret-2, secret-3, secret-4,
                      secret-5, secret-6, secret-7, secret-8, secret-9 and 990 more
                      (--output json names all)
                      It can't be rotated so.
                      To fix: Allow it on PATH.

            1000 answers: 1000 fail.

            """);
        Json(json => ResultContext.Write(json, new DoctorJson(examination, ExitCode.Found)))
            .GetProperty("results")
            .GetArrayLength()
            .Should()
            .Be(Many);
    }

    [Fact]
    public void Doctor_names_ten_of_a_thousand_lines_with_one_fault()
    {
        var examination = new DoctorReport(
            [.. Enumerable.Range(1, Many)
                .Select(line => new CheckResult(
                    CheckArea.PipelineFile, "image-not-pinned", CheckStatus.Warn, $"image-{line} has no digest.") { Why =
                        "It may change.", Fix = "Pin it.", File = "f.yml", Line = line })],
            false,
            null);

        var text = TestTerminal.Written(terminal => DoctorView.WriteText(terminal, examination));

        text.Should().Contain("f.yml:10: image-10 has no digest.\n          and 990 more (--output json names all)\n").And
            .NotContain("image-11 ");
    }

    [Fact]
    public void A_few_secrets_with_one_cause_keep_their_rows_and_get_one_command()
    {
        var text = TestTerminal.Written(
            Run(3, i => new RotationOutcome.RolledBack(
                new(FailureKind.Other, $"Bitbucket refused {Secret(i).Targets[0]}"), Cancelled: false)).WriteText);

        text.Should().Contain(" secret-2   rolled back ").And.Contain("3 secrets: rolled back\n  Cause   Bitbucket refused TARGET\n");
        text.Should().Contain("secret-rotator rotate --only secret-0 secret-1 secret-2\n");
    }

    [Fact]
    public void What_an_operator_must_know_of_each_secret_is_told_of_each()
    {
        var text = TestTerminal.Written(
            Run(12, i => new RotationOutcome.NeedsOperator(
                new(FailureKind.Other, "Bitbucket doesn't answer"), [$"{Secret(i).Targets[0]} may hold the new value."])).WriteText);

        text.Should().Contain(
                "12 secrets: NEEDS OPERATOR\n  Cause   Bitbucket doesn't answer\n  Now     secret-0: app-0:KEY_0 may hold the new "
                    + "value.\n");
        text.Should().Contain("          secret-9: app-9:KEY_9 may hold the new value.\n          and 2 more (--output json names all)\n");
    }

    [Fact]
    public void Causes_that_differ_in_more_than_names_stay_apart()
    {
        var text = TestTerminal.Written(
            Run(2, i => new RotationOutcome.Untouched(
                new Decision.Blocked(FailureKind.Other, i == 0 ? "The claim is held" : "The vault is full", Hint))).WriteText);

        text.Should().Contain("secret-0: blocked").And.Contain("secret-1: blocked");
    }

    [Fact]
    public void Secrets_that_wait_for_one_thing_are_told_together()
    {
        var text = TestTerminal.Written(
            Run(Many, _ => new RotationOutcome.Untouched(new Decision.Waiting("Over the limit of 25 rotations a run", null))).WriteText);

        Lines(text).Should().BeLessThan(10);
        text.Replace('\n', ' ')
            .Should().StartWith("secret-0, secret-1, ").And
            .Contain("and 990 more (--output json names all) wait: Over the limit of 25 rotations a run");
    }

    [Theory]
    [InlineData("describing prod/secret-1 failed", "describing PATH failed")]
    [InlineData(
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/secret-1-AbC1eF is denied",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:PATH is denied")]
    [InlineData("app-1:KEY_1 in acme/app-1 of app-1", "TARGET in SCOPE of SCOPE")]
    [InlineData("KEY_1 and KEY_10, secret-1 and secret-10", "VARIABLE and KEY_10, SECRET and secret-10")]
    [InlineData("prod/secret-1/other", "prod/secret-1/other")]
    [InlineData("version 8c4d2541-7c36-4c20-9a7b-ba6744b2ee22, 0123456789abcdef0123456789abcdef.", "version VERSION, VERSION.")]
    [InlineData("SECRET_ROTATOR_CLAIM_0A1B2C stands", "VARIABLE stands")]
    [InlineData("", "")]
    public void Words_stand_for_the_names_of_a_secret(string text, string told) => new Placeholders(Secret(1)).In(text).Should().Be(told);

    private static string Refused(int i) => $"The vault refused describing prod/secret-{i}: AccessDenied";

    private static ManagedSecret Secret(int i) => Samples.Secret(1) with
    {
        Name = $"secret-{i}",
        Path = $"prod/secret-{i}",
        Targets = [Samples.Target($"app-{i}", $"KEY_{i}")],
    };

    private static RotationPlan PlanOf(int count, Func<int, Decision> decide) =>
        Samples.PlanOf([]) with { Items = [.. Enumerable.Range(0, count).Select(i => new PlanItem(Secret(i), decide(i), default, []))] };

    private static RunView Run(int count, Func<int, RotationOutcome> outcome)
    {
        var plan = PlanOf(count, _ => new Decision.Due(Samples.Now - Duration.FromHours(1)));
        return Samples.Run with
        {
            Result = new RunResult(plan, [.. plan.Items.Select((item, i) => new SecretResult(item, outcome(i)))], false),
        };
    }

    private static int Lines(string text) => text.Split('\n').Length;

    private static JsonElement Json(Action<Utf8JsonWriter> write) =>
        JsonDocument.Parse(TestTerminal.Written(terminal => terminal.WriteJson(write))).RootElement;
}
