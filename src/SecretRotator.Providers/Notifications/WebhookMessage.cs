using System.Security.Cryptography;
using SecretRotator.Notifications;

namespace SecretRotator.Providers.Notifications;

/// <summary>
/// The documented JSON, signed as Standard Webhooks describe it: HMAC-SHA256 over id, time and body
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
/// </summary>
internal static class WebhookMessage
{
    private const string KeyPrefix = "whsec_";

    // The specification asks for 24 to 64 bytes.
    private const int ShortestKey = 24;

    /// <summary>The body, and the headers that sign it.</summary>
    /// <param name="notification">The message.</param>
    /// <param name="receiver">Whose key it is.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="UsageException">It is no key of a webhook.</exception>
    public static (byte[] Json, ImmutableArray<(string Name, string Value)> Headers) Of(
        Notification notification, NotificationReceiver receiver, SecretValue key)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(
            new NotificationJson(notification), NotificationContext.Default.NotificationJson);
        var at = notification.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return (
            json,
            [
                ("webhook-id", notification.Id),
                ("webhook-timestamp", at),
                ("webhook-signature", $"v1,{Signature(key, receiver, [.. Encoding.UTF8.GetBytes($"{notification.Id}.{at}."), .. json])}"),
            ]);
    }

    private static string Signature(SecretValue key, NotificationReceiver receiver, byte[] signed)
    {
#pragma warning disable RS0030 // It signs.
        var text = key.RevealText().Trim();
#pragma warning restore RS0030
        var bytes = new byte[text.Length];
        try
        {
            var encoded = text.StartsWith(KeyPrefix, StringComparison.Ordinal) ? text[KeyPrefix.Length..] : text;
            return Convert.TryFromBase64String(encoded, bytes, out var length) && length >= ShortestKey
                ? Convert.ToBase64String(HMACSHA256.HashData(bytes.AsSpan(0, length), signed))
                : throw new UsageException(
                    $"The key of {receiver.Name} is no key of a webhook.",
                    "Write whsec_ and at least 24 bytes in base64 into the vault: echo \"whsec_$(openssl rand -base64 32)\"");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
