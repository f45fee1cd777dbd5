using SecretRotator.Bitbucket;
using SecretRotator.Providers.Aws;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class PlanDigestTests
{
    private static readonly ValuePolicy.Plain Password = new(
        new ValueGenerator.Password(40, [CharacterClass.Lower, CharacterClass.Digit], "xy", null));

    private static readonly PlanningScenario Base = PlanningScenario.Of(
        Secret("a", Target("api", "A"), Target("api/production", "A")) with { Value = Password, Window = Daily("01:00", "05:00") },
        Secret("b", Target("workspace", "B")),
        Secret("aside", Target("job", "ASIDE")))
        .Frozen(new(2026, 12, 20, 0, 0), new(2027, 1, 4, 0, 0))
        .Asked(r => r with { Only = ["a", "b"], Force = ["b"], ForceReason = "leaked", ForcedBy = "ada" });

    private static readonly Dictionary<string, Func<PlanningScenario, PlanningScenario>> Changes = new(StringComparer.Ordinal)
    {
        ["a longer period"] = w => OfA(w, s => s with { RotateEvery = Period.FromDays(31) }),
        ["another path"] = w => OfA(w, s => s with { Path = "elsewhere" }),
        ["another owner"] = w => OfA(w, s => s with { Owner = "someone" }),
        ["a longer password"] = w => OfA(
            w, s => s with { Value = new ValuePolicy.Plain(((ValueGenerator.Password)Password.Generator) with { Length = 41 }) }),
        ["another exclusion"] = w => OfA(
            w, s => s with { Value = new ValuePolicy.Plain(((ValueGenerator.Password)Password.Generator) with { Exclude = "x" }) }),
        ["another kind of value"] = w => OfA(w, s => s with { Value = new ValuePolicy.Plain(new ValueGenerator.Base64(32, null)) }),
        ["another window"] = w => OfA(w, s => s with { Window = Daily("01:00", "05:01") }),
        ["another zone"] = w => OfA(w, s => s with { Window = Daily("01:00", "05:00", Berlin) }),
        ["a day less"] = w => OfA(w, s => s with { Window = s.Window! with { Days = s.Window.Days.Remove(IsoDayOfWeek.Sunday) } }),
        ["no window"] = w => OfA(w, s => s with { Window = null }),
        ["a target less"] = w => OfA(w, s => s with { Targets = s.Targets.RemoveAt(1) }),
        ["a target that may be created"] = w => OfA(
            w, s => s with { Targets = s.Targets.SetItem(0, s.Targets[0] with { MayCreate = true }) }),
        ["another field"] = w => OfA(w, s => s with { Targets = s.Targets.SetItem(0, s.Targets[0] with { Field = "f" }) }),
        ["another encoding"] = w => OfA(
            w, s => s with { Targets = s.Targets.SetItem(0, s.Targets[0] with { Encoding = TargetEncoding.Base64 }) }),
        ["a wait for idle pipelines"] = w => OfA(w, s => s with { Wait = new IdleWait(Duration.FromHours(24)) }),
        ["a longer wait"] = w => OfA(w, s => s with { Wait = new IdleWait(Duration.FromHours(25)) }),
        ["a grace"] = w => OfA(w, s => s with { Grace = new GracePolicy.Lasting(Duration.FromHours(1)) }),
        ["a longer grace"] = w => OfA(w, s => s with { Grace = new GracePolicy.Lasting(Duration.FromHours(2)) }),
        ["a grace for pipelines"] = w => OfA(w, s => s with { Grace = new GracePolicy.UntilPipelinesFinish(Duration.FromHours(1)) }),
        ["an old version in its grace"] = w => w.Seen("a", d => d with { Grace = new(new("v0"), Noon, new("r1")) }),
        ["a target that must be proven"] = w => Proving(w, Policy),
        ["another pipeline that proves"] = w => Proving(w, Policy with { Pipeline = "other" }),
        ["another branch of it"] = w => Proving(w, Policy with { Branch = "other" }),
        ["a longer time for it"] = w => Proving(w, Policy with { Limit = Duration.FromHours(1) }),
        ["another repository for the workspace's"] = w => Proving(w, Policy with { Repository = new("acme", "other") }),
        ["another freeze"] = w => w.Frozen(new(2026, 12, 21, 0, 0), new(2027, 1, 4, 0, 0)),
        ["another limit of rotations"] = w => w.Limited(l => l with { RotationsPerRun = 24 }),
        ["another share"] = w => w.Limited(l => l with { ShareOfInventory = 0.99m }),
        ["another limit of failures"] = w => w.Limited(l => l with { FailuresBeforeStop = 4 }),
        ["another budget"] = w => w.Limited(l => l with { BitbucketCallsPerHour = 899 }),
        ["another interval"] = w => w.Limited(l => l with { MinimumInterval = Duration.FromMinutes(11) }),
        ["another claim limit"] = w => w.Limited(l => l with { ClaimLimit = Duration.FromHours(3) }),
        ["another region"] = w => w with
        {
            Inventory = w.Inventory with { Vaults = w.Inventory.Vaults.SetItem("prod", new AwsVaultDefinition("prod", "eu-west-2", null)) },
        },
        ["another home"] = w => w with { Inventory = w.Inventory with { Home = new("acme", "elsewhere") } },
        ["another current version"] = w => w.Seen("a", d => d with { Current = new("v2") }),
        ["another age"] = w => w.Seen(
            "a", d => d with { Delivered = d.Delivered! with { ValueSince = d.Delivered.ValueSince + Duration.FromMilliseconds(1) } }),
        ["never delivered"] = w => w.Seen("a", d => d with { Delivered = null }),
        ["an open rotation"] = w => w.Seen("a", d => d with { Open = Open(Noon) }),
        ["a vault's own rotation"] = w => w.Seen("a", d => d with { Foreign = new ForeignRotation.ByVault() }),
        ["no description"] = w => w.With("a", new SecretObservation.Undescribed(new(FailureKind.Unavailable, "503"))),
        ["another uuid"] = w => w.Listing("api", new ObservedVariable("another", "A", true)),
        ["an unsecured variable"] = w => w.Listing("api", Variable(Scope("api"), "A", secured: false)),
        ["a missing variable"] = w => w.Listing("api"),
        ["a scope that could not be listed"] = w => w.With("api", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "503"))),
        ["a variable that hides a target"] = w => w.Listing("api", Variable(Scope("api"), "A"), Variable(Scope("api"), "B")),
        ["another reason"] = w => w.Asked(r => r with { ForceReason = "drill" }),
        ["nothing forced"] = w => w.Asked(r => r with { Force = [] }),
        ["one more covered"] = w => w.Asked(r => r with { Only = ["a", "b", "aside"] }),
        ["the operator's word to adopt"] = w => w.Asked(r => r with { Adopt = true }),
        ["the operator's word to take over"] = w => w.Asked(r => r with { TakeOver = ["a"] }),
        ["a day on which it became due"] = w => w with { Now = Noon + Duration.FromDays(25) },
    };

    private static readonly Dictionary<string, Func<PlanningScenario, PlanningScenario>> SameMeanings = new(StringComparer.Ordinal)
    {
        ["a later minute"] = w => w with { Now = w.Now + Duration.FromMinutes(1) },
        ["a later observation"] = w => w with { Observation = w.Observation with { At = w.Now + Duration.FromMinutes(1) } },
        ["secrets in another order"] = w => w with { Inventory = w.Inventory with { Secrets = [.. w.Inventory.Secrets.Reverse()] } },
        ["another line"] = w => OfA(w, s => s with { Line = 99 }),
        ["targets in another order"] = w => OfA(w, s => s with { Targets = [.. s.Targets.Reverse()] }),
        ["exclusions in another order"] = w => OfA(
            w, s => s with { Value = new ValuePolicy.Plain(((ValueGenerator.Password)Password.Generator) with { Exclude = "yxx" }) }),
        ["classes in another order"] = w => OfA(
            w, s => s with
            {
                Value = new ValuePolicy.Plain(
                    ((ValueGenerator.Password)Password.Generator) with { Classes = [CharacterClass.Digit, CharacterClass.Lower] }),
            }),
        ["a share written otherwise"] = w => w.Limited(l => l with { ShareOfInventory = 1.00m }),
        ["a variable with a key of its own"] = w => w.Listing("api", Variable(Scope("api"), "UNRELATED"), Variable(Scope("api"), "A")),
        ["a change of a secret that is not covered"] = w => w.Seen("aside", d => d with { Current = new("v2") }),
        ["an entry changed that is not covered"] = w => w with
        {
            Inventory = w.Inventory with { Secrets = w.Inventory.Secrets.SetItem(2, w.Inventory.Secrets[2] with { Path = "x" }) },
        },
        ["a pipeline that could prove what no target asks for"] = w => w with { Inventory = w.Inventory with { Attestation = Policy } },
        ["someone else who asks"] = w => w.Asked(r => r with { ForcedBy = "grace" }),
        ["a word to take over what is not covered"] = w => w.Asked(r => r with { TakeOver = ["aside"] }),
    };

    public static TheoryData<string> ChangeNames => [.. Changes.Keys];

    public static TheoryData<string> SameMeaningNames => [.. SameMeanings.Keys];

    [Fact]
    public void It_is_sixty_four_hexadecimal_digits() => Base.Plan().Digest.Should().MatchRegex("^[0-9a-f]{64}$");

    [Theory]
    [MemberData(nameof(ChangeNames))]
    public void It_changes_when_something_that_the_plan_rests_on_changes(string change) =>
        Changes[change](Base).Plan().Digest.Should().NotBe(Base.Plan().Digest);

    [Theory]
    [MemberData(nameof(SameMeaningNames))]
    public void It_stays_when_nothing_that_the_plan_rests_on_changes(string change) =>
        SameMeanings[change](Base).Plan().Digest.Should().Be(Base.Plan().Digest);

    [Fact]
    public void No_two_changes_look_alike() =>
        Changes.Values.Select(c => c(Base).Plan().Digest).Should().OnlyHaveUniqueItems();

    [Fact]
    public void The_inventorys_digest_sees_what_every_entry_says() =>
        InventoryDigest.Of(OfA(Base, s => s with { Owner = "x" }).Inventory).Should().NotBe(InventoryDigest.Of(Base.Inventory));

    [Fact]
    public void The_inventorys_digest_does_not_see_the_order_and_the_lines() =>
        InventoryDigest.Of(Base.Inventory with { Secrets = [.. Base.Inventory.Secrets.Reverse().Select(s => s with { Line = 7 })] })
            .Should().Be(InventoryDigest.Of(Base.Inventory));

    private static AttestationPolicy Policy => new("attest", "main", AttestationPolicy.UsualLimit, new("acme", "secret-rotator"));

    private static PlanningScenario Proving(PlanningScenario scenario, AttestationPolicy policy) =>
        OfA(
            scenario with { Inventory = scenario.Inventory with { Attestation = policy } },
            s => s with { Targets = s.Targets.SetItem(0, s.Targets[0] with { Verify = VerificationLevel.Attested }) });

    private static PlanningScenario OfA(PlanningScenario scenario, Func<ManagedSecret, ManagedSecret> change)
    {
        var at = scenario.Inventory.Secrets.Select((s, i) => (s.Name, i)).Single(x => x.Name == "a").i;
        var secrets = scenario.Inventory.Secrets;
        return scenario with { Inventory = scenario.Inventory with { Secrets = secrets.SetItem(at, change(secrets[at])) } };
    }
}
