using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

/// <summary>What was added to inventories later never changes its form either.</summary>
public sealed class LaterCanonicalFormTests
{
    [Theory]
    [InlineData("backend", "9214aad9178444ad")]
    [InlineData("key pair", "6d8d091e073e9d47")]
    [InlineData("encoding", "fc590b6a9b2b5ddd")]
    [InlineData("external", "ecd3d760afb5f4a7")]
    [InlineData("hold", "041641fcd436a81a")]
    [InlineData("by hand", "791cb024ba9fd33f")]
    [InlineData("reads", "fb0feef54b1ee1e3")]
    public void The_digest_of_an_inventory_is_the_same_in_every_release(string what, string beginning) =>
        InventoryDigest.Of(Of(what switch
        {
            "backend" => Secret("a") with
            {
                Value = new ValuePolicy.Issued(),
                Backend = new ModelBackendDefinition(BackendFamily.Issue, Overlaps: true) { DeleteAfter = Duration.FromDays(3) },
            },
            "key pair" => Secret("a", Target($"api/{VariableScope.SshKeyPair.Key}", VariableScope.SshKeyPair.Key)),
            "encoding" => Secret("a", Target("api", "A") with { Encoding = TargetEncoding.Base64 }),
            "external" => Secret("a") with { Value = new ValuePolicy.External("Ask the bank.", Noon, Duration.FromDays(14)) },
            "hold" => Secret("a") with { Hold = new HoldPolicy(Noon, "The bank moves.") },
            "by hand" => Secret("a") with { Consumer = ValueConsumer.ByHand },
            _ => Secret("a") with { Consumer = ValueConsumer.ReadsFromVault },
        }).Inventory).Should().StartWith(beginning);
}
