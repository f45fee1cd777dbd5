namespace SecretRotator.Browser;

public sealed class ChromiumTests
{
    [Fact]
    public void A_machine_without_a_browser_has_none() => Chromium.Find(asked: null, path: "").Should().BeNull();

    [Fact]
    public void A_browser_that_is_asked_for_and_missing_is_not_replaced() => Chromium.Find(asked: "/nowhere/chromium", path: Environment.GetEnvironmentVariable("PATH")).Should().BeNull();
}
