using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

public sealed class FailureMessagesTests
{
    [Theory]
    [InlineData("It was refused", "It was refused. Wait.")]
    [InlineData("It was refused.", "It was refused. Wait.")]
    [InlineData("", " Wait.")]
    public void A_hint_follows_a_whole_sentence(string message, string text) => FailureMessages.Text(message, "Wait.").Should().Be(text);
}
