using System.Text.RegularExpressions;
using SecretRotator.Configuration;
using SecretRotator.Providers.HashiCorp.Identity;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>What <c>rotation.yaml</c> may say of a KV engine in HashiCorp Vault or OpenBao and of its secrets.</summary>
internal static partial class HashiCorpGrammar
{
    private const string DefaultMount = "secret";

    private static readonly Key Address = new("address", "address: https://vault.acme.example:8200", Required: true);
    private static readonly Key Mount = new("mount", "mount: secret");
    private static readonly Key Namespace = new("namespace", "namespace: platform/ci");

    /// <summary>The keys of a vault.</summary>
    public static KeyTable Keys { get; } = new(
        "a HashiCorp vault", HashiCorpVaultDefinition.KindWord,
        [Grammar.VaultKindKey, Address, Mount, Namespace, .. HashiCorpAuthGrammar.Keys]);

    /// <summary>Reads a vault.</summary>
    public static HashiCorpVaultDefinition? Read(string name, MappingReader mapping, ProblemList problems)
    {
        var known = problems.Count;
        var address = mapping.Checked(
            Address, IsAddress, "is not the address of a server of HashiCorp Vault",
            "Write https://HOST or https://HOST:PORT and nothing more; http is allowed on loopback only.");
        var mount = ReadPath(mapping, Mount);
        var @namespace = ReadPath(mapping, Namespace);
        var auth = HashiCorpAuthGrammar.Read(mapping, problems);
        return address is null || auth is null || problems.Count > known
            ? null
            : new HashiCorpVaultDefinition(name, new Uri(address), mount ?? DefaultMount, @namespace, auth);
    }

    /// <summary>Reports a path that can't be a secret's.</summary>
    public static void CheckPath(PlacedText path, ProblemList problems)
    {
        if (!IsPath(path.Value) || path.Value.Length > 400)
            problems.Add(
                path.At,
                $"{Quoted.Of(path.Value)} can't be the path of a secret in HashiCorp Vault",
                "Write it as `vault kv get -mount=MOUNT` takes it, without the mount and without data/: letters, digits and any of "
                    + "-_.@+=~ between slashes, at most 400.");
    }

    /// <summary>Whether a text can be a path: no part is empty or means another folder.</summary>
    public static bool IsPath(string text) => PathText().IsMatch(text) && text.Split('/').All(part => part is not ("." or ".."));

    private static bool IsAddress(string text) => AddressText().IsMatch(text) && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || SettingsValues.IsLoopback(uri));

    private static string? ReadPath(MappingReader mapping, Key key) => mapping.Checked(
        key, IsPath, $"is not what \"{key.Name}\" can be",
        $"Write letters, digits and any of -_.@+=~ between slashes, such as \"{key.Example}\".");

    [GeneratedRegex(
        @"^https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?/?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex AddressText();

    // What no URL escapes and no server rewrites.
    [GeneratedRegex(
        @"^[A-Za-z0-9_.@+=~-]+(/[A-Za-z0-9_.@+=~-]+)*\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex PathText();
}
