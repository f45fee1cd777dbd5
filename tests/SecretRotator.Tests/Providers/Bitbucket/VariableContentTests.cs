using CsCheck;
using SecretRotator.Providers.Bitbucket.Api;

namespace SecretRotator.Tests.Providers.Bitbucket;

public sealed class VariableContentTests
{
    [Fact]
    public void Any_text_arrives_as_it_was() =>
        Gen.Int[0, 0x10FFFF].Where(Rune.IsValid).Array[0, 40].Select(runes => string.Concat(runes.Select(r => new Rune(r)))).Sample(text =>
        {
            using var value = SecretValue.FromText(text);
            using var content = VariableContent.Secured(BitbucketStage.Home, "KEY", value);
            using var json = JsonDocument.Parse(Sent(content));
            return json.RootElement.GetProperty("value").GetString() == text && json.RootElement.GetProperty("secured").GetBoolean();
        });

    [Fact]
    public void Its_length_is_known_before_it_is_sent()
    {
        using var value = SecretValue.FromText("a\"b\\c\u0001ü");
        using var content = VariableContent.Secured(BitbucketStage.Home, "KEY", value);

        content.Headers.ContentLength.Should().Be(Sent(content).Length);
    }

    [Fact]
    public async Task Disposing_wipes_it()
    {
        using var value = SecretValue.FromText("correct horse");
        var content = VariableContent.Secured(BitbucketStage.Home, "KEY", value);
        var stream = new WitnessStream();
        await content.CopyToAsync(stream, TestContext.Current.CancellationToken);
        content.Dispose();

        stream.Seen.ToArray().Should().OnlyContain(b => b == 0);
    }

    [Fact]
    public void A_value_that_isn_t_text_is_refused_without_sending_anything()
    {
        using var value = SecretValue.FromUtf8([0xC3, 0x28]);

        FluentActions.Invoking(() => VariableContent.Secured(BitbucketStage.Home, "KEY", value)).Should()
            .Throw<RemoteFailureException>().Which.Effect.Should().Be(Effect.Rejected);
    }

    [Fact]
    public void A_claim_is_plain()
    {
        using var content = VariableContent.Plain("CLAIM", "who when");

        Encoding.UTF8.GetString(Sent(content)).Should()
            .Be("""{"type":"pipeline_variable","key":"CLAIM","value":"who when","secured":false}""");
    }

    private static byte[] Sent(HttpContent content)
    {
        using var stream = new MemoryStream();
        content.CopyToAsync(stream, TestContext.Current.CancellationToken).IsCompletedSuccessfully.Should().BeTrue();
        return stream.ToArray();
    }

    // Keeps the very buffer that was written.
    private sealed class WitnessStream : MemoryStream
    {
        public ReadOnlyMemory<byte> Seen { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Seen = buffer;
            return ValueTask.CompletedTask;
        }
    }
}
