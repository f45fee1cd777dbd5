using SecretRotator.Doctor.PipelineFile;
using SecretRotator.Hosting;
using SecretRotator.Providers;

namespace SecretRotator.Commands;

/// <summary>What a repository of one's own begins with.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="Home">The repository's slug.</param>
/// <param name="Vault">The vault that it begins with.</param>
/// <param name="Environment">The deployment environment that rotates.</param>
/// <param name="IsPremium">Whether Bitbucket's plan is Premium, or Standard.</param>
/// <param name="ReleaseUrl">The address of the folder with the release archive, or null where it isn't known.</param>
/// <param name="Sha256">The archive's checksum, or null where it isn't known.</param>
/// <param name="HasGitIgnore">Whether the repository has a <c>.gitignore</c> of its own, which stays.</param>
internal sealed record StarterFiles(
    string Workspace, string Home, VaultStart Vault, string Environment, bool IsPremium, string? ReleaseUrl, string? Sha256, bool HasGitIgnore)
{
    /// <summary>The inventory.</summary>
    public const string Inventory = "rotation.yaml";

    /// <summary>What git leaves alone.</summary>
    public const string GitIgnore = ".gitignore";

    private const string Prefix = "init/";

    // Up to where the comments of the template begin.
    private const int ReferenceWidth = 37;

    /// <summary>The paths that must be free.</summary>
    public static IEnumerable<string> Paths => [Inventory, PipelineFileCheck.UsualPath, .. Unchanged];

    /// <summary>The files by their paths.</summary>
    public IEnumerable<(string Path, string Text)> Files =>
    [
        (Inventory, Fill(Inventory)),
        (PipelineFileCheck.UsualPath, Fill(PipelineFileCheck.UsualPath)),
        .. Unchanged.Select(path => (path, EmbeddedText.Read(Prefix + path))),
        .. HasGitIgnore ? [] : new[] { (GitIgnore, Fill("gitignore")) },
    ];

    /// <summary>What is to be done next.</summary>
    public ImmutableArray<string> NextSteps => [.. Fill("next-steps").Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    // Those in folders: the schedules and schemas of this project itself.
    private static IEnumerable<string> Unchanged => EmbeddedText.Names
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => name[Prefix.Length..])
        .Where(path => path.Contains('/', StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    // A line that is for something else than was chosen is left out.
    private string Fill(string template)
    {
        var lines = EmbeddedText.Read(Prefix + template).Split('\n').AsEnumerable();
        foreach (var (word, value) in Values)
            lines = value is null
                ? lines.Where(line => !line.StartsWith($"{{{{{word}}}}}", StringComparison.Ordinal))
                : lines.Select(line => line.Replace($"{{{{{word}}}}}", value, StringComparison.Ordinal));
        return string.Join('\n', lines);
    }

    private (string Word, string? Value)[] Values =>
    [
        ("vault", string.Join('\n', Vault.Vault.Split('\n').Select(line => "    " + line))),
        ("credential-reference", $"vault://prod/{Vault.Credential}#token".PadRight(ReferenceWidth)),
        ("credential", Vault.Credential),
        ("trust", Vault.NextStep),
        ("repository", $"https://bitbucket.org/{Workspace}/{Home}"),
        ("workspace", Workspace),
        ("home", Home),
        ("environment", Environment),
        ("premium", IsPremium ? "" : null),
        ("standard", IsPremium ? null : ""),
        ("gitignore", HasGitIgnore ? "" : null),
        ("unpinned", ReleaseUrl is null || Sha256 is null ? "" : null),
        ("release-url", ReleaseUrl?.TrimEnd('/') ?? "RELEASE-ADDRESS"),
        ("sha256", Sha256 ?? "SHA256-OF-THE-ARCHIVE"),
        ("version", ProductVersion.Text.Split('+')[0]),
    ];
}
