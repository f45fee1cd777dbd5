using SecretRotator.Providers.Backends.MySql;

namespace SecretRotator.Tests.Backends.MySql;

/// <summary>What servers keep of a password.</summary>
public sealed class PasswordHashTests
{
    [Fact]
    public void Mysql_native_password_is_SHA_1_twice() =>
        PasswordHash.Native("password"u8).Should().Be("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"); // SELECT PASSWORD('password')

    // Of MySQL 8 servers, as hashcat's documentation (mode 7401) and tools' tests publish them.
    [Theory]
    [InlineData(
        "hashcat",
        "F9CC98CE08892924F50A213B6BC571A2C11778C5",
        "625479393559393965414D45316477456B484F41316E64484742577A2E3162785353526B7554584647562F")]
    [InlineData(
        "password",
        "06437A150142644D74187A6A2F0D7971094F2575",
        "48667A67485366745A304F6A487A73704250663465337A7530325157687A51364A384D737554424939702E")]
    public void Caching_sha2_password_is_what_a_server_keeps(string password, string salt, string digest) =>
        PasswordHash.Sha2(Encoding.UTF8.GetBytes(password), Convert.FromHexString(salt)).Should().Be(
            "$A$005$" + Encoding.Latin1.GetString(Convert.FromHexString(salt + digest)));

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(255)]
    public void A_password_of_any_length_is_known_again(int length)
    {
        var password = Encoding.UTF8.GetBytes(new string('x', length));
        var kept = PasswordHash.Sha2(password, PasswordHash.SaltOf("db.internal:3306\0app\0%"));

        kept.Should().MatchRegex(@"^\$A\$005\$[./0-9A-Za-z]{63}\z");
        PasswordHash.IsOf(password, kept).Should().BeTrue();
        PasswordHash.IsOf("y"u8, kept).Should().BeFalse();
        PasswordHash.IsOf(password, "$A$005$short").Should().BeFalse();
    }

    [Fact]
    public void A_slot_tells_passwords_apart_and_gives_none_away()
    {
        var (one, other) = (PasswordHash.Native("one"u8), PasswordHash.Native("other"u8));

        MySqlAccount.SlotOf("app", one).Value.Should().MatchRegex("^app/[0-9a-f]{8}$");
        MySqlAccount.SlotOf("app", one).Should().Be(MySqlAccount.SlotOf("app", one)).And.NotBe(MySqlAccount.SlotOf("app", other))
            .And.NotBe(MySqlAccount.SlotOf("app2", one));
        one.Should().NotContainEquivalentOf(MySqlAccount.SlotOf("app", one).Value[4..]);
    }
}
