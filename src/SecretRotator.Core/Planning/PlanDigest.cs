using System.Collections.Immutable;
using System.Text.Json;
using SecretRotator.Bitbucket;
using SecretRotator.Inventory;
using SecretRotator.Vaults;

namespace SecretRotator.Planning;

/// <summary>Binds a plan to what it rests on, so that a saved plan can't be carried out in a world that has changed.</summary>
internal static class PlanDigest
{
    private const int ShortDigest = 12;

    /// <summary>
    /// 64 hexadecimal digits (SHA-256) over the inventory as far as it concerns the plan's secrets, what was seen of
    /// them and of the variables that matter to them, what was asked for, and what was decided.
    /// </summary>
    /// <remarks>
    /// Not in it: the time and the pipelines that run, but for what they decided; variables with other keys; why something could not be seen; and
    /// who asked, so that a plan which one person reviewed may be carried out by a pipeline.
    /// </remarks>
    public static string Of(
        RotationInventory inventory, Observation observation, HidingVariables hiding, PlanRequest request, ImmutableArray<PlanItem> items)
    {
        var sorted = items.OrderBy(i => i.Secret.Name, StringComparer.Ordinal).ToList();
        return CanonicalInventory.Digest(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("inventory");
            CanonicalInventory.Write(json, inventory, sorted.Select(i => i.Secret));
            WriteRequest(json, request, [.. sorted.Select(i => i.Secret.Name)]);
            json.WriteStartArray("items");
            foreach (var item in sorted)
            {
                WriteItem(json, item, observation, hiding);
                CanonicalInventory.FlushIfLarge(json);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>The same, part by part.</summary>
    public static PlanParts Parts(
        RotationInventory inventory, Observation observation, HidingVariables hiding, PlanRequest request, ImmutableArray<PlanItem> items)
    {
        var parts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        parts["request"] = Short(json =>
        {
            json.WriteStartObject();
            WriteRequest(json, request, [.. items.Select(i => i.Secret.Name)]);
            json.WriteEndObject();
        });
        parts["settings"] = Short(json => CanonicalInventory.Write(json, inventory, []));
        foreach (var item in items)
        {
            var name = item.Secret.Name;
            parts[$"{name}: {PlanParts.Decision}"] = Evidence.WireNames.Of(item.Decision);
            parts[$"{name}: entry"] = Short(json => CanonicalInventory.WriteAlone(json, inventory, item.Secret));
            parts[$"{name}: vault"] = Short(json =>
            {
                json.WriteStartObject();
                if (observation.Secrets.GetValueOrDefault(name) is SecretObservation.Described described)
                    WriteDescription(json, described);
                json.WriteEndObject();
            });
            parts[$"{name}: variables"] = Short(json =>
            {
                json.WriteStartArray();
                foreach (var target in CanonicalInventory.Sorted(item.Secret.Targets))
                    WriteTarget(json, target, item.Secret, observation, hiding);
                json.WriteEndArray();
            });
        }

        return new PlanParts(parts.ToImmutable());
    }

    private static string Short(Action<Utf8JsonWriter> write) => CanonicalInventory.Digest(write)[..ShortDigest];

    private static void WriteRequest(Utf8JsonWriter json, PlanRequest request, HashSet<string> covered)
    {
        var forced = request.Force.Where(covered.Contains).Order(StringComparer.Ordinal).ToList();
        json.WriteBoolean("adopt", request.Adopt);
        WriteNames(json, "force", forced);
        json.WriteString("reason", forced.Count > 0 ? request.ForceReason : "");
        WriteNames(json, "takeOver", request.TakeOver.Where(covered.Contains).Order(StringComparer.Ordinal));
    }

    private static void WriteNames(Utf8JsonWriter json, string property, IEnumerable<string> names)
    {
        json.WriteStartArray(property);
        foreach (var name in names)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }

    private static void WriteItem(Utf8JsonWriter json, PlanItem item, Observation observation, HidingVariables hiding)
    {
        json.WriteStartObject();
        json.WriteString("name", item.Secret.Name);
        json.WriteString("decision", item.Decision.GetType().Name);
        if (observation.Secrets.GetValueOrDefault(item.Secret.Name) is SecretObservation.Described described)
            WriteDescription(json, described);
        json.WriteStartArray("targets");
        foreach (var target in CanonicalInventory.Sorted(item.Secret.Targets))
            WriteTarget(json, target, item.Secret, observation, hiding);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDescription(Utf8JsonWriter json, SecretObservation.Described described)
    {
        var description = described.Description;
        json.WriteString("current", description.Current.Value);
        json.WriteString("currentRotation", description.CurrentRotation?.Value);
        json.WriteString("delivered", description.Delivered?.Format());
        if (description.Grace is { } grace)
            json.WriteString("grace", grace.Format());
        if (description.Delivering is { } delivering)
            json.WriteString("delivering", delivering.Format());
        if (description.Hold is { } hold)
            json.WriteString("hold", hold.Format());
        if (description.Open is { } open)
        {
            json.WriteStartArray("open");
            json.WriteStringValue(open.Id.Value);
            json.WriteStringValue(open.Base.Value);
            json.WriteStringValue(open.Holder.Format());
            json.WriteStringValue(MarkText.Format(open.StartedAt));
            json.WriteBooleanValue(open.Staged);
            json.WriteStringValue(open.Handle);
            json.WriteStringValue(described.HolderState.ToString());
            json.WriteEndArray();
        }

        json.WriteString("foreign", description.Foreign switch
        {
            ForeignRotation.None => "none",
            ForeignRotation.ByVault => "vault",
            ForeignRotation.ByService by => "service " + by.Service,
            ForeignRotation.Pending pending => "pending " + pending.Version,
            _ => throw new InvalidOperationException("A new kind of foreign rotation needs a canonical form."),
        });
    }

    private static void WriteTarget(Utf8JsonWriter json, VariableTarget target, ManagedSecret secret, Observation observation, HidingVariables hiding)
    {
        json.WriteStartArray();
        CanonicalInventory.WriteScope(json, target.Scope);
        json.WriteStringValue(target.Variable.ToUpperInvariant());
        if (observation.Scopes.GetValueOrDefault(target.Scope) is ScopeObservation.Listed listed)
            WriteVariables(json, listed.FindAll(target.Variable));
        else
            json.WriteNullValue();
        json.WriteStartArray();
        foreach (var scope in PlanWarnings.ScopesThatHide(target, secret, hiding))
            CanonicalInventory.WriteScope(json, scope);
        json.WriteEndArray();
        json.WriteEndArray();
    }

    private static void WriteVariables(Utf8JsonWriter json, ImmutableArray<ObservedVariable> variables)
    {
        json.WriteStartArray();
        foreach (var variable in variables.Sort((one, other) =>
            string.CompareOrdinal(one.Uuid, other.Uuid) is not 0 and var uuid ? uuid : string.CompareOrdinal(one.Key, other.Key)))
        {
            json.WriteStringValue(variable.Uuid);
            json.WriteStringValue(variable.Key);
            json.WriteBooleanValue(variable.Secured);
        }

        json.WriteEndArray();
    }
}
