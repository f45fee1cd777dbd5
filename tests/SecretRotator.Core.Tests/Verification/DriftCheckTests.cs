using SecretRotator.Bitbucket;
using SecretRotator.Tests.Planning;
using SecretRotator.Verification;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Verification;

public sealed class DriftCheckTests
{
    private static readonly ObservedVariable Db = Variable(Scope("api"), "DB");

    [Fact]
    public void What_is_as_it_was_delivered_has_no_drift() =>
        Found(Delivered()).Should().BeEmpty();

    [Fact]
    public void A_target_that_is_gone_is_missing() =>
        Found(Delivered().Listing("api")).Should().Equal("db: targets-changed", "db api:DB: missing");

    [Fact]
    public void A_target_that_a_delivery_deleted_is_told_as_that_with_the_command_that_creates_it()
    {
        var scenario = Delivered().Listing("api")
            .Seen("db", d => d with { Delivering = DeliveringMark.Of(new("r2"), Noon, [Target("api", "DB")]) });

        Found(scenario).Should().Equal("db api:DB: missing");
        Report(scenario).Findings[0].What.Should().Contain("a delivery deleted it");
        Report(scenario).Findings[0].Hint.Should().Contain("secret-rotator rotate --only db");
    }

    [Fact]
    public void A_delivery_that_was_cut_short_and_left_nothing_missing_is_unfinished() =>
        Found(Delivered().Seen("db", d => d with { Delivering = DeliveringMark.Of(new("r2"), Noon, []) })).Should().Equal("db: unfinished");

    [Theory]
    [InlineData(false, "Create it by hand")]
    [InlineData(true, "The next delivery creates it")]
    public void What_to_do_about_a_missing_target_depends_on_who_may_create_it(bool mayCreate, string hint) =>
        Report(Of(Secret("db", Target("api", "DB", mayCreate))).Listing("api")).Findings[^1].Hint.Should().Contain(hint);

    [Fact]
    public void A_target_whose_variable_has_another_key_now_is_renamed_and_not_missing()
    {
        var scenario = Delivered().Listing("api", Db with { Key = "DB_OLD" }, Variable(Scope("api"), "OTHER"));

        Found(scenario).Should().Equal("db api:DB: renamed");
        Report(scenario).Findings[0].What.Should().Contain("DB_OLD");
    }

    [Fact]
    public void Several_renamed_targets_are_told_apart()
    {
        var other = Variable(Scope("api"), "USER");
        var scenario = Of(Secret("db", Target("api", "DB"), Target("api", "USER")))
            .Listing("api", other with { Key = "NAME" }, Db with { Key = "PASSWORD" });

        Report(scenario).Findings.Select(f => (f.Target!.Variable, f.What)).Should().BeEquivalentTo(
        [
            ("DB", "The variable that it was delivered to has the key PASSWORD now."),
            ("USER", "The variable that it was delivered to has the key NAME now."),
        ]);
    }

    [Fact]
    public void A_renamed_target_beside_one_that_stayed_is_found() =>
        Found(Of(Secret("db", Target("api", "DB"), Target("api", "USER")))
            .Listing("api", Variable(Scope("api"), "USER"), Db with { Key = "DB_OLD" }))
            .Should().Equal("db api:DB: renamed");

    [Fact]
    public void Another_variable_beside_a_missing_target_is_not_taken_for_it() =>
        Found(Delivered().Listing("api", Variable(Scope("api"), "OTHER"))).Should().Equal("db: targets-changed", "db api:DB: missing");

    [Fact]
    public void A_variable_that_another_secrets_target_names_is_not_taken_for_a_renamed_one() =>
        Found(Of(Secret("db", Target("api", "DB")), Secret("other", Target("api", "OTHER"))).Listing("api", Db with { Key = "OTHER" }))
            .Should().Equal("db: targets-changed", "db api:DB: missing", "other: targets-changed");

    [Fact]
    public void A_renamed_variable_that_is_not_secured_any_more_is_both() =>
        Found(Delivered().Listing("api", Db with { Key = "DB_OLD", Secured = false })).Should()
            .Equal("db api:DB: renamed", "db api:DB: unsecured");

    [Theory]
    [InlineData(false, "write its new key in the inventory")]
    [InlineData(true, "before the next run")]
    public void What_to_do_about_a_renamed_target_depends_on_whether_the_next_run_would_create_it(bool mayCreate, string hint) =>
        Report(Of(Secret("db", Target("api", "DB", mayCreate))).Listing("api", Db with { Key = "DB_OLD" })).Findings
            .Single().Hint
            .Should().Contain(hint);

    [Fact]
    public void Too_many_ways_in_which_targets_may_have_been_renamed_are_not_tried()
    {
        var targets = Enumerable.Range(1, 5).Select(i => Target("api", $"K{i}")).ToArray();
        var listing = Enumerable.Range(1, 7).Select(i => Variable(Scope("api"), $"K{i}") with { Key = $"NEW{i}" }).ToArray();

        Found(Of(Secret("db", targets)).Listing("api", listing)).Where(f => f.EndsWith(": missing")).Should().HaveCount(5);
        Found(Of(Secret("db", targets[..4])).Listing("api", listing)).Should().OnlyContain(f => f.EndsWith(": renamed"));
    }

    [Fact]
    public void A_target_that_is_not_secured_is_named() =>
        Found(Delivered().Listing("api", Db with { Secured = false })).Should().Equal("db api:DB: unsecured");

    [Fact]
    public void Two_keys_that_differ_in_case_are_ambiguous_and_both_are_named()
    {
        var scenario = Delivered().Listing("api", Db, Variable(Scope("api"), "db"));

        Found(scenario).Should().Equal("db api:DB: ambiguous");
        Report(scenario).Findings[0].What.Should().Contain("DB, db");
    }

    [Fact]
    public void An_ambiguous_key_of_which_one_can_be_read_is_unsecured_as_well() =>
        Found(Delivered().Listing("api", Db, Variable(Scope("api"), "db", secured: false))).Should()
            .Equal("db api:DB: ambiguous", "db api:DB: unsecured");

    [Theory]
    [InlineData("workspace", "api")]
    [InlineData("workspace", "api/production")]
    [InlineData("api", "api/production")]
    public void A_variable_of_a_nearer_scope_shadows_a_target(string target, string nearer)
    {
        var scenario = Of(Secret("db", Target(target, "DB")), Secret("other", Target(nearer, "OTHER")));
        var shadowed = scenario.Listing(nearer, Variable(Scope(nearer), "OTHER"), Variable(Scope(nearer), "Db", secured: false));

        Found(shadowed).Should().Equal($"db {target}:DB: shadowed");
        Report(shadowed).Findings[0].What.Should().Contain(nearer);
    }

    [Theory]
    [InlineData("api", "workspace")]
    [InlineData("api/production", "api")]
    [InlineData("api", "web/production")]
    [InlineData("api/staging", "api/production")]
    [InlineData("web", "api")]
    public void A_variable_of_a_wider_or_another_scope_shadows_nothing(string target, string other) =>
        Found(Of(Secret("db", Target(target, "DB")), Secret("other", Target(other, "OTHER")))
            .Listing(other, Variable(Scope(other), "OTHER"), Variable(Scope(other), "DB")))
            .Should().BeEmpty();

    [Fact]
    public void A_target_that_the_same_secret_feeds_in_the_nearer_scope_is_not_shadowed() =>
        Found(Of(Secret("db", Target("api", "DB"), Target("api/production", "DB")))).Should().BeEmpty();

    [Fact]
    public void Whether_a_target_is_shadowed_where_no_one_could_look_is_unknown()
    {
        var scenario = Of(Secret("db", Target("workspace", "DB")), Secret("other", Target("api", "OTHER")))
            .With("api", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "Bitbucket answered 403.", "Give it the right.")))
            .Asked(r => r with { Only = ["db"] });

        Report(scenario).Findings.Should().Equal(new DriftFinding(
            "db", Target("workspace", "DB"), DriftKind.Unknown,
            "Whether a variable of api hides it can't be determined: Bitbucket answered 403.", "Give it the right.")
        {
            Failure = new(
                FailureKind.Unavailable, "Whether a variable of api hides it can't be determined: Bitbucket answered 403.",
                "Give it the right."),
        });
    }

    [Fact]
    public void Whether_a_target_is_shadowed_where_no_one_looked_is_unknown()
    {
        var scenario = Of(Secret("db", Target("workspace", "DB")), Secret("other", Target("api", "OTHER")))
            .Asked(r => r with { Only = ["db"] });
        scenario = scenario with { Observation = scenario.Observation with { Scopes = scenario.Observation.Scopes.Remove(Scope("api")) } };

        Found(scenario).Should().Equal("db workspace:DB: unknown");
    }

    [Fact]
    public void Scopes_of_the_whole_inventory_are_looked_at_for_what_hides_a_covered_target() =>
        DriftCheck.ScopesThatMayHide(
            Of(Secret("db", Target("workspace", "DB")),
                Secret("a", Target("api", "A"), Target("api", "B")), Secret("b", Target("api/production", "B"))).Inventory,
            new PlanRequest { Only = ["db"] }).Should().BeEquivalentTo([Scope("api"), Scope("api/production")]);

    [Theory]
    [InlineData(false, "Create it in the repository's settings under Pipelines")]
    [InlineData(true, "The next delivery creates it")]
    public void A_missing_key_pair_is_called_one(bool create, string hint)
    {
        var missing =
            Report(Of(Secret("key", Target("api/ssh-key-pair", "ssh-key-pair", create))).Listing("api/ssh-key-pair")).Findings[^1];

        missing.What.Should().Be("The SSH key pair doesn't exist.");
        missing.Hint.Should().StartWith(hint);
    }

    [Fact]
    public void A_key_pair_hides_no_variable()
    {
        var pair = new VariableTarget(new VariableScope.SshKeyPair("acme", "api"), VariableScope.SshKeyPair.Key, null, MayCreate: false);

        DriftCheck.ScopesThatMayHide(
            Of(Secret("db", Target("workspace", "DB")), Secret("key", pair)).Inventory,
            new PlanRequest { Only = ["db"] }).Should().BeEmpty();
    }

    [Fact]
    public void Scopes_that_can_not_hide_a_covered_target_are_not_looked_at() =>
        DriftCheck.ScopesThatMayHide(
            Of(Secret("db", Target("workspace", "DB")),
                Secret("a", Target("api", "A")), Secret("b", Target("api/production", "B"))).Inventory,
            new PlanRequest { Only = ["a"] }).Should().Equal(Scope("api/production"));

    [Fact]
    public void A_version_that_was_made_in_the_vault_has_moved_on()
    {
        var scenario = Delivered().Seen("db", d => d with { Current = new("v2") });

        Found(scenario).Should().Equal("db: vault-moved");
        Report(scenario).Findings[0].What.Should().Contain("v2").And.Contain("v1");
    }

    [Fact]
    public void A_secret_without_a_record_of_delivery_was_never_delivered() =>
        Found(Delivered().Seen("db", d => d with { Delivered = null })).Should().Equal("db: never-delivered");

    [Fact]
    public void A_target_that_was_deleted_and_made_anew_is_not_the_one_that_was_delivered_to() =>
        Found(Delivered().Listing("api", Db with { Uuid = "made-anew" })).Should().Equal("db: targets-changed");

    [Fact]
    public void A_target_that_was_added_to_the_inventory_was_not_delivered_to()
    {
        var scenario = Delivered();
        var secret = scenario.Inventory.Secrets[0];
        scenario = scenario with
        {
            Inventory = scenario.Inventory with { Secrets = [secret with { Targets = secret.Targets.Add(Target("web", "DB")) }] },
        };

        Found(scenario.Listing("web", Variable(Scope("web"), "DB"))).Should().Equal("db: targets-changed");
    }

    [Theory]
    [InlineData(HolderState.Running, "is running")]
    [InlineData(HolderState.Ended, "has ended")]
    [InlineData(HolderState.Unknown, "can't be asked")]
    public void A_rotation_that_stands_open_is_unfinished_and_its_holder_is_named(HolderState holder, string state)
    {
        var scenario = Delivered().Seen("db", d => d with { Open = Open(Noon - Duration.FromHours(1)) }, holder);

        Found(scenario).Should().Equal("db: unfinished");
        Report(scenario).Findings[0].What.Should().Contain("2026-06-17T11:00:00").And.Contain(state).And.Contain("#17");
    }

    [Fact]
    public void A_value_is_overdue_from_the_instant_on_at_which_it_is_due()
    {
        Found(Delivered().Aged("db", Duration.FromDays(30) - Duration.FromSeconds(1))).Should().BeEmpty();
        Found(Delivered().Aged("db", Duration.FromDays(30))).Should().Equal("db: overdue");
    }

    [Fact]
    public void The_age_of_a_value_from_the_future_is_unknown()
    {
        Found(Delivered().Aged("db", -Duration.FromMinutes(5))).Should().BeEmpty();
        Found(Delivered().Aged("db", -Duration.FromMinutes(5) - Duration.FromSeconds(1))).Should().Equal("db: unknown");
    }

    [Fact]
    public void A_service_that_owns_the_secret_is_a_foreign_hand() =>
        Report(Delivered().Seen("db", d => d with { Foreign = new ForeignRotation.ByService("rds") })).Findings.Single()
            .Should().Match<DriftFinding>(f => f.Kind == DriftKind.Foreign && f.What.Contains("rds"));

    [Fact]
    public void Somebody_else_s_open_rotation_is_a_foreign_hand() =>
        Report(Delivered().Seen("db", d => d with { Foreign = new ForeignRotation.Pending(new("v9")) })).Findings.Single()
            .Should().Match<DriftFinding>(f => f.Kind == DriftKind.Foreign && f.What.Contains("v9"));

    [Fact]
    public void A_vault_that_rotates_what_this_tool_shall_make_is_a_foreign_hand() =>
        Found(Delivered().Seen("db", d => d with { Foreign = new ForeignRotation.ByVault() })).Should().Equal("db: foreign");

    [Fact]
    public void A_vault_that_does_not_rotate_what_it_shall_manage_is_told()
    {
        var scenario = Of(Secret("db", Target("api", "DB")) with { Value = new ValuePolicy.VaultManaged() });

        Found(scenario).Should().Equal("db: foreign");
        Found(scenario.Seen("db", d => d with { Foreign = new ForeignRotation.ByVault() })).Should().BeEmpty();
    }

    [Fact]
    public void A_secret_that_its_vault_did_not_describe_is_unknown_and_its_targets_are_looked_at_all_the_same() =>
        Found(Delivered().With("db", new SecretObservation.Undescribed(new(FailureKind.Unavailable, "AWS is away."))).Listing("api"))
            .Should().Equal("db: unknown", "db api:DB: missing");

    [Fact]
    public void What_the_vault_said_instead_of_describing_is_passed_on() =>
        Report(Delivered().With("db", new SecretObservation.Undescribed(new(FailureKind.Unavailable, "AWS is away.", "Wait.")))).Findings
            .Should().Equal(new DriftFinding("db", null, DriftKind.Unknown, "AWS is away.", "Wait.")
            {
                Failure =
                new(FailureKind.Unavailable, "AWS is away.", "Wait.")
            });

    [Fact]
    public void A_target_in_a_scope_that_could_not_be_listed_is_unknown() =>
        Report(Delivered().With("api", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "Bitbucket is away.", "Wait.")))).Findings
            .Should().Equal(new DriftFinding("db", Target("api", "DB"), DriftKind.Unknown, "Bitbucket is away.", "Wait.")
            {
                Failure = new(FailureKind.Unavailable, "Bitbucket is away.", "Wait."),
            });

    [Fact]
    public void A_failure_without_advice_gets_some()
    {
        Report(Delivered().With("api", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "Bitbucket is away.")))).Findings
            .Single().Hint.Should().NotBeEmpty();
        Report(Delivered().With("db", new SecretObservation.Undescribed(new(FailureKind.Unavailable, "AWS is away.")))).Findings
            .Single().Hint.Should().NotBeEmpty();
    }

    [Fact]
    public void What_was_not_observed_is_unknown()
    {
        var scenario = Delivered();

        Found(scenario with { Observation = new(Noon, [], []) }).Should().Equal("db: unknown", "db api:DB: unknown");
    }

    [Fact]
    public void A_secret_that_was_not_asked_about_is_left_out() =>
        Found(Of(Secret("a"), Secret("b")).Listing("api").Asked(r => r with { Only = ["b"] })).Should()
            .Equal("b: targets-changed", "b api:KEY_B: missing");

    [Fact]
    public void Findings_stand_in_the_order_of_the_inventory_the_vault_s_before_the_targets() =>
        Found(Of(Secret("b", Target("api", "B2"), Target("api", "B1")), Secret("a")).Listing("api").Overdue()).Should().Equal(
            "b: targets-changed", "b: overdue", "b api:B2: missing", "b api:B1: missing", "a: targets-changed", "a: overdue",
            "a api:KEY_A: missing");

    [Fact]
    public void Secured_variables_that_no_entry_names_are_unmanaged_and_no_finding()
    {
        var report = Report(Of(Secret("db", Target("api", "DB"), Target("workspace", "W")))
            .Listing(
                "api", Db, Variable(Scope("api"), "ZETA"), Variable(Scope("api"), "ALPHA"), Variable(Scope("api"), "PLAIN", secured: false))
            .Listing("workspace", Variable(Scope("workspace"), "W"), Variable(Scope("workspace"), "OTHER")));

        report.Findings.Should().BeEmpty();
        report.Unmanaged.Select(u => u.ToString()).Should().Equal("api:ALPHA", "api:ZETA", "workspace:OTHER");
    }

    [Fact]
    public void A_variable_that_an_entry_names_is_managed_though_no_one_asked_about_that_entry() =>
        Report(Of(Secret("a"), Secret("b")).Asked(r => r with { Only = ["a"] })).Unmanaged.Should().BeEmpty();

    [Fact]
    public void A_key_in_another_case_or_under_a_new_name_is_managed()
    {
        Report(Delivered().Listing("api", Db with { Key = "db" })).Unmanaged.Should().BeEmpty();
        Report(Delivered().Listing("api", Db with { Key = "NEW" })).Unmanaged.Should().BeEmpty();
    }

    [Fact]
    public void A_variable_is_managed_in_the_scope_that_the_entry_names_alone() =>
        Report(Of(Secret("db", Target("api", "DB")), Secret("web", Target("web", "WEB")))
            .Listing("web", Variable(Scope("web"), "WEB"), Variable(Scope("web"), "DB")))
            .Unmanaged.Should().Equal(new UnmanagedVariable(Scope("web"), "DB"));

    [Fact]
    public void Scopes_that_could_not_be_listed_name_no_unmanaged_variables() =>
        Report(Delivered().With("api", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "Bitbucket is away.")))).Unmanaged
            .Should().BeEmpty();

    [Fact]
    public void Every_finding_says_what_is_wrong_and_what_to_do_about_it()
    {
        PlanningScenario[] worlds =
        [
            .. RightedByARun(),
            Delivered().Listing("api"),
            Delivered().Listing("api", Db with { Key = "DB_OLD" }),
            Delivered().Listing("api", Db with { Secured = false }),
            Delivered().Listing("api", Db, Variable(Scope("api"), "db")),
            Delivered().Aged("db", -Duration.FromHours(1)),
            Delivered().Seen("db", d => d with { Foreign = new ForeignRotation.ByService("rds") }),
            Delivered().Seen("db", d => d with { Foreign = new ForeignRotation.Pending(new("v9")) }),
            Delivered().Seen("db", d => d with { Foreign = new ForeignRotation.ByVault() }),
            Of(Secret("db", Target("api", "DB")) with { Value = new ValuePolicy.VaultManaged() }),
            Delivered() with { Observation = new(Noon, [], []) },
            Of(Secret("db", Target("api", "DB")), Secret("other", Target("api/production", "OTHER")))
                .Listing("api/production", Variable(Scope("api/production"), "DB")),
            Of(Secret("db", Target("workspace", "DB")), Secret("other", Target("api", "OTHER")))
                .With("api", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "Bitbucket is away."))),
        ];
        var findings = worlds.SelectMany(scenario => Report(scenario).Findings).ToList();

        findings.Select(f => f.Kind).Distinct().Should().BeEquivalentTo(Enum.GetValues<DriftKind>());
        findings.Should().OnlyContain(f => f.What.Length > 0 && f.Hint.Length > 0);
    }

    [Fact]
    public void What_a_run_puts_right_names_its_command()
    {
        foreach (var scenario in RightedByARun())
            Report(scenario).Findings.Should().ContainSingle().Which.Hint.Should().Contain("secret-rotator rotate --only db");
    }

    [Fact]
    public void Whether_a_target_is_shadowed_where_no_one_looked_says_so()
    {
        var scenario = Of(Secret("db", Target("workspace", "DB")), Secret("other", Target("web", "OTHER"), Target("api", "OTHER")))
            .Asked(r => r with { Only = ["db"] });
        var scopes = scenario.Observation.Scopes.Remove(Scope("api")).Remove(Scope("web"));

        Report(scenario with { Observation = scenario.Observation with { Scopes = scopes } }).Findings.Select(f => f.What).Should().Equal(
            "Whether a variable of api hides it can't be determined: that scope was not observed.",
            "Whether a variable of web hides it can't be determined: that scope was not observed.");
    }

    [Fact]
    public void Targets_of_which_one_could_not_be_listed_are_not_said_to_have_changed() =>
        Found(Of(Secret("db", Target("api", "DB"), Target("web", "DB")))
            .With("web", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "Bitbucket is away.")))).Should()
            .Equal("db web:DB: unknown");

    private static PlanningScenario[] RightedByARun() =>
    [
        Delivered().Seen("db", d => d with { Current = new("v2") }),
        Delivered().Seen("db", d => d with { Delivered = null }),
        Delivered().Seen("db", d => d with { Open = Open(Noon) }),
        Delivered().Listing("api", Db with { Uuid = "made-anew" }),
        Delivered().Overdue(),
    ];

    private static PlanningScenario Delivered() => Of(Secret("db", Target("api", "DB")));

    private static DriftReport Report(PlanningScenario scenario) =>
        DriftCheck.Compare(scenario.Inventory, scenario.Observation, scenario.Request, scenario.Now);

    private static IEnumerable<string> Found(PlanningScenario scenario) => Report(scenario).Findings.Select(f =>
        $"{f.Secret}{(f.Target is { } target ? $" {target}" : "")}: {Word(f.Kind)}");

    private static string Word(DriftKind kind) =>
        string.Concat(kind.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? "-" + c : $"{c}")).ToLowerInvariant();
}
