using SecretRotator.Providers.Backends;

namespace SecretRotator.Tests.Backends;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("db.internal", "db.internal:5432")]
    [InlineData("DB.internal:1", "db.internal:1")]
    [InlineData("127.0.0.1:65535", "127.0.0.1:65535")]
    [InlineData("::1", "[::1]:5432")]
    [InlineData("[::1]", "[::1]:5432")]
    [InlineData("[fe80::1]:99", "[fe80::1]:99")]
    public void An_address_is_read_with_and_without_a_port(string text, string read) =>
        ServerAddress.Parse(text, 5432)!.ToString().Should().Be(read);

    [Theory]
    [InlineData("")]
    [InlineData(":5432")]
    [InlineData("db:")]
    [InlineData("db:0")]
    [InlineData("db:65536")]
    [InlineData("db:x")]
    [InlineData("db: 1")]
    [InlineData("a b")]
    [InlineData("tcp://db")]
    [InlineData("user@db")]
    [InlineData("[db]:1")]
    [InlineData("[::1")]
    [InlineData("::1]:5")]
    public void What_is_no_address_is_not_read(string text) => ServerAddress.Parse(text, 5432).Should().BeNull();

    [Fact]
    public void Where_no_port_is_usual_one_must_be_written() => ServerAddress.Parse("db", usualPort: null).Should().BeNull();
}
