using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.BitbucketAccess;

/// <summary>Compares the scopes that Bitbucket tells with those that a rotation needs.</summary>
internal static class CredentialScopes
{
    private const string Id = "scopes";

    // The scope to write variables includes reading them; the scope to start pipelines includes reading them.
    private static readonly ImmutableArray<string> Reading = ["pipeline", "pipeline:write", "pipeline:variable", "read:pipeline:bitbucket"];
    private static readonly ImmutableArray<string> Writing = ["pipeline:variable", "admin:pipeline:bitbucket"];
    private static readonly ImmutableArray<string> Reporting =
    [
        "repository",
        "repository:write",
        "repository:admin",
        "read:repository:bitbucket",
    ];

    /// <summary>Judges them.</summary>
    /// <param name="scopes">What Bitbucket told, or null.</param>
    /// <param name="credential">Which words the credential's scopes have.</param>
    /// <param name="reports">Whether reports go to a commit.</param>
    public static CheckResult Judge(ImmutableSortedSet<string>? scopes, BitbucketCredential credential, bool reports)
    {
        var api = credential is BitbucketCredential.ApiToken;
        var (read, write, report) = api
            ? ("read:pipeline:bitbucket", "admin:pipeline:bitbucket", "read:repository:bitbucket")
            : ("pipeline", "pipeline:variable", "repository");
        if (scopes is null)
        {
            return CheckResult.Unknown(
                CheckArea.Bitbucket, Id,
                "Bitbucket didn't tell the credential's scopes, and whether it may write can't be tried without writing.",
                $"A rotation needs {read} and {write}. Without the second one its first PUT is refused, and everything is put back.");
        }

        var missing = new List<string>();
        if (!scopes.Overlaps(Reading))
            missing.Add(read);
        if (!scopes.Overlaps(Writing))
            missing.Add(write);
        if (missing.Count > 0)
        {
            return CheckResult.Fail(
                CheckArea.Bitbucket, Id, $"The credential lacks {string.Join(" and ", missing)}; it has {Listed(scopes)}.",
                "Bitbucket will refuse to change variables (403), and a rotation is put back.",
                $"Scopes can't be added to a token: make a new one with {read} and {write}{(reports ? $" and {report}" : "")}, "
                    + "and put it in the old one's place.");
        }

        return reports && !scopes.Overlaps(Reporting)
            ? CheckResult.Warn(
                CheckArea.Bitbucket, Id, $"The credential lacks {report}; it has {Listed(scopes)}.",
                "Rotations work, but reports on commits (Code Insights) are refused.",
                $"Make a new token that has {report} too, or switch the reports off: codeInsights = off.")
            : CheckResult.Pass(CheckArea.Bitbucket, Id, $"The credential has what a rotation needs: {Listed(scopes)}.");
    }

    private static string Listed(ImmutableSortedSet<string> scopes) => string.Join(", ", scopes);
}
