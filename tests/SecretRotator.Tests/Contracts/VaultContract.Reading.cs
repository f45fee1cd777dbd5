using SecretRotator.Providers;

namespace SecretRotator.Tests.Contracts;

// READ: what the inventory only refers to.
public abstract partial class VaultContract
{
    /// <summary>As the Bitbucket credential, a backend's administrator or Azure's client secret.</summary>
    [Fact]
    public async Task A_field_that_the_inventory_refers_to_is_read_with_its_end()
    {
        Vault.Seed(Path, """{"token":"t-0ken","expires":"2027-03-01"}""");

        var (value, end) = await ReferencedSecret.ReadWithEndAsync(
            Vault.Connect(), new VaultReference("prod", Path, "token"), "The credential", Stop);

        using (value)
            value.RevealText().Should().Be("t-0ken");
        end.At.Should().Be(Instant.FromUtc(2027, 3, 2, 0, 0));
    }

    /// <summary>As the key that evidence is signed with.</summary>
    [Fact]
    public async Task A_whole_secret_that_the_inventory_refers_to_is_read_as_it_is()
    {
        const string Pem = "-----BEGIN PRIVATE KEY-----\nMIGH\"+/=\n-----END PRIVATE KEY-----\n";
        Vault.Seed(Path, Pem);

        using var value = await ReferencedSecret.ReadAsync(
            Vault.Connect(), new VaultReference("prod", Path, Field: null), "The signing key", Stop);

        value.RevealText().Should().Be(Pem);
    }
}
