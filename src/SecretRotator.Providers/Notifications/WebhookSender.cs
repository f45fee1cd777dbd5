using System.Security.Cryptography;
using SecretRotator.Notifications;

namespace SecretRotator.Providers.Notifications;

/// <summary>
/// Sends the documented JSON, signed as Standard Webhooks describe it: HMAC-SHA256 over id, time and body
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
/// </summary>
internal sealed class WebhookSender(
    Func<CancellationToken, Task<ReceiverUrl>> url, Func<CancellationToken, Task<SecretValue>> key, ReceiverHttp http) : INotificationSender
{
    private const string KeyPrefix = "whsec_";

    // The specification asks for 24 to 64 bytes.
    private const int ShortestKey = 24;

    /// <inheritdoc />
    public async Task<string> SendAsync(Notification notification, CancellationToken cancellation)
    {
        var to = await url(cancellation);
        var json = JsonSerializer.SerializeToUtf8Bytes(
            new NotificationJson(notification), NotificationContext.Default.NotificationJson);
        var at = notification.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var secret = await key(cancellation);
        return await http.SendAsync(
            to,
            json,
            [
                ("webhook-id", notification.Id),
                ("webhook-timestamp", at),
                ("webhook-signature", $"v1,{Signature(secret, to, [.. Encoding.UTF8.GetBytes($"{notification.Id}.{at}."), .. json])}"),
            ],
            cancellation);
    }

    private static string Signature(SecretValue key, ReceiverUrl to, byte[] signed)
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
                    $"The key of {to.Receiver.Name} is no key of a webhook.",
                    "Write whsec_ and at least 24 bytes in base64 into the vault: echo \"whsec_$(openssl rand -base64 32)\"");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
