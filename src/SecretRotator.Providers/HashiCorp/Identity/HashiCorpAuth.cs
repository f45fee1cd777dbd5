using SecretRotator.Configuration;

namespace SecretRotator.Providers.HashiCorp.Identity;

/// <summary>How the tool logs in to a vault. The inventory says it, and names no secret.</summary>
public abstract record HashiCorpAuth
{
    private static readonly Key Way = new("auth", "auth: jwt", Required: true);
    private static readonly Key Role = new("role", "role: secret-rotator");
    private static readonly Key MountOfAuth = new("auth-mount", "auth-mount: jwt");

    private static readonly WordTable<string> Ways = new("a way to log in", ("jwt", "jwt"), ("approle", "approle"), ("token", "token"));

    private HashiCorpAuth()
    {
    }

    /// <summary>The keys of a vault that say it.</summary>
    internal static IEnumerable<Key> Keys => [Way, Role, MountOfAuth];

    /// <summary>What digests are made of.</summary>
    public abstract IEnumerable<string?> Canonical { get; }

    /// <summary>Reads it; null where it is wrong, which is reported.</summary>
    internal static HashiCorpAuth? Read(MappingReader mapping, ProblemList problems)
    {
        var known = problems.Count;
        var (isKnown, way) = mapping.Word(Way, Ways);
        var (role, mount) = (Name(mapping, Role, problems), Name(mapping, MountOfAuth, problems));
        if (!isKnown)
            return null;
        if (way == "jwt" && !mapping.Has(Role))
            problems.Add(mapping.PlaceOf(Way), "\"auth: jwt\" logs in to a role, and none is named", $"Add \"{Role.Example}\".");
        if (way != "jwt" && mapping.Has(Role))
            problems.Add(mapping.PlaceOf(Role), $"\"auth: {way}\" takes no \"role\"", "Delete the line: the role id is a setting.");
        if (way == "token" && mapping.Has(MountOfAuth))
            problems.Add(mapping.PlaceOf(MountOfAuth), "\"auth: token\" doesn't log in, so it takes no \"auth-mount\"", "Delete the line.");
        return (problems.Count > known, way) switch
        {
            (true, _) => null,
            (_, "jwt") => new Jwt(mount ?? way, role!),
            (_, "approle") => new AppRole(mount ?? way),
            _ => new Token(),
        };
    }

    private static string? Name(MappingReader mapping, Key key, ProblemList problems)
    {
        if (mapping.Text(key) is not { } name)
            return null;
        if (name.Value.Split('/').All(part => part.Length > 0 && part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
            && part is not ("." or "..")))
            return name.Value;
        problems.Add(
            name.At, $"{Quoted.Of(name.Value)} is not what \"{key.Name}\" can be",
            $"Write letters, digits, hyphens, dots and underscores, such as \"{key.Example}\".");
        return null;
    }

    /// <summary>With the step's OIDC token; outside pipelines with the token of the environment.</summary>
    /// <param name="Mount">Where the JWT auth method is mounted, without <c>auth/</c>.</param>
    /// <param name="RoleName">The role there.</param>
    public sealed record Jwt(string Mount, string RoleName) : HashiCorpAuth
    {
        /// <inheritdoc />
        public override IEnumerable<string?> Canonical => ["jwt", Mount, RoleName];
    }

    /// <summary>With a role id and a secret id from the settings.</summary>
    /// <param name="Mount">Where the AppRole auth method is mounted, without <c>auth/</c>.</param>
    public sealed record AppRole(string Mount) : HashiCorpAuth
    {
        /// <inheritdoc />
        public override IEnumerable<string?> Canonical => ["approle", Mount];
    }

    /// <summary>Not at all: with the token of the environment.</summary>
    public sealed record Token : HashiCorpAuth
    {
        /// <inheritdoc />
        public override IEnumerable<string?> Canonical => ["token"];
    }
}
