using NodaTime;
using SecretRotator.Inventory;
using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

/// <summary><c>value: { kind: external }</c>, and the report's and the exit code's part in it.</summary>
public sealed class ExternalValueTests
{
    [Fact]
    public void An_end_is_the_end_of_its_day()
    {
        var value = Secret("{ kind: password }", "{ kind: external, instructions: ask, expires: 2027-03-01, remind: 14d }").Value;

        value.Should().Be(new ValuePolicy.External("ask", Instant.FromUtc(2027, 3, 2, 0, 0), Duration.FromDays(14)));
        RotationSchema.Accepts(With("{ kind: password }", "{ kind: external, instructions: ask, expires: 2027-03-01, remind: 14d }"))
            .Should().BeTrue();
    }

    [Theory]
    [InlineData("{ kind: external }", "instructions")]
    [InlineData("{ kind: external, instructions: ask, expires: soon }", "is not a date")]
    [InlineData("{ kind: external, instructions: ask, remind: 14d }", "no end is given")]
    [InlineData("{ kind: external, instructions: ask, expires: 2027-03-01, remind: 12h }", "between one day and 365 days")]
    [InlineData("[ { kind: external, instructions: ask } ]", "can't be in a list")]
    public void A_mistake_is_named(string value, string message) =>
        Problems("{ kind: password }", value).Should().ContainSingle().Which.Should().Contain(message);
}
