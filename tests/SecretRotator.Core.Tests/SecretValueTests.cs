namespace SecretRotator.Tests;

public sealed class SecretValueTests
{
    [Fact]
    public void It_formats_as_a_placeholder_whatever_it_holds()
    {
        using var value = SecretValue.FromText("correct horse");

        $"{value}".Should().Be("[secret]");
    }

    [Fact]
    public void It_has_no_public_property_that_a_serialiser_could_find() =>
        typeof(SecretValue).GetProperties().Should().BeEmpty();

    [Fact]
    public void It_can_not_be_revealed_after_it_was_wiped()
    {
        var value = SecretValue.FromText("correct horse");
        value.Dispose();

        value.Invoking(v => v.RevealText()).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Wiping_zeroes_its_bytes()
    {
        var value = SecretValue.FromText("correct horse");
        var bytes = value.Reveal(0, (_, utf8) => utf8);
        value.Dispose();

        bytes.ToArray().Should().OnlyContain(b => b == 0);
    }

    [Fact]
    public void Equality_looks_at_every_byte()
    {
        using var value = SecretValue.FromText("correct horse");
        using var same = SecretValue.FromUtf8(Encoding.UTF8.GetBytes("correct horse"));
        using var other = SecretValue.FromText("correct horsf");

        (value.FixedTimeEquals(same), value.FixedTimeEquals(other)).Should().Be((true, false));
    }
}
