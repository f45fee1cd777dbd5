using System.Collections.Immutable;

namespace SecretRotator.Sandbox.Faults;

/// <summary>The services and operations that a fault can name.</summary>
internal static class FaultVocabulary
{
    /// <summary>The operations of each service.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<string>> Services { get; } =
        new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal)
        {
            ["bitbucket"] = ["list", "get", "post", "put", "delete", "environments", "pipeline", "pipelines", "report", "annotations", "token"],
            ["aws"] =
            [
                "DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage", "TagResource", "UntagResource", "RotateSecret",
                "ListSecretVersionIds", "ListSecrets", "CreateSecret", "UpdateSecret", "DeleteSecret", "RestoreSecret",
            ],
            ["s3"] = ["PutObject", "GetObject", "HeadObject", "ListObjectsV2", "GetObjectLockConfiguration"],
            ["sts"] = ["AssumeRoleWithWebIdentity", "AssumeRole", "GetCallerIdentity", "GetWebIdentityToken"],
            ["azure"] =
            [
                "GetSecret", "PutSecret", "PatchSecret", "ListVersions", "ListSecrets", "Challenge",
                "DeleteSecret", "GetDeletedSecret", "PurgeDeletedSecret", "RecoverDeletedSecret",
            ],
            ["entra"] = ["token", "configuration", "discovery"],
            ["oidc"] = ["configuration", "keys", "mint"],
        }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The known word that a mistyped one probably meant, or null.</summary>
    public static string? Nearest(string word, IEnumerable<string> known) =>
        known.Select(candidate => (candidate, distance: Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(pair => pair.distance <= Math.Max(2, pair.candidate.Length / 3))
            .OrderBy(pair => pair.distance)
            .Select(pair => pair.candidate)
            .FirstOrDefault();

    // Levenshtein's distance: the number of letters to add, drop or change.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j - 1], above) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
