using SecretRotator.Configuration;

namespace SecretRotator.Providers.HashiCorp.Identity;

/// <summary>What <c>rotation.yaml</c> may say of the way to log in to a vault.</summary>
internal static class HashiCorpAuthGrammar
{
    private static readonly Key Way = new("auth", "auth: jwt", Required: true);
    private static readonly Key Role = new("role", "role: secret-rotator");
    private static readonly Key Mount = new("auth-mount", "auth-mount: jwt");

    private static readonly WordTable<string> Ways = new("a way to log in", ("jwt", "jwt"), ("approle", "approle"), ("token", "token"));

    /// <summary>The keys of a vault that say it.</summary>
    public static IEnumerable<Key> Keys => [Way, Role, Mount];

    /// <summary>Reads it; null where it is wrong, which is reported.</summary>
    public static HashiCorpAuth? Read(MappingReader mapping, ProblemList problems)
    {
        var known = problems.Count;
        var (isKnown, way) = mapping.Word(Way, Ways);
        var (role, mount) = (Name(mapping, Role), Name(mapping, Mount));
        if (!isKnown)
            return null;
        if (way == "jwt" && !mapping.Has(Role))
            problems.Add(mapping.PlaceOf(Way), "\"auth: jwt\" logs in to a role, and none is named", $"Add \"{Role.Example}\".");
        if (way != "jwt" && mapping.Has(Role))
            problems.Add(mapping.PlaceOf(Role), $"\"auth: {way}\" takes no \"role\"", "Delete the line: a role id is a setting.");
        if (way == "token" && mapping.Has(Mount))
            problems.Add(mapping.PlaceOf(Mount), "\"auth: token\" doesn't log in, so it takes no \"auth-mount\"", "Delete the line.");
        return (problems.Count > known, way) switch
        {
            (true, _) => null,
            (_, "jwt") => new HashiCorpAuth.Jwt(mount ?? way, role!),
            (_, "approle") => new HashiCorpAuth.AppRole(mount ?? way),
            _ => new HashiCorpAuth.Token(),
        };
    }

    private static string? Name(MappingReader mapping, Key key) => mapping.Checked(
        key, text => HashiCorpGrammar.IsPath(text) && !text.AsSpan().ContainsAny("@+=~"), $"is not what \"{key.Name}\" can be",
        $"Write letters, digits and any of -_. between slashes, such as \"{key.Example}\".");
}
