using Amazon.SecretsManager;
using SecretRotator.Providers.Aws.Doctor;

namespace SecretRotator.Tests.Doctor.VaultAccess;

public sealed class AwsDenialTests
{
    private const string Session = "arn:aws:sts::123456789012:assumed-role/secret-rotator/acme.payments-api.417";
    private const string Secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/payments/db-a1B2c3";

    [Theory]
    [InlineData("because no identity-based policy allows the secretsmanager:DescribeSecret action", "no policy of the role allows it")]
    [InlineData("with an explicit deny in a service control policy", "a service control policy of the organisation denies it")]
    [InlineData(
        "because no service control policy allows the secretsmanager:DescribeSecret action",
        "no service control policy of the organisation allows it")]
    [InlineData(
        "because no permissions boundary allows the secretsmanager:DescribeSecret action",
        "the role's permissions boundary doesn't allow it")]
    [InlineData("with an explicit deny in a resource-based policy", "the secret's own policy denies it")]
    [InlineData("", null)]
    public void Who_may_not_do_what_and_why_is_read_from_AWS_s_sentence(string reason, string? because) =>
        AwsDenial.Of(Failure($"User: {Session} is not authorized to perform: secretsmanager:DescribeSecret on resource: {Secret} {reason}"))
            .Should().Be(new AwsDenial(Session, "secretsmanager:DescribeSecret", Secret, because));

    [Fact]
    public void A_sentence_without_a_resource_is_read_too() =>
        AwsDenial.Of(Failure($"User: {Session} is not authorized to perform: secretsmanager:GetSecretValue"))!.Resource.Should().BeNull();

    [Theory]
    [InlineData("Access denied.")]
    [InlineData("User: someone <script> is not authorized to perform: everything")]
    [InlineData("")]
    public void Other_words_tell_nothing(string message) => AwsDenial.Of(Failure(message)).Should().BeNull();

    [Fact]
    public void The_key_s_refusal_is_known()
    {
        AwsDenial.IsOfKey(Failure("Access to KMS is not allowed")).Should().BeTrue();
        AwsDenial.IsOfKey(Failure("something else")).Should().BeFalse();
    }

    private static RemoteFailureException Failure(string message) =>
        new(FailureKind.AccessDenied,
            Effect.Rejected, "AWS Secrets Manager refused describing prod/payments/db: AccessDeniedException.", null,
            new AmazonSecretsManagerException(message));
}
