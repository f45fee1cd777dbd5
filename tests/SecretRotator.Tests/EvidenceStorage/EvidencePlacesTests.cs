using SecretRotator.EvidenceStorage;
using SecretRotator.Providers.Aws;

namespace SecretRotator.Tests.EvidenceStorage;

public sealed class EvidencePlacesTests
{
    [Fact]
    public void Where_no_one_says_the_usual_directory_is_used() => Parse().Should().Be(new EvidencePlaces("usual", null));

    [Fact]
    public void A_directory_is_the_only_place() => Parse("mine").Should().Be(new EvidencePlaces("mine", null));

    [Fact]
    public void A_bucket_is_the_only_place() =>
        Parse("s3://acme-evidence").Should().Be(new EvidencePlaces(null, S3Location.Parse("s3://acme-evidence")));

    [Fact]
    public void A_directory_and_a_bucket_stand_side_by_side_in_any_order() =>
        Parse("s3://acme-evidence", "mine").Should().Be(new EvidencePlaces("mine", S3Location.Parse("s3://acme-evidence")));

    [Theory]
    [InlineData("a", "b", "directory")]
    [InlineData("s3://acme-a", "s3://acme-b", "bucket")]
    public void Two_of_a_kind_are_refused(string one, string other, string kind)
    {
        var parse = () => Parse(one, other);

        parse.Should().Throw<UsageException>().WithMessage($"--evidence names more than one {kind}.");
    }

    private static EvidencePlaces Parse(params string[] asked) => EvidencePlaces.Parse([.. asked], "usual");
}
