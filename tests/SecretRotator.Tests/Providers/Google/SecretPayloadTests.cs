using SecretRotator.Providers.Google;

namespace SecretRotator.Tests.Providers.Google;

public sealed class SecretPayloadTests
{
    private const string Name = "projects/1/secrets/db/versions/3";

    [Fact]
    public void The_checksum_is_Castagnolis() => SecretPayload.Crc32C("123456789"u8).Should().Be(0xE3069283);

    [Theory]
    [InlineData("""{"name":"N","payload":{"data":"w7xi","dataCrc32c":"C"}}""")]
    [InlineData("""{"payload":{"dataCrc32c":C,"data":"\u0077\u0037xi","other":{"data":1}},"name":"N"}""")]
    public void A_value_is_read_however_its_JSON_is_written(string answer)
    {
        var checksum = SecretPayload.Crc32C("üb"u8);

        var (name, value) = SecretPayload.Read(Encoding.UTF8.GetBytes(answer.Replace("\"N\"", $"\"{Name}\"", StringComparison.Ordinal)
            .Replace("C\"", $"{checksum}\"", StringComparison.Ordinal).Replace("C,", $"{checksum},", StringComparison.Ordinal)));

        (name, value.RevealText()).Should().Be((Name, "üb"));
        value.Dispose();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"name":"N","payload":{"data":"w7xi"}}""")]
    [InlineData("""{"name":"N","payload":{"data":"w7xi","dataCrc32c":"1"}}""")]
    [InlineData("""{"name":"N","payload":{"data":"w7xi","dataCrc32c":"-1"}}""")]
    [InlineData("""{"name":"N","payload":{"data":"not base64!","dataCrc32c":"1"}}""")]
    [InlineData("""{"name":"N","payload":{"data":7,"dataCrc32c":"1"}}""")]
    [InlineData("""{"name":"N","payload":{"data":"\ud800","dataCrc32c":"1"}}""")]
    [InlineData("""{"name":"\ud800","payload":{"data":"w7xi","dataCrc32c":"1"}}""")]
    [InlineData("""{"name":7,"payload":{"data":"w7xi","dataCrc32c":"1"}}""")]
    [InlineData("""{"name":"N","payload":{"data":"w7xi","dataCrc32c":"1"}""")]
    public void Anything_else_is_no_answer(string answer)
    {
        var reading = () => SecretPayload.Read(Encoding.UTF8.GetBytes(answer));

        reading.Should().Throw<JsonException>();
    }

    [Fact]
    public async Task A_request_holds_value_and_checksum_and_is_wiped()
    {
        using var value = SecretValue.FromText("üb");
        var content = SecretPayload.Content(value);

        (await content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Should().Be(
            $$$"""{"payload":{"data":"w7xi","dataCrc32c":"{{{SecretPayload.Crc32C("üb"u8)}}}"}}""");
        content.Dispose();
    }
}
