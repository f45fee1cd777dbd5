using SecretRotator.Audit;
using SecretRotator.Backends;
using SecretRotator.Providers.Backends.AwsIam;
using SecretRotator.Tests.Planning;
using SecretRotator.Tests.Reports;

namespace SecretRotator.Tests.Audit;

public sealed class AuditTests
{
    private static readonly AuditReport Report = ReportSamples.Report;

    [Fact]
    public void Every_secret_of_the_plan_is_told_in_its_order() =>
        Report.Secrets.Select(s => s.Secret.Name).Should().Equal(ReportSamples.Everything().Inventory.Secrets.Select(s => s.Name));

    [Theory]
    [InlineData("fresh", AuditState.Fresh, AgeVerdict.WithinPolicy)]
    [InlineData("due", AuditState.Due, AgeVerdict.Overdue)]
    [InlineData("waiting", AuditState.Waiting, AgeVerdict.Overdue)]
    [InlineData("blocked", AuditState.Blocked, AgeVerdict.WithinPolicy)]
    [InlineData("open", AuditState.Unfinished, AgeVerdict.WithinPolicy)]
    [InlineData("new", AuditState.NotAdopted, AgeVerdict.Unknown)]
    [InlineData("moved", AuditState.OutOfStep, AgeVerdict.Unknown)]
    [InlineData("failed", AuditState.Failed, AgeVerdict.Overdue)]
    [InlineData("unseen", AuditState.Blocked, AgeVerdict.Unknown)]
    [InlineData("unlisted", AuditState.Blocked, AgeVerdict.WithinPolicy)]
    public void A_secret_is_in_one_state_and_of_one_freshness(string name, AuditState state, AgeVerdict freshness) =>
        (Of(name).State, Of(name).Freshness).Should().Be((state, freshness));

    [Fact]
    public void What_is_not_known_counts_into_the_denominator_and_not_into_the_share()
    {
        (Report.Compliance.Within, Report.Compliance.Overdue, Report.Compliance.Unknown, Report.Compliance.Total).Should()
            .Be((5, 3, 3, 11));
        Report.Compliance.Share.Should().Be(5m / 11m);
    }

    [Fact]
    public void No_secret_has_no_share() => new Compliance(0, 0, 0).Share.Should().BeNull();

    [Fact]
    public void States_are_counted_in_the_order_of_urgency() =>
        Report.States.Should().Equal(
            (AuditState.Failed, 1), (AuditState.Blocked, 3), (AuditState.Unfinished, 1), (AuditState.NotAdopted, 1),
            (AuditState.OutOfStep, 1),
            (AuditState.Due, 1), (AuditState.Waiting, 1), (AuditState.Fresh, 2));

    [Fact]
    public void The_longest_overdue_comes_first()
    {
        var scenario = PlanningScenario.Of(PlanningScenario.Secret("b"), PlanningScenario.Secret("a"), PlanningScenario.Secret("c"))
            .Aged("b", Duration.FromDays(40)).Aged("a", Duration.FromDays(50)).Aged("c", Duration.FromDays(40));

        ReportSamples.ReportOf(scenario).Overdue.Select(s => s.Secret.Name).Should().Equal("a", "b", "c");
    }

    [Fact]
    public void A_value_is_due_at_the_end_of_its_period_and_not_before()
    {
        var scenario = PlanningScenario.Of(PlanningScenario.Secret("db"));

        Freshness(scenario.Aged("db", Duration.FromDays(30) - Duration.Epsilon)).Should().Be(AgeVerdict.WithinPolicy);
        Freshness(scenario.Aged("db", Duration.FromDays(30))).Should().Be(AgeVerdict.Overdue);
    }

    [Fact]
    public void Half_of_the_period_is_used_up_at_half_of_it() =>
        ReportSamples.ReportOf(PlanningScenario.Of(PlanningScenario.Secret("db")).Aged("db", Duration.FromDays(15))).Secrets[0].Used
            .Should().BeApproximately(0.5, 1e-9);

    [Fact]
    public void A_value_from_the_future_has_no_known_age() =>
        Freshness(PlanningScenario.Of(PlanningScenario.Secret("db")).Aged("db", -Duration.FromMinutes(6))).Should().Be(AgeVerdict.Unknown);

    [Fact]
    public void A_clock_that_runs_a_little_ahead_makes_an_age_of_nothing() =>
        ReportSamples.ReportOf(PlanningScenario.Of(PlanningScenario.Secret("db")).Aged("db", -Duration.FromMinutes(4))).Secrets[0].Age
            .Should().Be(Duration.Zero);

    [Fact]
    public void The_vaults_mark_tells_the_last_delivery_and_evidence_which_run_it_was()
    {
        Of("fresh").Last.Should().Be(new Delivery(
                PlanningScenario.Noon - Duration.FromDays(10), new("v1"), new VersionId("v0"), VerificationLevel.Listed, new("r1"),
                "11111111-0000-8000-8000-000000000001"));
        Of("due").Last!.Run.Should().BeNull();
        Of("new").Last.Should().BeNull();
    }

    [Fact]
    public void Departures_from_the_rule_are_told_with_their_reasons()
    {
        Of("fresh").Exceptions.Select(e => (e.Kind, e.What)).Should().Equal(
            (ExceptionKind.Forced, "jo@laptop: leaked in a log"), (ExceptionKind.Override, "freeze: half-year close"));
        Of("weak").Exceptions.Should().ContainSingle().Which.What.Should().Be("id: uuid of 122 bits: paired with a certificate");
    }

    [Fact]
    public void A_rotation_that_is_forced_now_is_an_exception_of_now() =>
        ReportSamples.ReportOf(PlanningScenario.Of(PlanningScenario.Secret("db")).Forcing("db")).Secrets[0].Exceptions.Should().Equal(
            new AuditException(ExceptionKind.Forced, "ada: leaked", PlanningScenario.Noon, null));

    [Fact]
    public void A_secret_that_is_held_is_an_exception_with_its_end_and_its_reason()
    {
        var end = PlanningScenario.Noon + NodaTime.Duration.FromDays(3);
        var scenario = PlanningScenario.Of(PlanningScenario.Secret("db"))
            .Seen("db", d => d with { Hold = new(end, new("r1"), "it is refused") });

        ReportSamples.ReportOf(scenario).Secrets[0].Exceptions.Should().Equal(
            new AuditException(ExceptionKind.Held, "until 2026-06-20T12:00:00Z by a rollback: it is refused", null, null));
    }

    [Fact]
    public void What_a_rotation_that_is_forced_now_goes_over_is_told()
    {
        var secret = PlanningScenario.Secret("db") with { Window = PlanningScenario.Daily("01:00", "02:00") };

        ReportSamples.ReportOf(
            PlanningScenario.Of(secret).Frozen(new(2026, 6, 17, 0, 0), new(2026, 6, 18, 0, 0)).Forcing("db")).Secrets[0].Exceptions
                .Select(e => e.Kind).Should().Equal(
            ExceptionKind.Forced, ExceptionKind.Override, ExceptionKind.Override);
    }

    [Theory]
    [InlineData("fresh", "")]
    [InlineData("due", "overdue")]
    [InlineData("blocked", "targets-changed missing")]
    [InlineData("open", "unfinished")]
    [InlineData("new", "never-delivered")]
    [InlineData("moved", "vault-moved")]
    [InlineData("failed", "overdue failed")]
    [InlineData("unseen", "unknown")]
    [InlineData("unlisted", "unknown")]
    [InlineData("weak", "unknown low-entropy")]
    public void What_needs_a_look_is_found_once(string name, string rules) =>
        string.Join(' ', Of(name).Findings.Select(f => f.Rule.Id).Distinct(StringComparer.Ordinal)).Should().Be(rules);

    [Fact]
    public void What_blocks_a_secret_is_told_where_no_difference_tells_it()
    {
        var scenario = PlanningScenario.Of(PlanningScenario.Secret("db"))
            .Seen("db", d => d with { Open = PlanningScenario.Open(PlanningScenario.Noon - Duration.FromMinutes(1)) }, HolderState.Running);

        var report = ReportSamples.ReportOf(scenario);

        report.Secrets[0].State.Should().Be(AuditState.Blocked);
        report.Findings.Select(f => f.Rule.Id).Should().Contain(id => id == "blocked" || id == "unfinished");
    }

    [Fact]
    public void A_stored_access_key_is_told_with_the_role_that_could_replace_it()
    {
        var key = PlanningScenario.Secret("key") with
        {
            Backend = new AwsIamDefinition("ci-deploy", "arn:aws:iam::123456789012:role/rotator", "eu-west-1", "id", "key"),
        };

        var found = ReportSamples.ReportOf(PlanningScenario.Of(key)).Findings.Single(finding => finding.Rule == FindingRule.KeylessInstead);

        (found.Secret, found.What).Should().Be(("key", "It is a long-lived credential of AWS IAM."));
        found.Hint.Should().Contain("make a role in account 123456789012 with the policies of the user ci-deploy");
    }

    [Fact]
    public void An_old_credential_that_someone_still_uses_is_told_by_when_and_what()
    {
        var scenario = PlanningScenario.Of(PlanningScenario.Secret("db") with { Grace = new GracePolicy.Lasting(Duration.FromHours(1)) })
            .Seen("db", d => d with { Grace = new(new("v0"), PlanningScenario.Noon - Duration.FromHours(3), new("r1")) });
        scenario = scenario with
        {
            Observation = scenario.Observation with
            {
                OldCredentials = ImmutableDictionary<string, Slot?>.Empty.Add(
                    "db", new(new("AKIA1"), Enabled: true) { UsedAt = PlanningScenario.Noon - Duration.FromMinutes(5), UsedFor = "s3" }),
            },
        };

        var secret = ReportSamples.ReportOf(scenario).Secrets[0];

        secret.State.Should().Be(AuditState.Fresh);
        var found = secret.Findings.Single(finding => finding.Rule == FindingRule.InGrace);
        found.What.Should().Contain("The old credential AKIA1 was used at 2026-06-17T11:55:00Z (s3), after its grace");
        found.Hint.Should().Contain("rotate --force db");
    }

    [Fact]
    public void A_failure_that_a_later_success_made_good_is_none()
    {
        var past = ReportSamples.Past();
        past.Add(
            new PastRun("3", "rotate", "jo", PlanningScenario.Noon - Duration.FromHours(1), PlanningScenario.Noon, 0, "c.jsonl"),
            [ReportSamples.Event("failed", PlanningScenario.Noon - Duration.FromHours(1), "3", "due", "rotated", "", [])]);

        ReportSamples.ReportOf(ReportSamples.Everything(), past).Secrets
            .Single(s => s.Secret.Name == "failed").State
            .Should().Be(AuditState.Due);
    }

    [Fact]
    public void A_finding_names_the_line_of_its_entry() => Of("due").Findings[0].Line.Should().Be(20);

    [Fact]
    public void A_key_pair_is_counted_with_no_variables() =>
        ReportSamples.ReportOf(PlanningScenario.Of(PlanningScenario.Secret(
            "key", PlanningScenario.Target("api", "KEY"), PlanningScenario.Target("api/ssh-key-pair", "ssh-key-pair")))).Coverage.Scopes
            .Should().Equal(new ScopeCoverage(PlanningScenario.Scope("api"), 1, 0));

    [Fact]
    public void Unmanaged_variables_are_counted_against_all_secured_ones()
    {
        (Report.Coverage.Managed, Report.Coverage.Secured).Should().Be((10, 11));
        Report.Findings.Should().ContainSingle(f => f.Rule == FindingRule.Unmanaged).Which.What.Should().Contain("gone:");
        Report.Coverage.Scopes.Single(s => s.Scope == PlanningScenario.Scope("gone")).Should()
            .Be(new ScopeCoverage(PlanningScenario.Scope("gone"), 0, 1));
    }

    [Fact]
    public void What_could_not_be_observed_is_named() =>
        Report.Unobserved.Select(b => b.What).Should().Equal("variables of dark/production", "secret unseen");

    [Fact]
    public void The_calendar_counts_what_is_overdue_on_its_first_day()
    {
        Report.Calendar.Should().HaveCount(DueCalendar.Length);
        Report.Calendar[0].Should().Be(new DueDay(new(2026, 6, 17), 3, null));
        Report.Calendar.Sum(day => day.Due).Should().Be(8);
    }

    [Fact]
    public void The_calendar_knows_freezes() =>
        Report.Calendar.Where(day => day.Freeze == "half-year close")
            .Select(day => day.Date)
            .Should().Equal(Enumerable.Range(1, 7).Select(d => new LocalDate(2026, 7, d)));

    [Fact]
    public void What_is_due_after_the_calendar_is_not_in_it() =>
        ReportSamples.ReportOf(PlanningScenario.Of(PlanningScenario.Secret("db") with { RotateEvery = Period.FromDays(365) })).Calendar
            .Should().OnlyContain(day => day.Due == 0);

    [Fact]
    public void Each_control_has_a_sentence_for_each_of_its_facts()
    {
        Report.Controls.Select(c => c.Control.Id).Should()
            .Equal("PCI DSS 4.0 8.3.9", "PCI DSS 4.0 8.6.3", "NIST SP 800-53 IA-5", "ISO/IEC 27001:2022 A.5.17", "SOC 2 CC6.1");
        Report.Controls.Should().OnlyContain(c => c.Facts.Length == c.Control.Facts.Length && c.Facts.All(f => f.Text.Length > 20));
    }

    [Theory]
    [InlineData("P1M", 31)]
    [InlineData("P2M", 62)]
    [InlineData("P3M", 92)]
    [InlineData("P1Y", 366)]
    [InlineData("P30D", 30)]
    [InlineData("PT36H", 2)]
    public void The_longest_period_is_the_worst_case_whenever_the_report_is_made(string period, int days)
    {
        var told = new[]
        {
            Instant.FromUtc(2026, 11, 30, 23, 0),
            Instant.FromUtc(2026, 7, 1, 1, 0),
            Instant.FromUtc(2027, 1, 31, 12, 0),
        }.Select(now =>
        {
            var scenario = PlanningScenario.Of(
                PlanningScenario.Secret("a") with { RotateEvery = NodaTime.Text.PeriodPattern.NormalizingIso.Parse(period).Value }) with
            {
                Now = now,
            };
            return ReportSamples.ReportOf(scenario with
            {
                Inventory =
                scenario.Inventory with { Controls = [new("x", "y", [ControlFact.Period])] }
            }).Controls.Single().Facts.Single().Text;
        }).ToList();

        told.Should().OnlyContain(text => text.StartsWith($"The longest period is {days} days at most; ", StringComparison.Ordinal));
    }

    [Fact]
    public void Secrets_are_counted_by_owner_and_by_vault()
    {
        Report.ByOwner.Sum(group => group.Compliance.Total).Should().Be(Report.Secrets.Length);
        Report.ByOwner.Should().HaveCount(2);
        Report.ByOwner[0].Should().Match<SecretGroup>(
                group => group.Name == "owner@acme.example" && group.Compliance.Total == 10
                    && group.Compliance.Overdue == Report.Compliance.Overdue);
        Report.ByVault.Should().ContainSingle().Which.Compliance.Should().Be(Report.Compliance);
    }

    [Theory]
    [InlineData(
        ControlFact.Age,
        "5 of 11 secrets are younger in the vault than their policy allows at most; 3 are older, and of 3 the age can't be determined. "
            + "What is measured is the vault's copy: what a target holds can't be read.")]
    [InlineData(ControlFact.Period, "The longest period is 30 days at most; 0 of 11 secrets have one of more than 90 days.")]
    [InlineData(
        ControlFact.Strength,
        "11 of 12 generated values have 128 bits of entropy or more; 1 have less, each with a reason in the inventory. 0 are made by the "
            + "vault.")]
    [InlineData(
        ControlFact.Protection,
        "10 of 12 targets are secured; 0 can be read, 1 are missing or ambiguous, and 1 could not be seen.")]
    [InlineData(ControlFact.History, "Evidence of 2 runs records 1 deliveries, and 1 attempts that were put back or need an operator.")]
    [InlineData(
        ControlFact.Exceptions,
        "1 forced rotations, 1 freezes or windows gone over, 0 secrets held, 1 values of low entropy; each has its reason.")]
    [InlineData(ControlFact.Ownership, "All 11 secrets have an owner; there are 2.")]
    [InlineData(ControlFact.Integrity, "Evidence of 2 runs was read: 1 without an end, 0 that don't hold, 1 gaps in the chain.")]
    public void A_fact_is_told_with_its_numbers(ControlFact fact, string text)
    {
        var scenario = ReportSamples.Everything() with { };
        var mapped = scenario with { Inventory = scenario.Inventory with { Controls = [new Control("own", "our own", [fact])] } };

        ReportSamples.ReportOf(mapped, ReportSamples.Past(), ReportSamples.EvidenceOf(ReportSamples.Past())).Controls.Single().Facts
            .Single().Text.Should().Be(text);
    }

    [Fact]
    public void The_newest_events_stay_and_the_older_ones_are_counted()
    {
        var past = new PastRuns();
        foreach (var i in Enumerable.Range(0, 200).Select(i => i * 77 % 200))
            past.Add(
                new PastRun($"{i}", "rotate", "jo", PlanningScenario.Noon - Duration.FromHours(i), null, null, $"{i}.jsonl"),
                [ReportSamples.Event("db", PlanningScenario.Noon - Duration.FromHours(i), $"{i}", "due", "rotated", "", [])]);

        var (newest, older) = past.Of("db");

        newest.Select(e => e.Run).Should().Equal(Enumerable.Range(0, SecretAudit.MostEvents).Select(i => $"{i}"));
        older.Should().Be(200 - SecretAudit.MostEvents);
        past.Totals.Should().Be((200, 0));
    }

    [Fact]
    public void Rules_have_ids_of_their_own_in_order() =>
        FindingRule.All.Select(rule => rule.Id).Should().BeInAscendingOrder(StringComparer.Ordinal).And.OnlyHaveUniqueItems();

    private static AgeVerdict Freshness(PlanningScenario scenario) => ReportSamples.ReportOf(scenario).Secrets[0].Freshness;

    [Theory]
    [InlineData(20, true)]
    [InlineData(-1, true)]
    [InlineData(40, false)]
    public void The_near_end_of_the_bitbucket_credential_is_a_finding(int days, bool isFound)
    {
        var report = Auditor.Of(
            ReportSamples.Snapshot with { Credential = new("The Bitbucket credential", PlanningScenario.Noon + Duration.FromDays(days)) },
            new PastRuns(), EvidenceFacts.None, ReportSamples.Report.Origin);

        report.Findings.Any(finding => finding.Rule == FindingRule.CredentialEnding).Should().Be(isFound);
        report.Unobserved.Should().NotContain(blind => blind.What.Contains("credential"));
    }

    [Fact]
    public void An_end_that_no_one_told_is_something_that_could_not_be_observed() =>
        Auditor.Of(
            ReportSamples.Snapshot with { Credential = new("The Bitbucket credential", null) }, new PastRuns(), EvidenceFacts.None,
            ReportSamples.Report.Origin)
            .Unobserved.Should().Contain(blind => blind.What == "end of the Bitbucket credential");

    private static SecretAudit Of(string name) => Report.Secrets.Single(s => s.Secret.Name == name);
}
