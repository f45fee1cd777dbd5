using System.Text.RegularExpressions;
using Amazon.Runtime;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Aws.Doctor;

/// <summary>
/// Who may not do what, out of AWS's own sentence. The sentence itself is never shown; names and actions of this form
/// hold no secret (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
/// </summary>
/// <param name="Principal">Who, as an ARN.</param>
/// <param name="Action">What, such as <c>secretsmanager:DescribeSecret</c>.</param>
/// <param name="Resource">On what, as an ARN, or null.</param>
/// <param name="Because">Which kind of policy is in the way, or null.</param>
internal sealed partial record AwsDenial(string Principal, string Action, string? Resource, string? Because)
{
    private static readonly (string Said, string Meant)[] Reasons =
    [
        ("explicit deny in a service control policy", "a service control policy of the organisation denies it"),
        ("service control policy", "no service control policy of the organisation allows it"),
        ("explicit deny in an identity-based policy", "a policy of the role denies it"),
        ("explicit deny in a resource-based policy", "the secret's own policy denies it"),
        ("explicit deny", "a policy denies it"),
        ("permissions boundary", "the role's permissions boundary doesn't allow it"),
        ("session policy", "the session's policy doesn't allow it"),
        ("resource-based policy", "the secret's own policy doesn't allow it"),
        ("identity-based policy", "no policy of the role allows it"),
    ];

    /// <summary>Reads a refusal; null where AWS says it in other words.</summary>
    public static AwsDenial? Of(RemoteFailureException failure)
    {
        if (ExceptionChain.Of(failure).OfType<AmazonServiceException>().FirstOrDefault() is not { } answer
            || Sentence().Match(answer.Message) is not { Success: true } match)
            return null;
        var because = Reasons.FirstOrDefault(reason => answer.Message.Contains(reason.Said, StringComparison.OrdinalIgnoreCase)).Meant;
        return new AwsDenial(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Success ? match.Groups[3].Value : null, because);
    }

    /// <summary>Whether it is the KMS key that refuses.</summary>
    public static bool IsOfKey(RemoteFailureException failure) =>
        ExceptionChain.Of(failure).OfType<AmazonServiceException>()
            .Any(answer => answer.Message.Contains("Access to KMS is not allowed", StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(
        "User: (arn:[A-Za-z0-9:/_+=,.@-]{1,300}) is not authorized to perform: ([a-z0-9-]{1,40}:[A-Za-z]{1,80})(?: on resource: "
            + "(arn:[A-Za-z0-9:/_+=,.@!?*-]{1,300}))?", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Sentence();
}
