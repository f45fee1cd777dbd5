using System.Text.RegularExpressions;
using SecretRotator.Configuration;

namespace SecretRotator.Providers.Google;

/// <summary>What <c>rotation.yaml</c> may say of a vault in Google Secret Manager and of its secrets.</summary>
internal static partial class GoogleGrammar
{
    private static readonly Key Project = new("project", "project: acme-prod", Required: true);
    private static readonly Key Location = new("location", "location: europe-west1");

    /// <summary>The keys of a vault.</summary>
    public static KeyTable Keys { get; } = new("a Google vault", GoogleVaultDefinition.KindWord, Grammar.VaultKindKey, Project, Location);

    /// <summary>Reads a vault.</summary>
    public static GoogleVaultDefinition? Read(string name, MappingReader mapping, ProblemList problems)
    {
        var known = problems.Count;
        var project = mapping.Checked(
            Project, ProjectId().IsMatch, "is not the id of a Google Cloud project",
            "Write its id, such as acme-prod, and not its name or number: gcloud projects list");
        var location = mapping.Checked(
            Location, Region().IsMatch, "is not a region of Google Cloud",
            "Write the region of regional secrets, such as europe-west1, or leave it out.");
        return project is null || problems.Count > known ? null : new GoogleVaultDefinition(name, project, location);
    }

    /// <summary>Reports a path that can't be a secret's.</summary>
    public static void CheckPath(PlacedText path, ProblemList problems)
    {
        if (!IsName(path.Value))
            problems.Add(
                path.At,
                $"{Quoted.Of(path.Value)} can't be the name of a secret in Google Secret Manager",
                "Write its name alone: letters, digits, hyphens and underscores, at most 248.");
    }

    /// <summary>Whether a secret can have that name.</summary>
    public static bool IsName(string path) => SecretName().IsMatch(path);

    // https://cloud.google.com/resource-manager/docs/creating-managing-projects
    [GeneratedRegex(@"^[a-z][a-z0-9-]{4,28}[a-z0-9]\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex ProjectId();

    // It becomes part of a host's name: a token must go to no other host.
    [GeneratedRegex(@"^[a-z]{2,20}-[a-z]{2,20}[0-9]{1,2}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Region();

    // Short enough for the companion NAME-staged: Google takes 255 characters.
    [GeneratedRegex(@"^[0-9A-Za-z_-]{1,248}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex SecretName();
}
