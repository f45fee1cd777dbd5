using System.Text.RegularExpressions;
using SecretRotator.Configuration;
using SecretRotator.Configuration.Yaml;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>Looks whether images and pipes are the ones that were reviewed, and stay so.</summary>
internal static class ImageReview
{
    /// <summary>Reviews an image: a text, or a mapping with a <c>name</c>.</summary>
    public static void Review(YamlNode image, FindingList findings)
    {
        SecretReview.ReviewImageKeys(image, findings);
        image = image.Find("name") ?? image;
        if (image is not YamlNode.Scalar { Text: { Length: > 0 } text } scalar)
        {
            findings.Add(PipelineFault.Structure, image.At, "An image has to be a text, or a mapping with a \"name\"");
            return;
        }

        var (fault, observed) = Judge(text.Trim());
        if (fault is not null)
            findings.Add(fault, scalar.At, observed);
    }

    /// <summary>Reviews the version of a pipe.</summary>
    public static void ReviewPipe(YamlNode.Scalar pipe, FindingList findings)
    {
        var name = pipe.Text.Trim();
        if (name.Contains('$', StringComparison.Ordinal) || name.Contains("@sha256:", StringComparison.Ordinal)
            || ExactVersion.IsMatch(name))
            return;
        if (SomeVersion.IsMatch(name))
            findings.Add(
                PipelineFault.PipeUnpinned, pipe.At, $"The pipe {Quoted.Of(name)} names no exact version", status: CheckStatus.Warn);
        else
            findings.Add(PipelineFault.PipeUnpinned, pipe.At, $"The pipe {Quoted.Of(name)} has no version");
    }

    // What a variable holds can't be seen here.
    private static (PipelineFault? Fault, string Observed) Judge(string image)
    {
        if (image.IndexOf('@', StringComparison.Ordinal) is var at and >= 0)
            return Digest.IsMatch(image[at..]) || image[at..].Contains('$', StringComparison.Ordinal)
                ? (null, "")
                : (PipelineFault.ImageDigest, $"The digest of the image {Quoted.Of(image[..at])} isn't one");
        var tag = image[(image.LastIndexOf('/') + 1)..] is var last && last.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0
            ? last[(colon + 1)..]
            : null;
        return tag switch
        {
            null when image.StartsWith('$') && !image.Contains('/', StringComparison.Ordinal) =>
                (PipelineFault.ImageTag, $"Which image {Quoted.Of(image)} is can't be seen here"),
            null => (PipelineFault.ImageLatest, $"The image {Quoted.Of(image)} has no tag and no digest, which means latest"),
            "latest" => (PipelineFault.ImageLatest, $"The image {Quoted.Of(image)} is whatever is the latest on the day"),
            _ => (PipelineFault.ImageTag, $"The image {Quoted.Of(image)} has a tag but no digest"),
        };
    }

    private static readonly Regex Digest = ReviewPattern.Of(
        @"^@sha256:[0-9a-f]{64}\z");

    private static readonly Regex ExactVersion = ReviewPattern.Of(
        @":v?\d+\.\d+\.\d+[\w.+-]*\z");

    private static readonly Regex SomeVersion = ReviewPattern.Of(
        @":(?!//)(?!latest\z|master\z|main\z)[^:/]+\z");
}
