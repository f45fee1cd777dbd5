namespace SecretRotator.Browser;

public sealed class ChromiumTests
{
    [Fact]
    public void A_machine_without_a_browser_has_none() => Chromium.Find(asked: null, path: "").Should().BeNull();

    // Without one the others aren't even compiled: they would all say the same.
    [Fact]
    public void There_is_a_browser_to_show_the_report_to() => Assert.SkipWhen(
        Chromium.Find(Environment.GetEnvironmentVariable(Chromium.Variable), Environment.GetEnvironmentVariable("PATH")) is null,
        Chromium.Missing);

    [Fact]
    public void A_browser_that_is_asked_for_and_missing_is_not_replaced() =>
        Chromium.Find(asked: "/nowhere/chromium", path: Environment.GetEnvironmentVariable("PATH")).Should().BeNull();
}
