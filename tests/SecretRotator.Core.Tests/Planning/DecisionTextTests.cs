using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

/// <summary>A decision that holds something up says what it is about, and what to do.</summary>
public sealed class DecisionTextTests
{
    private static readonly PlanningScenario One = Of(Secret("db", Target("api", "DB")));
    private static readonly OpenRotation Begun = Open(Noon - Duration.FromHours(1));

    public static TheoryData<string, string, string> Obstacles => new()
    {
        { "undescribed", "The vault did not describe it. AWS is away.", "path in the inventory" },
        { "undescribed with a hint", "AWS is away.", "Wait an hour." },
        { "unobserved", "not observed", "fault of the tool" },
        { "unlisted", "The variables of api could not be listed. Bitbucket is away.", "Check that api exists" },
        { "unlisted with a hint", "Bitbucket is away.", "Wait an hour." },
        { "unlisted and unobserved", "api could not be listed. They were not observed.", "Check that api exists" },
        { "by service", "rds owns this secret", "Take it out of the inventory" },
        { "pending", "version v9 is staged", "cancel it in the vault" },
        { "by vault", "with its own function", "kind: vault-managed" },
        { "by no one", "the vault has no rotation for it", "Set the vault's rotation up" },
        { "running", "pipeline acme/secret-rotator #17 has been rotating it since 2026-06-17T11:00:00Z.", "Wait until it ends" },
        { "claimed", "pipeline acme/secret-rotator #17 has claimed it since 2026-06-17T11:00:00Z",
            "Wait until 2026-06-17T13:00:00Z, or make sure that it has ended and run `rotate --take-over db`." },
        { "ambiguous", "api has 2 variables that Bitbucket takes for the same key: DB, db.", "Delete the ones that aren't meant" },
        { "missing", "The target api:DB doesn't exist.", "`create: true`" },
        { "unsecured", "The target api:DB is not secured", "create it anew as a secured variable" },
        { "from the future", "dates from 2026-06-17T12:06:00Z, which is in the future: here it is 2026-06-17T12:00:00Z", "clock right" },
    };

    [Theory]
    [MemberData(nameof(Obstacles))]
    public void What_blocks_is_named_with_a_way_out(string obstacle, string why, string hint)
    {
        var blocked = Behind(obstacle).Plan().Items.Single().Decision.Should().BeOfType<Decision.Blocked>().Which;

        blocked.Why.Should().Contain(why);
        blocked.Hint.Should().Contain(hint);
    }

    [Fact]
    public void A_key_pair_that_can_not_be_read_is_called_one() =>
        Of(Secret("key", Target("api/ssh-key-pair", "ssh-key-pair")))
            .With("api/ssh-key-pair", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "Bitbucket is away.")))
            .Planned("key").Should().BeOfType<Decision.Blocked>().Which.Why.Should()
            .Be("The SSH key pair of api could not be listed. Bitbucket is away.");

    [Fact]
    public void What_is_resumed_says_how_it_is_known_that_its_holder_is_gone()
    {
        Why(One.Seen("db", d => d with { Open = Begun }, HolderState.Ended)).Should().Contain("has ended").And.Contain("#17");
        Why(One.Seen("db", d => d with { Open = Begun }).Asked(r => r with { TakeOver = ["db"] })).Should()
            .Contain("takes it over from").And.Contain("#17");
        Why(One.Seen("db", d => d with { Open = Open(Noon - Duration.FromHours(2)) })).Should()
            .Contain("ran out on 2026-06-17T12:00:00Z").And.Contain("#17");
    }

    [Fact]
    public void What_is_delivered_again_says_what_changed()
    {
        Why(One.Seen("db", d => d with { Current = new("v2") })).Should().Contain("v2").And.Contain("v1");
        Why(One.Listing("api", Variable(Scope("api"), "DB") with { Uuid = "anew" })).Should().Contain("created anew");
        Why(Of(Secret("db", Target("api", "A", create: true), Target("api", "B", create: true))).Listing("api")).Should()
            .Be("Missing, and to be created: api:A, api:B.");
    }

    [Fact]
    public void What_was_forced_too_soon_says_since_when_its_value_is_there() =>
        Why(One.Aged("db", Duration.FromMinutes(9)).Forcing("db")).Should().Contain("2026-06-17T11:51:00Z").And.Contain("minimum interval");

    [Fact]
    public void What_is_due_and_waits_says_since_when_and_for_what()
    {
        Why(Of(Secret("db", Target("api", "DB")) with { Window = Daily("01:00", "05:00") }).Overdue())
            .Should().Be("Due since 2026-06-07T12:00:00Z, but outside its window.");
        Why(One.Overdue().Seen("db", d => d with { Delivered = d.Delivered! with { DeliveredAt = Noon - Duration.FromMinutes(9) } }))
            .Should().Be("Due since 2026-06-07T12:00:00Z, but it was delivered 2026-06-17T11:51:00Z: the minimum interval hasn't passed.");
    }

    [Fact]
    public void What_is_over_the_share_of_the_inventory_names_that_limit() =>
        Of(Secret("a"), Secret("b")).Overdue().Limited(l => l with { ShareOfInventory = 0.5m }).Planned("b")
            .Should().BeOfType<Decision.Waiting>().Which.Why
            .Should().Be("Over this run's limit of 1 of 2 secrets (limits.share-of-inventory).");

    [Fact]
    public void What_is_hidden_is_named_with_every_scope_that_hides_it()
    {
        var scenario = Of(Secret("db", Target("workspace", "DB")), Secret("o", Target("api", "O"), Target("web", "O")))
            .Listing("api", Variable(Scope("api"), "O"), Variable(Scope("api"), "DB"))
            .Listing("web", Variable(Scope("web"), "O"), Variable(Scope("web"), "DB"));

        scenario.Plan().Items[0].Warnings.Should().ContainSingle().Which.Should().Contain("workspace:DB").And.Contain("api, web");
    }

    [Fact]
    public void A_value_may_be_as_far_in_the_future_as_clocks_may_differ_and_no_further()
    {
        One.Aged("db", -Duration.FromMinutes(5)).Decide("db").Should().BeOfType<Decision.NotDue>();
        One.Aged("db", -Duration.FromMinutes(5) - Duration.FromSeconds(1)).Decide("db").Should().BeOfType<Decision.Blocked>();
    }

    [Fact]
    public void A_secret_may_be_forced_from_the_end_of_the_minimum_interval_on()
    {
        One.Aged("db", Duration.FromMinutes(10)).Forcing("db").Decide("db").Should().BeOfType<Decision.Forced>();
        One.Aged("db", Duration.FromMinutes(10) - Duration.FromSeconds(1)).Forcing("db").Decide("db").Should().BeOfType<Decision.Waiting>();
    }

    private static PlanningScenario Behind(string obstacle) => obstacle switch
    {
        "undescribed" => One.With("db", new SecretObservation.Undescribed(new(FailureKind.Unavailable, "AWS is away."))),
        "undescribed with a hint" =>
            One.With("db", new SecretObservation.Undescribed(new(FailureKind.Unavailable, "AWS is away.", "Wait an hour."))),
        "unobserved" => One with { Observation = One.Observation with { Secrets = One.Observation.Secrets.Clear() } },
        "unlisted" => One.With("api", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "Bitbucket is away."))),
        "unlisted with a hint" =>
            One.With("api", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "Bitbucket is away.", "Wait an hour."))),
        "unlisted and unobserved" => One with { Observation = One.Observation with { Scopes = One.Observation.Scopes.Clear() } },
        "by service" => One.Seen("db", d => d with { Foreign = new ForeignRotation.ByService("rds") }),
        "pending" => One.Seen("db", d => d with { Foreign = new ForeignRotation.Pending(new("v9")) }),
        "by vault" => One.Seen("db", d => d with { Foreign = new ForeignRotation.ByVault() }),
        "by no one" => Of(Secret("db", Target("api", "DB")) with { Value = new ValuePolicy.VaultManaged() }),
        "running" => One.Seen("db", d => d with { Open = Begun }, HolderState.Running),
        "claimed" => One.Seen("db", d => d with { Open = Begun }),
        "ambiguous" => One.Listing("api", Variable(Scope("api"), "DB"), Variable(Scope("api"), "db")),
        "missing" => One.Listing("api"),
        "unsecured" => One.Listing("api", Variable(Scope("api"), "DB", secured: false)),
        "from the future" => One.Aged("db", -Duration.FromMinutes(6)),
        _ => throw new ArgumentOutOfRangeException(nameof(obstacle)),
    };

    private static string Why(PlanningScenario scenario) => scenario.Plan().Items.Single().Decision switch
    {
        Decision.Unfinished unfinished => unfinished.Why,
        Decision.Redeliver redeliver => redeliver.Why,
        Decision.Waiting waiting => waiting.Why,
        var other => throw new InvalidOperationException(other.ToString()),
    };
}
