using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Sandbox.Azure;

/// <summary>How a Key Vault words its answers.</summary>
internal static class KeyVaultAnswer
{
    private const string JsonType = "application/json; charset=utf-8";
    private const string RecoveryLevel = "Recoverable+Purgeable";
    private const int RecoverableDays = 90;

    /// <summary>An error, with an inner code where the real service gives one.</summary>
    public static SandboxAnswer Error(int status, string code, string message, string? inner = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (inner is not null)
            error["innererror"] = new JsonObject { ["code"] = inner };
        return Json(status, new JsonObject { ["error"] = error });
    }

    /// <summary>There is no such secret or version.</summary>
    public static SandboxAnswer Missing(KeyVaultRoute route) =>
        Error(
            404,
            "SecretNotFound",
            $"A secret with (name/id) {(route.Version.Length == 0 ? route.Name : $"{route.Name}/{route.Version}")} was not found in "
            + "this key vault. "
            + "If you recently deleted this secret you may be able to recover it using the correct recovery command.");

    /// <summary>One version, whole.</summary>
    public static SandboxAnswer Bundle(Uri host, string name, AzureSecretState secret, AzureVersionState version, bool withValue)
    {
        var bundle = Item(host, name, secret, version, withVersion: true);
        if (withValue)
            bundle.Insert(0, "value", version.Value);
        return Json(200, bundle);
    }

    /// <summary>A secret that was deleted and can be recovered.</summary>
    public static SandboxAnswer Deleted(Uri host, string name, AzureSecretState secret)
    {
        var bundle = Item(host, name, secret, secret.Versions[^1], withVersion: true);
        bundle["recoveryId"] = new Uri(host, $"deletedsecrets/{name}").ToString();
        bundle["deletedDate"] = secret.DeletedDate!.Value.ToUnixTimeSeconds();
        bundle["scheduledPurgeDate"] = secret.DeletedDate.Value.AddDays(RecoverableDays).ToUnixTimeSeconds();
        return Json(200, bundle);
    }

    /// <summary>One entry of a list.</summary>
    public static JsonObject Item(Uri host, string name, AzureSecretState secret, AzureVersionState version, bool withVersion)
    {
        var attributes = new JsonObject
        {
            ["enabled"] = version.Enabled,
            ["created"] = version.Created.ToUnixTimeSeconds(),
            ["updated"] = version.Updated.ToUnixTimeSeconds(),
            ["recoveryLevel"] = RecoveryLevel,
            ["recoverableDays"] = RecoverableDays,
        };
        attributes.AddKnown("nbf", version.NotBefore?.ToUnixTimeSeconds());
        attributes.AddKnown("exp", version.Expires?.ToUnixTimeSeconds());
        var item = new JsonObject
        {
            ["id"] = new Uri(host, withVersion ? $"secrets/{name}/{version.Id}" : $"secrets/{name}").ToString(),
            ["attributes"] = attributes,
            ["tags"] = new JsonObject(version.Tags.Select(tag => KeyValuePair.Create<string, JsonNode?>(tag.Key, tag.Value))),
        };
        item.AddKnown("contentType", version.ContentType);
        if (secret.Managed)
            item["managed"] = true;
        return item;
    }

    /// <summary>One page of a list.</summary>
    public static SandboxAnswer Page(IEnumerable<JsonObject> items, Uri? next) =>
        Json(200, new JsonObject { ["value"] = new JsonArray([.. items]), ["nextLink"] = next?.AbsoluteUri });

    private static SandboxAnswer Json(int status, JsonObject body) => SandboxAnswer.Json(status, body, JsonType);
}
