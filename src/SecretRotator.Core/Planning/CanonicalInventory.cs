using NodaTime.Text;

namespace SecretRotator.Planning;

/// <summary>The inventory's <see cref="CanonicalForm"/>, and that of its parts.</summary>
internal static class CanonicalInventory
{
    /// <summary>The inventory as far as it concerns <paramref name="secrets"/>.</summary>
    public static IEnumerable<(string, object?)> Of(RotationInventory inventory, IEnumerable<ManagedSecret> secrets)
    {
        var sorted = secrets.OrderBy(s => s.Name, StringComparer.Ordinal).ToList();
        yield return ("workspace", inventory.Workspace);
        yield return ("home", Scope(inventory.Home));
        yield return ("vaults", sorted
            .Select(s => s.Vault)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(name => Vault(inventory.Vaults[name])));
        yield return ("limits", Limits(inventory.Limits));
        yield return ("freezes", inventory.Freezes
            .OrderBy(f => f.From)
            .ThenBy(f => f.To)
            .ThenBy(f => f.Zone.Id, StringComparer.Ordinal)
            .ThenBy(f => f.Reason, StringComparer.Ordinal)
            .Select(f => new[] { Text(f.From), Text(f.To), f.Zone.Id, f.Reason }));
        if (inventory.Attestation is { } proof && sorted.Any(s => s.Targets.Any(t => t.Verify == VerificationLevel.Attested)))
            yield return ("attestation", new object[] { proof.Pipeline, proof.Branch, Text(proof.Limit), Scope(proof.Repository) });
        // The share of the inventory that may rotate depends on how many secrets there are, covered or not.
        yield return ("of", inventory.Secrets.Length);
        yield return ("secrets", sorted.Select(Secret));
    }

    /// <summary>One secret's entry with its vault, without anything that holds for all.</summary>
    public static object Alone(RotationInventory inventory, ManagedSecret secret) =>
        new object[] { Vault(inventory.Vaults[secret.Vault]), Secret(secret) };

    /// <summary>A scope as Bitbucket compares it: environments without regard to case.</summary>
    public static object Scope(VariableScope scope) => scope switch
    {
        VariableScope.Workspace => new[] { scope.WorkspaceSlug },
        VariableScope.Repository repository => new[] { scope.WorkspaceSlug, repository.Slug },
        VariableScope.Environment environment => new[] { scope.WorkspaceSlug, environment.Slug, environment.Name.ToUpperInvariant() },
        // No environment's name is empty.
        VariableScope.SshKeyPair pair => new[] { scope.WorkspaceSlug, pair.Slug, "", VariableScope.SshKeyPair.Key },
        _ => throw new InvalidOperationException("A new kind of scope needs a canonical form."),
    };

    /// <summary>A target's encoding, only where it has one, so that digests from before there were any still hold.</summary>
    public static object?[] Encoding(VariableTarget target) => target.Encoding switch
    {
        TargetEncoding.None => [],
        TargetEncoding.Base64 => ["base64"],
        _ => throw new InvalidOperationException("A new encoding needs a canonical form."),
    };

    /// <summary>The targets in an order that depends on what they are alone.</summary>
    public static ImmutableArray<VariableTarget> Sorted(ImmutableArray<VariableTarget> targets) => targets.Sort((one, other) =>
        string.CompareOrdinal(one.Scope.GetType().Name, other.Scope.GetType().Name) is not 0 and var kind ? kind
        : string.CompareOrdinal(one.Scope.WorkspaceSlug, other.Scope.WorkspaceSlug) is not 0 and var slug ? slug
        : string.Compare(one.Scope.ToString(), other.Scope.ToString(), StringComparison.OrdinalIgnoreCase) is not 0 and var scope ? scope
        : string.Compare(one.Variable, other.Variable, StringComparison.OrdinalIgnoreCase) is not 0 and var key ? key
        : string.CompareOrdinal(one.Field, other.Field) is not 0 and var field ? field
        : one.MayCreate.CompareTo(other.MayCreate) is not 0 and var create ? create
        : one.Encoding.CompareTo(other.Encoding) is not 0 and var encoding ? encoding
        : one.Verify.CompareTo(other.Verify));

    private static object?[] Vault(VaultDefinition vault) => [vault.Name, .. vault.Canonical];

    private static object[] Limits(RunLimits limits) =>
    [
        limits.RotationsPerRun,
        limits.ShareOfInventory.ToString("G29", CultureInfo.InvariantCulture),
        limits.FailuresBeforeStop,
        limits.BitbucketCallsPerHour,
        Text(limits.MinimumInterval),
        Text(limits.ClaimLimit),
    ];

    // What was added to the inventory's grammar later is there only where it is asked for, so that older digests still hold.
    private static IEnumerable<(string, object?)> Secret(ManagedSecret secret)
    {
        yield return ("name", secret.Name);
        yield return ("vault", secret.Vault);
        yield return ("path", secret.Path);
        yield return ("owner", secret.Owner);
        yield return ("every", PeriodPattern.Roundtrip.Format(secret.RotateEvery.Normalize()));
        yield return ("value", Value(secret.Value));
        yield return ("window", Window(secret.Window));
        if (secret.Wait is { } wait)
            yield return ("wait", Text(wait.Limit));
        if (secret.Grace is { } grace)
            yield return ("grace", new[] { Kind(grace), Text(grace.Longest) });
        if (secret.Hold is { } hold)
            yield return ("hold", new[] { InstantPattern.ExtendedIso.Format(hold.Until), hold.Reason });
        if (secret.Backend is { } backend)
            yield return ("backend", new object[] { backend.Kind, backend.Canonical, Text(backend.DeleteAfter) });
        if (secret.Consumer is { } consumer)
            yield return ("consumer", consumer == ValueConsumer.ByHand ? "by-hand" : "reads-from-vault");
        yield return ("targets", Sorted(secret.Targets).Select(Target));
    }

    private static object?[] Value(ValuePolicy policy) => policy switch
    {
        ValuePolicy.Plain plain => ["plain", Value(plain.Generator)],
        ValuePolicy.Json json =>
            ["json", .. json.Fields.OrderBy(f => f.Field, StringComparer.Ordinal).SelectMany(f => (object[])[f.Field, Value(f.Generator)])],
        ValuePolicy.VaultManaged => ["vault-managed"],
        ValuePolicy.Issued => ["issued"],
        ValuePolicy.External external =>
            [
                "external",
                external.Instructions,
                external.EndsAt is { } end ? InstantPattern.ExtendedIso.Format(end) : null,
                DurationPattern.Roundtrip.Format(external.Notice),
            ],
        _ => throw new InvalidOperationException("A new kind of value needs a canonical form."),
    };

    private static object?[] Value(ValueGenerator generator) =>
    [
        .. generator switch
        {
            ValueGenerator.Password password => new object?[]
            {
                "password",
                password.Length,
                string.Join(' ', password.Classes.Distinct().Order()),
                string.Concat(password.Exclude.Distinct().Order()),
            },
            ValueGenerator.Hex hex => ["hex", hex.Bytes],
            ValueGenerator.Base64 base64 => ["base64", base64.Bytes],
            ValueGenerator.Base64Url base64 => ["base64url", base64.Bytes],
            ValueGenerator.Uuid => ["uuid"],
            ValueGenerator.SshKey key =>
                ["ssh-key", key.Algorithm.ToString(), key.Algorithm == SshKeyAlgorithm.Rsa ? key.RsaBits : 0, key.PublicField, key.Comment],
            _ => throw new InvalidOperationException("A new kind of generator needs a canonical form."),
        },
        generator.WeakBecause,
    ];

    private static object?[] Target(VariableTarget target) =>
    [
        Scope(target.Scope),
        target.Variable,
        target.Field,
        target.MayCreate,
        .. target.Verify == VerificationLevel.Attested ? new object?[] { "attested" } : [],
        .. Encoding(target),
    ];

    private static string Kind(GracePolicy grace) => grace switch
    {
        GracePolicy.Lasting => "lasting",
        GracePolicy.UntilPipelinesFinish => "pipelines",
        _ => throw new InvalidOperationException("A new kind of grace needs a canonical form."),
    };

    private static object?[] Window(RotationWindow? window) => window is null ? [] :
    [
        .. window.Days.Order().Select(day => (object)(int)day),
        LocalTimePattern.ExtendedIso.Format(window.From),
        LocalTimePattern.ExtendedIso.Format(window.To),
        window.Zone.Id,
    ];

    private static string Text(Duration duration) => DurationPattern.Roundtrip.Format(duration);

    private static string Text(LocalDateTime time) => LocalDateTimePattern.ExtendedIso.Format(time);
}
