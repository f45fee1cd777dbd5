using SecretRotator.Reliability.World.Vaults;

namespace SecretRotator.Reliability.Processes;

/// <summary>What vaults and Bitbucket hold at one moment, read from the sandbox's state page without the product's own eyes.</summary>
/// <param name="Secrets">Each secret of the inventory, in its order.</param>
/// <param name="Claims">The claims that are in the home repository or in vaults, beside versions.</param>
/// <param name="Everything">All of it as text, to compare two moments; without clock and counters.</param>
internal sealed record Picture(ImmutableArray<SecretPicture> Secrets, ImmutableArray<string> Claims, string Everything)
{
    /// <summary>Reads a state page.</summary>
    public static Picture Of(JsonElement state, RotationInventory inventory)
    {
        var variables = state.GetProperty("variables").EnumerateArray().ToList();
        return new(
            [.. inventory.Secrets.Select(secret => Of(state, secret, variables))],
            [.. ClaimsIn(state, inventory)],
            string.Concat(VaultWorlds.All.Select(world => world.Service).Append("variables").Select(part => state.GetProperty(part))));
    }

    /// <summary>The claims that a state page shows beside versions, in the home repository or in a vault.</summary>
    public static IReadOnlyList<string> ClaimsIn(JsonElement state, RotationInventory inventory) =>
    [
        .. state.GetProperty("variables").EnumerateArray().Select(v => Text(v, "key")!)
            .Where(key => key.StartsWith("SECRET_ROTATOR_CLAIM_", StringComparison.Ordinal)),
        .. inventory.Secrets.Select(s => (World: VaultWorlds.Of(inventory.Vaults[s.Vault]), Secret: s))
            .Select(each => each.World.ClaimIn(state.GetProperty(each.World.Service), each.Secret)).OfType<string>(),
    ];

    private static SecretPicture Of(JsonElement state, ManagedSecret secret, List<JsonElement> variables)
    {
        var world = VaultWorlds.Of(secret);
        var versions = world.VersionsIn(state.GetProperty(world.Service), secret);
        return new(
            secret.Name, world.ContendersLeaveMarks, versions, [.. secret.Targets.Select(target => Of(target, variables, versions))])
        {
            Credentials = CredentialsPicture.Of(state, secret),
        };
    }

    private static TargetPicture Of(VariableTarget target, List<JsonElement> variables, ImmutableArray<VersionPicture> versions)
    {
        var (repository, environment) = target.Scope switch
        {
            VariableScope.Environment e => (e.Slug, e.Name),
            VariableScope.Repository r => (r.Slug, (string?)null),
            _ => (null, null),
        };
        var found = variables.FindAll(
            v => Text(v, "repository") == repository && Text(v, "environment") == environment && Text(v, "key") == target.Variable);
        return new(
            target.ToString(), target.MayCreate, found.Count, found.Count == 0 ? null : Text(found[0], "value"),
            found.TrueForAll(v => v.GetProperty("secured").GetBoolean()), [.. versions.Select(v => Part(v.Content, target))]);
    }

    /// <summary>What a target carries of a content; null where there is none.</summary>
    private static string? Part(string content, VariableTarget target)
    {
        var part = Part(content, target.Field);
        return part is not null && target.Encoding == TargetEncoding.Base64 ? Convert.ToBase64String(Encoding.UTF8.GetBytes(part)) : part;
    }

    private static string? Part(string content, string? field)
    {
        if (field is null)
            return content;
        if (!content.StartsWith('{'))
            return null;
        using var json = JsonDocument.Parse(content);
        return json.RootElement.TryGetProperty(field, out var part) ? part.GetString() : null;
    }

    /// <summary>A member's text, or null where there is none.</summary>
    public static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}

/// <summary>One secret at one moment.</summary>
/// <param name="Name">Its name in the inventory.</param>
/// <param name="MayBeMarked">Whether a contender that died may leave marks that hold nothing.</param>
/// <param name="Versions">All versions that its vault has, those of the companion last.</param>
/// <param name="Targets">Its targets.</param>
internal sealed record SecretPicture(
    string Name, bool MayBeMarked, ImmutableArray<VersionPicture> Versions, ImmutableArray<TargetPicture> Targets)
{
    /// <summary>What its backend accepts, or null where it has none.</summary>
    public CredentialsPicture? Credentials { get; init; }

    /// <summary>The current version's place, or -1.</summary>
    public int Current => Versions.ToList().FindIndex(version => version.IsCurrent);

    /// <summary>The current version's id, or null.</summary>
    public string? CurrentId => Current < 0 ? null : Versions[Current].Id;

    /// <summary>What the current version holds.</summary>
    public string CurrentContent => Versions[Current].Content;

    /// <summary>The id of the version that was current before: null where there is none.</summary>
    public string? PreviousId => Versions.LastOrDefault(version => version.WasCurrent)?.Id;

    /// <summary>What its backend accepts and no version names that can be read.</summary>
    public IEnumerable<string> Orphans => Credentials is null
        ? []
        : Credentials.Kept.Keys.Except(Versions.Where(version => version.Readable).Select(version => Credentials.SlotOf(version.Content)));

    /// <summary>
    /// Versions that carry a mark and hold no claim: what a contender leaves that dies between its two calls.
    /// </summary>
    public ImmutableHashSet<string> LeftByContenders => MayBeMarked
        ? [.. Versions.Where(version => version is { Staged: true, HoldsClaim: false, IsCurrent: false }).Select(version => version.Id)]
        : [];

    /// <summary>Whether every target is there once, secured, and holds its part of the current version.</summary>
    public bool Agrees =>
        Current >= 0 && Targets.All(target => target is { Count: 1, Secured: true } && target.Value == target.Parts[Current]);

    /// <summary>Whether every target is as <see cref="Agrees"/> has it, or is still to be created.</summary>
    public bool AgreesOrNotMade => Current >= 0 && Targets.All(target =>
        target.Count == 0 ? target.MayBeCreated : target is { Count: 1, Secured: true } && target.Value == target.Parts[Current]);
}

/// <summary>A version in a vault.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">What it holds: worth nothing, and never shown.</param>
/// <param name="IsCurrent">Whether readers get it.</param>
/// <param name="Readable">Whether it can be read and isn't about to be pruned.</param>
/// <param name="Staged">Whether it carries a mark of a rotation that isn't finished.</param>
/// <param name="HoldsClaim">Whether the claim on the secret is on it, where its vault keeps claims on versions.</param>
/// <param name="WasCurrent">Whether it was current before the one that is.</param>
internal sealed record VersionPicture(
    string Id, string Content, bool IsCurrent, bool Readable, bool Staged, bool HoldsClaim, bool WasCurrent);

/// <summary>A target.</summary>
/// <param name="Name">For people.</param>
/// <param name="MayBeCreated">Whether a rotation may create it.</param>
/// <param name="Count">How many variables of that key there are.</param>
/// <param name="Value">What it holds, or null where it doesn't exist.</param>
/// <param name="Secured">Whether all of them are secured.</param>
/// <param name="Parts">What it would hold of each of the secret's versions, in their order.</param>
internal sealed record TargetPicture(string Name, bool MayBeCreated, int Count, string? Value, bool Secured, ImmutableArray<string?> Parts)
{
    /// <summary>Whether a version that can be read holds its value. Nothing that doesn't exist is lost.</summary>
    public bool CanBeRead(ImmutableArray<VersionPicture> versions) => Value is null || Holding(versions).Any();

    /// <summary>The versions that can be read and hold its value.</summary>
    public IEnumerable<VersionPicture> Holding(ImmutableArray<VersionPicture> versions) =>
        versions.Where((version, i) => version.Readable && Parts[i] == Value);
}
