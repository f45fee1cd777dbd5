using System.Text.Json;

namespace SecretRotator.Sandbox.Azure;

/// <summary>How a Key Vault words its answers.</summary>
internal static class KeyVaultAnswer
{
    private const string Json = "application/json; charset=utf-8";
    private const string RecoveryLevel = "Recoverable+Purgeable";
    private const int RecoverableDays = 90;

    /// <summary>An error, with an inner code where the real service gives one.</summary>
    public static SandboxAnswer Error(int status, string code, string message, string? inner = null) =>
        Write(status, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("error");
            json.WriteString("code", code);
            json.WriteString("message", message);
            if (inner is not null)
            {
                json.WriteStartObject("innererror");
                json.WriteString("code", inner);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        });

    /// <summary>There is no such secret or version.</summary>
    public static SandboxAnswer Missing(KeyVaultRoute route) =>
        Error(
            404,
            "SecretNotFound",
            $"A secret with (name/id) {(route.Version.Length == 0 ? route.Name : $"{route.Name}/{route.Version}")} was not found in this key vault. "
            + "If you recently deleted this secret you may be able to recover it using the correct recovery command.");

    /// <summary>One version, whole.</summary>
    public static SandboxAnswer Bundle(Uri host, string name, AzureSecretState secret, AzureVersionState version, bool withValue) =>
        Write(200, json =>
        {
            json.WriteStartObject();
            if (withValue)
                json.WriteString("value", version.Value);
            WriteProperties(json, host, name, secret, version, withVersion: true);
            json.WriteEndObject();
        });

    /// <summary>A secret that was deleted and can be recovered.</summary>
    public static SandboxAnswer Deleted(Uri host, string name, AzureSecretState secret) =>
        Write(200, json =>
        {
            json.WriteStartObject();
            json.WriteString("recoveryId", new Uri(host, $"deletedsecrets/{name}").ToString());
            json.WriteNumber("deletedDate", secret.DeletedDate!.Value.ToUnixTimeSeconds());
            json.WriteNumber("scheduledPurgeDate", secret.DeletedDate.Value.AddDays(RecoverableDays).ToUnixTimeSeconds());
            WriteProperties(json, host, name, secret, secret.Versions[^1], withVersion: true);
            json.WriteEndObject();
        });

    /// <summary>One entry of a list.</summary>
    public static Action<Utf8JsonWriter> Item(Uri host, string name, AzureSecretState secret, AzureVersionState version, bool withVersion) => json =>
    {
        json.WriteStartObject();
        WriteProperties(json, host, name, secret, version, withVersion);
        json.WriteEndObject();
    };

    /// <summary>One page of a list.</summary>
    public static SandboxAnswer Page(IEnumerable<Action<Utf8JsonWriter>> items, Uri? next) =>
        Write(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("value");
            foreach (var item in items)
                item(json);
            json.WriteEndArray();
            json.WriteString("nextLink", next?.AbsoluteUri);
            json.WriteEndObject();
        });

    private static void WriteProperties(Utf8JsonWriter json, Uri host, string name, AzureSecretState secret, AzureVersionState version, bool withVersion)
    {
        if (version.ContentType is not null)
            json.WriteString("contentType", version.ContentType);
        json.WriteString("id", new Uri(host, withVersion ? $"secrets/{name}/{version.Id}" : $"secrets/{name}").ToString());
        if (secret.Managed)
            json.WriteBoolean("managed", true);
        json.WriteStartObject("attributes");
        json.WriteBoolean("enabled", version.Enabled);
        if (version.NotBefore is { } notBefore)
            json.WriteNumber("nbf", notBefore.ToUnixTimeSeconds());
        if (version.Expires is { } expires)
            json.WriteNumber("exp", expires.ToUnixTimeSeconds());
        json.WriteNumber("created", version.Created.ToUnixTimeSeconds());
        json.WriteNumber("updated", version.Updated.ToUnixTimeSeconds());
        json.WriteString("recoveryLevel", RecoveryLevel);
        json.WriteNumber("recoverableDays", RecoverableDays);
        json.WriteEndObject();
        json.WriteStartObject("tags");
        foreach (var (key, value) in version.Tags)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static SandboxAnswer Write(int status, Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
            write(json);
        return new SandboxAnswer(status, Json, stream.ToArray());
    }
}
