using SecretRotator.Providers.Aws;

namespace SecretRotator.Tests.Providers.Aws;

public sealed class S3LocationTests
{
    [Theory]
    [InlineData("s3://acme-evidence", "acme-evidence", "")]
    [InlineData("s3://acme-evidence/", "acme-evidence", "")]
    [InlineData("s3://acme.evidence/secret-rotator", "acme.evidence", "secret-rotator/")]
    [InlineData("s3://acme/a/b_c/year=2026/", "acme", "a/b_c/year=2026/")]
    public void A_location_is_a_bucket_and_a_prefix(string text, string bucket, string prefix)
    {
        var location = S3Location.Parse(text);

        (location.Bucket, location.Prefix).Should().Be((bucket, prefix));
    }

    [Theory]
    [InlineData("S3://acme-evidence", "begin with s3://")]
    [InlineData("s3:/acme-evidence", "begin with s3://")]
    [InlineData("s3://", "3 to 63 characters")]
    [InlineData("s3://ab", "3 to 63 characters")]
    [InlineData("s3://Acme-Evidence", "lower-case")]
    [InlineData("s3://acme_evidence", "lower-case")]
    [InlineData("s3://arn:aws:s3:::acme", "lower-case")]
    [InlineData("s3://acme?versionId=1", "lower-case")]
    [InlineData("s3://-acme", "begins or ends")]
    [InlineData("s3://acme.", "begins or ends")]
    [InlineData("s3://ac..me", "two dots")]
    [InlineData("s3://192.168.1.1", "address of the network")]
    [InlineData("s3://acme--usw2-az1--x-s3", "general-purpose")]
    [InlineData("s3://acme-s3alias", "general-purpose")]
    [InlineData("s3://xn--acme", "general-purpose")]
    [InlineData("s3://acme/a//b", "empty, . or ..")]
    [InlineData("s3://acme/../b", "empty, . or ..")]
    [InlineData("s3://acme/a/./b", "empty, . or ..")]
    [InlineData("s3://acme/a?b", "letters, digits")]
    [InlineData("s3://acme/a#b", "letters, digits")]
    [InlineData("s3://acme/a b", "letters, digits")]
    [InlineData("s3://acme/a%2e", "letters, digits")]
    [InlineData("s3://acme/é", "letters, digits")]
    public void A_wrong_location_is_told_with_an_example(string text, string what)
    {
        var parse = () => S3Location.Parse(text);

        var problem = parse.Should().Throw<UsageException>().Which.Problems.Single();
        problem.Message.Should().StartWith(text).And.Contain(what);
        problem.Hint.Should().Contain("s3://acme-evidence/secret-rotator");
    }

    [Fact]
    public void A_prefix_leaves_room_for_names()
    {
        var parse = () => S3Location.Parse("s3://acme/" + new string('a', 801));

        parse.Should().Throw<UsageException>().WithMessage("*too long*");
    }

    [Theory]
    [InlineData("evidence", false)]
    [InlineData("/var/s3://x", false)]
    [InlineData("s3", false)]
    [InlineData("s3://x", true)]
    [InlineData("S3://x", true)]
    public void A_directory_is_told_from_a_location(string text, bool meant) => S3Location.IsMeantBy(text).Should().Be(meant);
}
