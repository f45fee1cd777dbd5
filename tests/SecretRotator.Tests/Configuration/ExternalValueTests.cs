using SecretRotator.Audit;
using SecretRotator.Tests.Planning;
using SecretRotator.Tests.Reports;
using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

/// <summary><c>value: { kind: external }</c>, and the report's and the exit code's part in it.</summary>
public sealed class ExternalValueTests
{
    [Fact]
    public void An_end_is_the_end_of_its_day()
    {
        var value = Secret("{ kind: password }", "{ kind: external, instructions: ask, expires: 2027-03-01, remind: 14d }").Value;

        value.Should().Be(new ValuePolicy.External("ask", Instant.FromUtc(2027, 3, 2, 0, 0), Duration.FromDays(14)));
        RotationSchema.Accepts(With("{ kind: password }", "{ kind: external, instructions: ask, expires: 2027-03-01, remind: 14d }"))
            .Should().BeTrue();
    }

    [Theory]
    [InlineData("{ kind: external }", "instructions")]
    [InlineData("{ kind: external, instructions: ask, expires: soon }", "is not a date")]
    [InlineData("{ kind: external, instructions: ask, remind: 14d }", "no end is given")]
    [InlineData("{ kind: external, instructions: ask, expires: 2027-03-01, remind: 12h }", "between one day and 365 days")]
    [InlineData("[ { kind: external, instructions: ask } ]", "can't be in a list")]
    public void A_mistake_is_named(string value, string message) =>
        Problems("{ kind: password }", value).Should().ContainSingle().Which.Should().Contain(message);

    [Theory]
    [InlineData(20, AgeVerdict.WithinPolicy, "credential-ending")]
    [InlineData(-1, AgeVerdict.Overdue, "overdue")]
    public void A_report_tells_the_end_in_time_and_counts_it_as_overdue_only_after_it(int days, AgeVerdict freshness, string rule)
    {
        var report = ReportSamples.ReportOf(Ending(days));

        report.Secrets[0].Freshness.Should().Be(freshness);
        var finding = report.Findings.Should().ContainSingle(each => each.Secret == "a").Which;
        finding.Rule.Id.Should().Be(rule);
        finding.What.Should().Contain("Make one.");
    }

    [Fact]
    public void A_plan_answers_3_from_the_reminder_on()
    {
        ExitCodes.Of(Ending(20).Plan()).Should().Be(ExitCode.Found);
        ExitCodes.Of(Ending(40).Plan()).Should().Be(ExitCode.Done);
    }

    private static PlanningScenario Ending(int days) => PlanningScenario.Of(PlanningScenario.Secret("a") with
    {
        Value = new ValuePolicy.External("Make one.", PlanningScenario.Noon + Duration.FromDays(days), Duration.FromDays(30)),
    });
}
