using System.Net;
using CsCheck;
using SecretRotator.Doctor.AllowLists;

namespace SecretRotator.Tests.Doctor;

public sealed class AddressBlockTests
{
    [Theory]
    [InlineData("104.192.136.0/21", "104.192.136.0/21")]
    [InlineData("104.192.137.9/21", "104.192.136.0/21")]
    [InlineData("1.2.3.4", "1.2.3.4/32")]
    [InlineData("2401:1D80:3000:0::/36", "2401:1d80:3000::/36")]
    [InlineData("2401::1", "2401::1/128")]
    [InlineData("::ffff:1.2.3.4/128", "1.2.3.4/32")]
    [InlineData("::ffff:1.2.3.4/120", "1.2.3.0/24")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::/0", "::/0")]
    public void A_block_is_read_into_its_canonical_form(string text, string canonical) =>
        AddressBlock.Parse(text)!.ToString().Should().Be(canonical);

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("1.2.3.4/")]
    [InlineData("1.2.3.4/-1")]
    [InlineData("1.2.3.4/+8")]
    [InlineData("1.2.3.4/33")]
    [InlineData("1.2.3/24")]
    [InlineData("16909060")]
    [InlineData("[::1]/128")]
    [InlineData("::1%lo/128")]
    [InlineData("::/129")]
    [InlineData("1.2.3.4/24/8")]
    public void Anything_else_is_no_block(string text) => AddressBlock.Parse(text).Should().BeNull();

    [Theory]
    [InlineData("1.2.3.0/25 1.2.3.128/25", "1.2.3.0/24")]
    [InlineData("1.2.3.128/25 1.2.4.0/25", "1.2.3.128/25 1.2.4.0/25")]
    [InlineData("1.2.3.0/24 1.2.3.7/32 1.2.3.0/24", "1.2.3.0/24")]
    [InlineData("255.255.255.0/24 255.255.254.0/24", "255.255.254.0/23")]
    [InlineData("::/1 8000::/1 1.0.0.0/8", "1.0.0.0/8 ::/0")]
    [InlineData("0.0.0.0/1 128.0.0.0/1", "0.0.0.0/0")]
    public void Blocks_are_joined_where_that_says_the_same(string blocks, string joined) =>
        Join(blocks.Split(' ')).Should().Equal(joined.Split(' '));

    [Fact]
    public void Joined_blocks_hold_the_same_addresses_and_do_not_touch()
    {
        var block = Gen.Select(
            Gen.Int[0, 255], Gen.Int[20, 32], (last, prefix) => AddressBlock.Parse($"9.9.{last % 3}.{last}/{prefix}")!);
        block.Array[0, 12].Sample(blocks =>
        {
            var joined = AddressBlock.Aggregate(blocks).ToArray();
            var probe = Enumerable.Range(0, 4096).Select(i => (UInt128)0x09090000 + (UInt128)i);
            return probe.All(
                address => blocks.Any(
                    b => b.First <= address && address <= b.Last) == (joined.Count(b => b.First <= address && address <= b.Last) == 1))
                && joined.All(b => IPNetwork.TryParse(b.ToString(), out _));
        });
    }

    private static IEnumerable<string> Join(IEnumerable<string> blocks) =>
        AddressBlock.Aggregate(blocks.Select(text => AddressBlock.Parse(text)!)).Select(block => block.ToString());
}
