using SecretRotator.Hosting;

namespace SecretRotator.Tests.Hosting;

public sealed class ProductVersionTests
{
    [Theory]
    [InlineData("0.1.0+c52aec7", "2026-11-29", "0.1.0 (commit c52aec7, 2026-11-29)")]
    [InlineData("0.1.0+c52aec7", null, "0.1.0 (commit c52aec7)")]
    [InlineData("0.1.0", null, "0.1.0")]
    public void A_version_is_told_with_what_is_known_of_its_commit(string text, string? date, string said) =>
        ProductVersion.Describe(text, date).Should().Be(said);
}
