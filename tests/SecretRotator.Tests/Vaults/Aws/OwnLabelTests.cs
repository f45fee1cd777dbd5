using CsCheck;
using NodaTime;
using SecretRotator.Vaults;
using SecretRotator.Vaults.Aws;

namespace SecretRotator.Tests.Vaults.Aws;

public sealed class OwnLabelTests
{
    private static readonly Gen<string> Slug = Gen.Char["abcxyzABCXYZ0189._-"].Array[1, 62].Select(c => new string(c));
    private static readonly Gen<string> Uuid = Gen.Guid.Select(g => g.ToString("D"));
    private static readonly Gen<string> Token = Gen.OneOf(Uuid, Gen.Char["abcxyzABCXYZ0189-_.+/="].Array[32, 64].Select(c => new string(c)));
    private static readonly Gen<Instant> Start = Gen.Long[0, 4_000_000_000_000].Select(Instant.FromUnixTimeMilliseconds);

    private static readonly Gen<Holder> Holders = Gen.OneOf<Holder>(
        Gen.Select(Slug, Slug, Uuid, Gen.Int[0, 999_999_999], (w, r, u, b) => (Holder)new Holder.Pipeline(w, r, u, b)),
        Gen.Select(Gen.ULong, Gen.Int[0, int.MaxValue], Gen.Long[0, long.MaxValue], Slug, (m, n, s, name) => (Holder)new Holder.Process($"{m:x16}", n, s, name[..Math.Min(60, name.Length)])));

    private static readonly Gen<OwnLabel> Labels = Gen.Select(
        Start,
        Gen.OneOf<LabelPurpose>(Token.Select(t => (LabelPurpose)new LabelPurpose.Stages(t)), Uuid.Select(u => (LabelPurpose)new LabelPurpose.Resumes(new(u)))),
        Holders,
        (start, purpose, holder) => new OwnLabel(start, purpose, holder));

    [Fact]
    public void A_label_is_read_as_it_was_written_and_is_never_longer_than_aws_takes() =>
        Labels.Sample(label =>
        {
            var text = label.Format();
            text.Length.Should().BeLessThanOrEqualTo(256);
            text.Should().NotContain(" ");
            var versions = label.Purpose is LabelPurpose.Stages stages ? new[] { "another", stages.Base } : ["another"];
            OwnLabel.Parse(text, versions).Should().Be(label);
        });

    [Fact]
    public void Labels_sort_by_their_start() =>
        Gen.Select(Labels, Labels).Where((a, b) => a.StartedAt != b.StartedAt).Sample((a, b) =>
            Math.Sign(string.CompareOrdinal(a.Format(), b.Format())) == a.StartedAt.CompareTo(b.StartedAt));

    [Fact]
    public void The_longest_label_fits()
    {
        var slug = new string('w', 62);
        var holder = new Holder.Pipeline(slug, slug, "11111111-1111-4111-8111-111111111111", 999_999_999);

        new OwnLabel(Instant.FromUtc(2026, 1, 1, 0, 0), new LabelPurpose.Stages(new string('b', 64)), holder).Format().Length.Should().BeLessThanOrEqualTo(256);
    }

    [Theory]
    [InlineData("AWSPENDING")]
    [InlineData("secret-rotator:")]
    [InlineData("secret-rotator:20261123T010203456Z")]
    [InlineData("secret-rotator:20261123T010203456Z:u:pipeline/a/b/11111111-1111-4111-8111-111111111111/1")]
    [InlineData("secret-rotator:20261123T010203456Z:uAAAA:pipeline/a/b/11111111-1111-4111-8111-111111111111/1")]
    [InlineData("secret-rotator:20261323T010203456Z:tbase:pipeline/a/b/11111111-1111-4111-8111-111111111111/1")]
    [InlineData("secret-rotator:20261123T010203456Z:tbase:somebody")]
    [InlineData("secret-rotator:20261123T010203456Z:xbase:pipeline/a/b/11111111-1111-4111-8111-111111111111/1")]
    [InlineData("other:20261123T010203456Z:tbase:pipeline/a/b/11111111-1111-4111-8111-111111111111/1")]
    public void Anything_else_is_no_label_of_ours(string text) => OwnLabel.Parse(text, []).Should().BeNull();
}
