namespace SecretRotator.Planning;

/// <summary>Finds the version that a person means: by its whole id, by the beginning of it that is unique, or as <c>previous</c>.</summary>
internal static class VersionChoice
{
    /// <summary>The version that was current before the current one.</summary>
    public const string Previous = "previous";

    // More than a person reads in one line.
    private const int MostNamed = 5;

    /// <summary>The version, or why there is none to bring back.</summary>
    /// <param name="text">What the person wrote.</param>
    /// <param name="secret">The secret's name, for people.</param>
    /// <param name="versions">Its versions.</param>
    public static (VersionId? Version, Decision.Blocked? Refused) Of(string text, string secret, ImmutableArray<ListedVersion> versions)
    {
        var list = $"Nothing was changed. To see its versions: secret-rotator versions {secret}";
        var found = text == Previous
            ? [.. versions.Where(v => v.Place == VersionPlace.Previous)]
            : versions.Where(v => v.Id.Value == text).ToImmutableArray() is { IsEmpty: false } whole ? whole
            : [.. versions.Where(v => v.Id.Value.StartsWith(text, StringComparison.Ordinal))];
        return found switch
        {
            [] when text == Previous => (null, Refuse("The vault names no version as the previous one.", list)),
            [] =>
                (null, Refuse(
                    $"{secret} has no version {PrintableText.Of(text)}: its vault has {Count(versions.Length)}, and none has an id that "
                        + "begins so.", list)),
            [{ Place: VersionPlace.Current } current] =>
                (null, Refuse($"{current.Id} is the current version already.", $"Name an older version. {list}")),
            [{ Place: VersionPlace.Disabled } disabled] => (null, Refuse(
                $"Version {disabled.Id} is disabled in the vault, so its value can't be read.",
                $"Enable it there, or name another one. {list}")),
            [{ Place: VersionPlace.Staged } staged] =>
                (null, Refuse($"Version {staged.Id} is only staged: no target was ever meant to keep it.", list)),
            [var one] => (one.Id, null),
            _ => (null, Refuse(
                $"{found.Length} versions begin with {PrintableText.Of(text)}: "
                    + $"{string.Join(", ", found.Take(MostNamed).Select(v => v.Id))}{(found.Length > MostNamed ? " and others" : "")}.",
                $"Write more of the one that is meant. {list}")),
        };
    }

    private static Decision.Blocked Refuse(string why, string hint) => new(FailureKind.VersionUnusable, why, hint);

    private static string Count(int number) =>
        number == 1 ? "1 version" : $"{number} versions";
}
