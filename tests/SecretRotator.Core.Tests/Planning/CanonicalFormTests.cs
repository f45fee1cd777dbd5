using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Azure;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

/// <summary>
/// Digests outlive the program that made them: an auditor compares the inventory's in evidence of different years, and
/// one release carries out what another one planned. So what they are made of never changes, however it is written.
/// </summary>
public sealed class CanonicalFormTests
{
    private static readonly RotationInventory Everything = new(
        "acme",
        new("acme", "secret-rotator"),
        new Dictionary<string, VaultDefinition>(StringComparer.Ordinal)
        {
            ["prod"] = new AwsVaultDefinition("prod", "eu-west-1", "arn:aws:iam::123456789012:role/secret-rotator"),
            ["azure"] = new AzureVaultDefinition("azure", new Uri("https://acme.vault.azure.net/")),
        }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        new(25, 0.5m, 3, 900, Duration.FromMinutes(10), Duration.FromHours(2)),
        [
            new(new(2027, 1, 2, 0, 0), new(2027, 1, 4, 0, 0), Berlin, "later"),
            new(new(2026, 12, 20, 0, 0), new(2027, 1, 4, 0, 0), DateTimeZone.Utc, "same time, other zone"),
            new(new(2026, 12, 20, 0, 0), new(2027, 1, 4, 0, 0), Berlin, "b"),
            new(new(2026, 12, 20, 0, 0), new(2027, 1, 4, 0, 0), Berlin, "a"),
            new(new(2026, 12, 20, 0, 0), new(2027, 1, 3, 0, 0), Berlin, "shorter"),
        ],
        [
            Secret("uuid", Target("api", "UUID")) with { Value = Plain(new ValueGenerator.Uuid("paired with a certificate")) },
            Secret("json",
                Target("api", "B"), Target("api", "A"), Target("web", "A"), Target("workspace", "A"), Target("api/staging", "A"),
                Target("api/production", "A")) with
            {
                Value = new ValuePolicy.Json(
                    [new("second", new ValueGenerator.Base64(32, null)), new("first", new ValueGenerator.Base64Url(48, null))]),
                Window = Daily("01:00", "05:00", Berlin),
            },
            Secret("fields",
                new VariableTarget(Scope("api"), "F", "b", true), new VariableTarget(Scope("api"), "F", "a", true),
                new VariableTarget(Scope("api"), "F", "a", false)) with { Vault = "azure" },
            Secret("password") with
            {
                Value = Plain(new ValueGenerator.Password(40, [CharacterClass.Digit, CharacterClass.Lower], "yx", null)),
                RotateEvery = Period.FromMonths(3),
            },
            Secret("managed") with { Value = new ValuePolicy.VaultManaged() },
            Secret("rsa") with { Value = Plain(new ValueGenerator.SshKey(SshKeyAlgorithm.Rsa, 4096, "public", "deploy@acme.example")) },
            Secret("ed25519") with { Value = Plain(new ValueGenerator.SshKey(SshKeyAlgorithm.Ed25519, 4096, "public", "")) },
        ]);

    [Fact]
    public void The_digest_of_an_inventory_is_the_same_in_every_release() =>
        InventoryDigest.Of(Everything).Should().Be("b8d8f7fa06dc3d115bf05c383a6d246ab350ad4a4210cf83e4e82124a76454bd");

    [Fact]
    public void The_digest_of_a_plan_is_the_same_in_every_release() =>
        Planned().Plan().Digest.Should().Be("a3df6f1e33484c79d15255bf4b0e7f21246fd7eebe71dd6a86ad96998ec849c3");

    [Fact]
    public void The_digests_of_what_waits_outlives_and_proves_are_the_same_in_every_release()
    {
        var scenario = Of(
            Secret("a", Target("api", "A") with { Verify = VerificationLevel.Attested }, Target("api", "B")) with
            {
                Wait = new IdleWait(Duration.FromHours(24)),
                Grace = new GracePolicy.Lasting(Duration.FromHours(1)),
            },
            Secret("b") with { Grace = new GracePolicy.UntilPipelinesFinish(Duration.FromHours(6)) })
            .Seen("b", d => d with { Grace = new(new("v0"), Noon, new("r1")) });
        var policy = new AttestationPolicy("attest", "main", AttestationPolicy.UsualLimit, new("acme", "secret-rotator"));
        scenario = scenario with { Inventory = scenario.Inventory with { Attestation = policy } };

        (InventoryDigest.Of(scenario.Inventory), scenario.Plan().Digest).Should().Be((
            "45b288ba1d5a643db18264d16241c39f115d6f156fb102abe41a67e2e269188f",
            "d7e6247c86d9fdefb7c3188bdbe73d0dad2fc9638c2c6f447122c2b85f472851"));
    }

    [Fact]
    public void The_size_of_an_ed25519_key_means_nothing() =>
        InventoryDigest.Of(Of(Everything.Secrets[6]).Inventory).Should().Be(
            InventoryDigest.Of(
                Of(Everything.Secrets[6] with
                {
                    Value = Plain(new ValueGenerator.SshKey(SshKeyAlgorithm.Ed25519, 3072, "public", "")),
                }).Inventory));

    [Fact]
    public void A_reason_to_force_that_forces_nothing_here_means_nothing()
    {
        var scenario = Of(Secret("a"), Secret("b")).Asked(r => r with { Only = ["a"], ForceReason = "leaked" });

        scenario.Plan().Digest.Should().Be(scenario.Asked(r => r with { ForceReason = "" }).Plan().Digest);
    }

    private static PlanningScenario Planned()
    {
        var scenario = Of([.. Everything.Secrets]);
        return (scenario with { Inventory = Everything })
            .Asked(r => r with
            {
                Force = ["rsa", "password"],
                ForceReason = "leaked",
                ForcedBy = "ada",
                TakeOver = ["uuid", "managed"],
                Adopt = true,
            })
            .Seen("uuid", d => d with { Open = Open(Noon) }, HolderState.Running)
            .Seen("managed", d => d with { Foreign = new ForeignRotation.ByVault(), Current = new("v2"), CurrentRotation = null })
            .Seen("rsa", d => d with { Foreign = new ForeignRotation.ByService("rds") })
            .Seen("ed25519", d => d with { Foreign = new ForeignRotation.Pending(new("v9")) })
            .With("web", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "503")))
            .Listing(
                "api/staging", Variable(Scope("api/staging"), "A"), Variable(Scope("api/staging"), "a"),
                Variable(Scope("api/staging"), "F"))
            .Listing("api/production", Variable(Scope("api/production"), "A", secured: false), Variable(Scope("api/production"), "F"));
    }

    private static ValuePolicy.Plain Plain(ValueGenerator generator) => new(generator);
}
