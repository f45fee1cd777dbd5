using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Azure;

namespace SecretRotator.Tests.Values;

public sealed class SizeLimitsTests
{
    private static readonly VaultDefinition Aws = new AwsVaultDefinition("prod", "eu-west-1", null);
    private static readonly VaultDefinition Azure = new AzureVaultDefinition("azure", new Uri("https://acme.vault.azure.net/"));

    [Fact]
    public void The_largest_content_of_each_vault_passes()
    {
        Check(Aws, new string('x', 65_536)).Should().NotThrow();
        Check(Azure, new string('x', 25_000)).Should().NotThrow();
    }

    [Fact]
    public void A_byte_more_is_refused_with_both_sizes()
    {
        Check(Aws, new string('x', 65_537)).Should().Throw<SecretContentException>().WithMessage("*65537*65536*");
        Check(Azure, new string('x', 25_001)).Should().Throw<SecretContentException>().WithMessage("*25001*25000*");
    }

    [Fact]
    public void Bytes_count_and_not_characters() =>
        Check(Azure, new string('€', 8_334)).Should().Throw<SecretContentException>();

    [Theory]
    [InlineData(119_997, false)]
    [InlineData(119_998, true)]
    public void Name_and_value_of_a_variable_count_together(int characters, bool refused)
    {
        using var value = SecretValue.FromText(new string('€', characters));
        var check = () => SizeLimits.CheckVariable(new VariableTarget(new VariableScope.Workspace("acme"), "KEY", null, false), value);

        if (refused)
            check.Should().Throw<SecretContentException>().WithMessage("*workspace:KEY*");
        else
            check.Should().NotThrow();
    }

    private static Action Check(VaultDefinition vault, string content) => () =>
    {
        using var value = SecretValue.FromText(content);
        SizeLimits.CheckContent(vault, value);
    };
}
