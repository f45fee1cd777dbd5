using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using NodaTime.Text;
using SecretRotator.Inventory;
using SecretRotator.Vaults;

namespace SecretRotator.Planning;

/// <summary>Writes what digests are made of: one form for each meaning, whatever the order and the notation that it was read in.</summary>
internal static class CanonicalInventory
{
    private const int EnoughForAHash = 16 * 1024;

    /// <summary>The SHA-256 of what <paramref name="write"/> writes: 64 hexadecimal digits.</summary>
    public static string Digest(Action<Utf8JsonWriter> write)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        using (var json = new Utf8JsonWriter(stream))
            write(json);
        return Convert.ToHexStringLower(hash.Hash!);
    }

    /// <summary>Lets what was written go into the digest, so that memory doesn't grow with what a digest is made of.</summary>
    public static void FlushIfLarge(Utf8JsonWriter json)
    {
        if (json.BytesPending >= EnoughForAHash)
            json.Flush();
    }

    /// <summary>The inventory as far as it concerns <paramref name="secrets"/>.</summary>
    public static void Write(Utf8JsonWriter json, RotationInventory inventory, IEnumerable<ManagedSecret> secrets)
    {
        var sorted = secrets.OrderBy(s => s.Name, StringComparer.Ordinal).ToList();
        json.WriteStartObject();
        json.WriteString("workspace", inventory.Workspace);
        json.WritePropertyName("home");
        WriteScope(json, inventory.Home);
        json.WriteStartArray("vaults");
        foreach (var name in sorted.Select(s => s.Vault).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            WriteVault(json, inventory.Vaults[name]);
        json.WriteEndArray();
        WriteLimits(json, inventory.Limits);
        WriteFreezes(json, inventory.Freezes);
        if (inventory.Attestation is { } attestation && sorted.Any(s => s.Targets.Any(t => t.Verify == VerificationLevel.Attested)))
            WriteAttestation(json, attestation);
        // The share of the inventory that may rotate depends on how many secrets there are, covered or not.
        json.WriteNumber("of", inventory.Secrets.Length);
        json.WriteStartArray("secrets");
        foreach (var secret in sorted)
        {
            WriteSecret(json, secret);
            FlushIfLarge(json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>One secret's entry with its vault, without anything that holds for all.</summary>
    public static void WriteAlone(Utf8JsonWriter json, RotationInventory inventory, ManagedSecret secret)
    {
        json.WriteStartArray();
        WriteVault(json, inventory.Vaults[secret.Vault]);
        WriteSecret(json, secret);
        json.WriteEndArray();
    }

    /// <summary>A scope as Bitbucket compares it: environments without regard to case.</summary>
    public static void WriteScope(Utf8JsonWriter json, VariableScope scope)
    {
        json.WriteStartArray();
        json.WriteStringValue(scope.WorkspaceSlug);
        switch (scope)
        {
            case VariableScope.Workspace:
                break;
            case VariableScope.Repository repository:
                json.WriteStringValue(repository.Slug);
                break;
            case VariableScope.Environment environment:
                json.WriteStringValue(environment.Slug);
                json.WriteStringValue(environment.Name.ToUpperInvariant());
                break;
            default:
                throw new InvalidOperationException("A new kind of scope needs a canonical form.");
        }

        json.WriteEndArray();
    }

    /// <summary>A target's encoding, only where it has one, so that digests from before there were any still hold.</summary>
    public static void WriteEncoding(Utf8JsonWriter json, VariableTarget target)
    {
        switch (target.Encoding)
        {
            case TargetEncoding.None:
                break;
            case TargetEncoding.Base64:
                json.WriteStringValue("base64");
                break;
            default:
                throw new InvalidOperationException("A new encoding needs a canonical form.");
        }
    }

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

    private static void WriteVault(Utf8JsonWriter json, VaultDefinition vault)
    {
        json.WriteStartArray();
        json.WriteStringValue(vault.Name);
        foreach (var part in vault.Canonical)
            json.WriteStringValue(part);
        json.WriteEndArray();
    }

    private static void WriteLimits(Utf8JsonWriter json, RunLimits limits)
    {
        json.WriteStartArray("limits");
        json.WriteNumberValue(limits.RotationsPerRun);
        json.WriteStringValue(limits.ShareOfInventory.ToString("G29", CultureInfo.InvariantCulture));
        json.WriteNumberValue(limits.FailuresBeforeStop);
        json.WriteNumberValue(limits.BitbucketCallsPerHour);
        json.WriteStringValue(DurationPattern.Roundtrip.Format(limits.MinimumInterval));
        json.WriteStringValue(DurationPattern.Roundtrip.Format(limits.ClaimLimit));
        json.WriteEndArray();
    }

    private static void WriteAttestation(Utf8JsonWriter json, AttestationPolicy attestation)
    {
        json.WriteStartArray("attestation");
        json.WriteStringValue(attestation.Pipeline);
        json.WriteStringValue(attestation.Branch);
        json.WriteStringValue(DurationPattern.Roundtrip.Format(attestation.Limit));
        WriteScope(json, attestation.Repository);
        json.WriteEndArray();
    }

    private static void WriteFreezes(Utf8JsonWriter json, IEnumerable<Freeze> freezes)
    {
        json.WriteStartArray("freezes");
        foreach (var freeze in freezes
            .OrderBy(f => f.From)
            .ThenBy(f => f.To)
            .ThenBy(f => f.Zone.Id, StringComparer.Ordinal)
            .ThenBy(f => f.Reason, StringComparer.Ordinal))
        {
            json.WriteStartArray();
            json.WriteStringValue(LocalDateTimePattern.ExtendedIso.Format(freeze.From));
            json.WriteStringValue(LocalDateTimePattern.ExtendedIso.Format(freeze.To));
            json.WriteStringValue(freeze.Zone.Id);
            json.WriteStringValue(freeze.Reason);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteSecret(Utf8JsonWriter json, ManagedSecret secret)
    {
        json.WriteStartObject();
        json.WriteString("name", secret.Name);
        json.WriteString("vault", secret.Vault);
        json.WriteString("path", secret.Path);
        json.WriteString("owner", secret.Owner);
        json.WriteString("every", PeriodPattern.Roundtrip.Format(secret.RotateEvery.Normalize()));
        json.WritePropertyName("value");
        CanonicalValue.Write(json, secret.Value);
        WriteWindow(json, secret.Window);
        WriteJobsInFlight(json, secret);
        WriteHold(json, secret.Hold);
        json.WriteStartArray("targets");
        foreach (var target in Sorted(secret.Targets))
        {
            json.WriteStartArray();
            WriteScope(json, target.Scope);
            json.WriteStringValue(target.Variable);
            json.WriteStringValue(target.Field);
            json.WriteBooleanValue(target.MayCreate);
            if (target.Verify == VerificationLevel.Attested)
                json.WriteStringValue("attested");
            WriteEncoding(json, target);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Only where they are asked for, so that digests from before they could be asked for still hold.
    private static void WriteJobsInFlight(Utf8JsonWriter json, ManagedSecret secret)
    {
        if (secret.Wait is { } wait)
            json.WriteString("wait", DurationPattern.Roundtrip.Format(wait.Limit));
        if (secret.Grace is { } grace)
        {
            json.WriteStartArray("grace");
            json.WriteStringValue(grace switch
            {
                GracePolicy.Lasting => "lasting",
                GracePolicy.UntilPipelinesFinish => "pipelines",
                _ => throw new InvalidOperationException("A new kind of grace needs a canonical form."),
            });
            json.WriteStringValue(DurationPattern.Roundtrip.Format(grace.Longest));
            json.WriteEndArray();
        }
    }

    private static void WriteHold(Utf8JsonWriter json, HoldPolicy? hold)
    {
        if (hold is null)
            return;
        json.WriteStartArray("hold");
        json.WriteStringValue(InstantPattern.ExtendedIso.Format(hold.Until));
        json.WriteStringValue(hold.Reason);
        json.WriteEndArray();
    }

    private static void WriteWindow(Utf8JsonWriter json, RotationWindow? window)
    {
        json.WriteStartArray("window");
        if (window is not null)
        {
            foreach (var day in window.Days.Order())
                json.WriteNumberValue((int)day);
            json.WriteStringValue(LocalTimePattern.ExtendedIso.Format(window.From));
            json.WriteStringValue(LocalTimePattern.ExtendedIso.Format(window.To));
            json.WriteStringValue(window.Zone.Id);
        }

        json.WriteEndArray();
    }
}
