using CsCheck;
using SecretRotator.Providers.Aws;

namespace SecretRotator.Tests.Providers.Aws;

public sealed class OwnLabelTests
{
    private static readonly Gen<string> Slug = Gen.Char["abcxyzABCXYZ0189._-"].Array[1, 62].Select(c => new string(c));
    private static readonly Gen<string> Uuid = Gen.Guid.Select(g => g.ToString("D"));
    private static readonly Gen<string> Token = Gen.OneOf(
        Uuid, Gen.Char["abchrtuABCXYZ0189-_.+/=: #%\u00fc"].Array[32, 64].Select(c => new string(c)));
    private static readonly Gen<Instant> Start = Gen.Long[0, 4_000_000_000_000].Select(Instant.FromUnixTimeMilliseconds);

    private static readonly Gen<Holder> Holders = Gen.OneOf<Holder>(
        Gen.Select(Slug, Slug, Uuid, Gen.Int[0, 999_999_999], (w, r, u, b) => (Holder)new Holder.Pipeline(w, r, u, b)),
        Gen.Select(
            Slug, Slug, Uuid, Gen.Int[0, 999_999_999], Gen.Select(Uuid, Gen.Int[1, 9999]),
            (w, r, u, b, s) => (Holder)new Holder.Pipeline(w, r, u, b) { Step = new(s.Item1, s.Item2) }),
        Gen.Select(
            Gen.ULong, Gen.Int[0, int.MaxValue], Gen.Long[0, long.MaxValue], Slug,
            (m, n, s, name) => (Holder)new Holder.Process($"{m:x16}", n, s, name[..Math.Min(60, name.Length)])));

    private static readonly Gen<OwnLabel> Labels = Gen.Select(
        Start,
        Gen.OneOf<LabelPurpose>(
            Token.Select(t => (LabelPurpose)new LabelPurpose.Stages(t)), Uuid.Select(u => (LabelPurpose)new LabelPurpose.Carries(new(u)))),
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

    [Theory]
    [InlineData("deploy:aaaaaaaa-0000-4000-8000-000000000001")]
    [InlineData("arn:aws:codebuild:eu-west-1:build:4711")]
    [InlineData("two words aaaaaaaa-0000-4000-8000-000000000001")]
    public void A_base_of_any_characters_is_read_again_also_as_earlier_versions_of_the_tool_wrote_it(string id)
    {
        var label = new OwnLabel(
            Instant.FromUtc(2026, 11, 23, 1, 2), new LabelPurpose.Stages(id),
            new Holder.Pipeline("acme", "tool", "11111111-1111-4111-8111-111111111111", 7));
        var earlier = $"secret-rotator:20261123T010200000Z:t{id}:pipeline/acme/tool/11111111-1111-4111-8111-111111111111/7";

        OwnLabel.Parse(label.Format(), ["another", id]).Should().Be(label);
        OwnLabel.Parse(earlier, ["another", id]).Should().Be(label);
    }

    // .NET calls a text with half a padding valid base64url, and then can't decode it.
    [Fact]
    public void A_label_that_only_looks_like_one_is_none() => OwnLabel.Parse(
        "secret-rotator:20261123T010000000Z:uqqqqqgAAQACAAAAAAAAAAQ=:pipeline/acme/tool/11111111-1111-4111-8111-111111111111/7", [])
        .Should().BeNull();

    [Fact]
    public void A_label_that_would_not_be_read_back_is_refused_before_anything_is_written()
    {
        var nameless = new Holder.Pipeline("a workspace: renamed", "tool", "11111111-1111-4111-8111-111111111111", 7);

        var format = new OwnLabel(Instant.FromUtc(2026, 11, 23, 1, 2), new LabelPurpose.Stages("base"), nameless)
            .Invoking(label => label.Format());

        format.Should().Throw<RemoteFailureException>().Which.Effect.Should().Be(Effect.Rejected);
    }

    [Fact]
    public void Labels_sort_by_their_start() =>
        Gen.Select(Labels, Labels).Where((a, b) => a.StartedAt != b.StartedAt).Sample((a, b) =>
            Math.Sign(string.CompareOrdinal(a.Format(), b.Format())) == a.StartedAt.CompareTo(b.StartedAt));

    [Fact]
    public void The_longest_label_fits()
    {
        var slug = new string('w', 62);
        var holder = new Holder.Pipeline(
            slug, slug, "11111111-1111-4111-8111-111111111111", 999_999_999)
        { Step = new("11111111-1111-4111-8111-111111111112", 9999) };
        LabelPurpose[] purposes =
        [
            new LabelPurpose.Stages(new string('b', 64)),
            new LabelPurpose.Carries(new("11111111-1111-4111-8111-111111111113")),
        ];

        purposes.Select(purpose => new OwnLabel(Instant.FromUtc(2026, 1, 1, 0, 0), purpose, holder).Format().Length).Should()
            .OnlyContain(length => length <= 256);
    }

    [Theory]
    [InlineData("AWSPENDING")]
    [InlineData("secret-rotator:")]
    [InlineData("secret-rotator:20261123T010203456Z")]
    [InlineData("secret-rotator:20261123T010203456Z:u:pipeline/a/b/11111111-1111-4111-8111-111111111111/1")]
    [InlineData("secret-rotator:20261123T010203456Z:uAAAA:pipeline/a/b/11111111-1111-4111-8111-111111111111/1")]
    [InlineData("secret-rotator:20261323T010203456Z:tbase:pipeline/a/b/11111111-1111-4111-8111-111111111111/1")]
    [InlineData("secret-rotator:20261123T010203456Z:tbase:someone")]
    [InlineData("secret-rotator:20261123T010203456Z:xbase:pipeline/a/b/11111111-1111-4111-8111-111111111111/1")]
    [InlineData("secret-rotator:20261123T010203456Z:rtbase:pipeline/a/b/11111111-1111-4111-8111-111111111111/1")]
    [InlineData("other:20261123T010203456Z:tbase:pipeline/a/b/11111111-1111-4111-8111-111111111111/1")]
    public void Anything_else_is_no_label_of_ours(string text) => OwnLabel.Parse(text, []).Should().BeNull();
}
